"""A simulated network with requests for payment, and with what the bank says of money that was brought to it …"""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from apps.kernel.money import Money
from apps.rails.domain.messages import (
    CancellationRequest,
    CreditTransfer,
    Message,
    Original,
    PaymentRequest,
    PaymentRequestAnswer,
    PaymentReturn,
    RecallAnswer,
    StatusReport,
    StatusRequest,
)
from apps.rails.iso20022.codec import original_of
from tests.integration.rails.played import Played, a_recall
from tests.support.rails import END_TO_END, NOW, OURS, THEIRS, a_request, a_status, a_transfer

MONEY = b'{"amount": {"value": "25.00", "currency": "USD"}, "creditor": {"account": "acc_1"}}'
DINNER = b'{"amount": {"value": "25.00", "currency": "USD"}, "debtor": {"account": "acc_1"}}'
ASKED = a_request(expires_at=NOW + timedelta(days=9_999))


def taking_back(request: PaymentRequest, number: int = 1) -> CancellationRequest:
    about = original_of(request)
    banks = (OURS, THEIRS)
    return CancellationRequest(
        f"cxl{number}", NOW, *banks, "case1", about, request.amount, reason="CUST"
    )


def answers(zelle: Played) -> list[tuple[str, str | None]]:
    return [(each.answer, each.reason) for each in zelle.said() if isinstance(each, RecallAnswer)]


def position(played: Played) -> dict[str, int]:
    found: dict[str, int] = played.ask("GET", "sandbox/instructions").content["position_minor"]
    return found


def brought(played: Played) -> Any:
    """A payment that came to the bank just now."""
    assert played.ask("POST", "sandbox/payments", MONEY).status == 201
    return next(each for each in played.said() if isinstance(each, CreditTransfer))


def giving_back(about: Original) -> PaymentReturn:
    return PaymentReturn("ret1", NOW, "ret1", about, Money(2500, "USD"), "FOCR")


def test_lets_a_request_go_that_is_taken_back(zelle: Played) -> None:
    zelle.takes(ASKED)

    zelle.takes(taking_back(ASKED))
    zelle.takes(taking_back(ASKED, 2))

    answer = zelle.said()[-1]
    assert answers(zelle) == [("CNCL", None)] * 2
    assert (answer.original, answer.case_id) == (original_of(ASKED), "case1")
    path = f"sandbox/requests/{ASKED.end_to_end_id}/answers"
    assert zelle.ask("POST", path, b'{"status": "ACTC"}').status == 422
    assert not any(isinstance(each, CreditTransfer) for each in zelle.said())


@pytest.mark.parametrize(
    ("request_made", "reason"),
    [
        (replace(ASKED, reference="SIM-PAY"), "ALAC"),
        (replace(ASKED, reference="SIM-AM04"), "ARFR"),
        (replace(ASKED, expires_at=NOW - timedelta(days=9_999)), "AEXR"),
        (replace(ASKED, reference="SIM-CANCEL-REFUSED"), "NARR"),
        (None, "NOOR"),
    ],
)
def test_keeps_a_request_for_a_reason(
    zelle: Played, request_made: PaymentRequest | None, reason: str
) -> None:
    if request_made is not None:
        zelle.takes(request_made)

    zelle.takes(taking_back(request_made or ASKED))

    assert answers(zelle) == [("RJCR", reason)]


def test_does_not_hear_that_a_request_is_taken_back(zelle: Played) -> None:
    silent = replace(ASKED, reference="SIM-CANCEL-SILENT")
    zelle.takes(silent)

    zelle.takes(taking_back(silent))

    assert answers(zelle) == []
    assert zelle.instruction()["status"] == "PRES"


@pytest.mark.parametrize("reference", ["SIM-BROKEN-PROMISE", "SIM-NO-ANSWER"])
def test_only_promises(zelle: Played, reference: str) -> None:
    promised = replace(ASKED, reference=reference)
    zelle.takes(promised)

    path = f"sandbox/requests/{promised.end_to_end_id}/answers"
    assert zelle.ask("POST", path, b'{"status": "ACTC"}').status == 200

    assert not any(isinstance(each, CreditTransfer) for each in zelle.said())


def test_takes_no_cancellation_where_there_are_no_requests(interfi: Played) -> None:
    assert interfi.takes(taking_back(ASKED)) == 422


@pytest.mark.parametrize(
    ("status", "minor"),
    [("ACCC", 2500), ("ACWP", 2500), ("BLCK", 2500), ("PDNG", None), ("RJCT", None)],
)
def test_counts_what_the_bank_took_from_the_first_word_that_says_so(
    zelle: Played, status: str, minor: int | None
) -> None:
    payment = brought(zelle)

    zelle.takes(a_status(status, original=original_of(payment)))

    assert position(zelle).get("USD") == minor


@pytest.mark.parametrize("last", ["ACCC", "BLCK", "RJCT"])
def test_money_in_suspense_stays_taken_until_it_is_returned(zelle: Played, last: str) -> None:
    about = original_of(brought(zelle))
    zelle.takes(a_status("ACWP", original=about))
    zelle.takes(a_status(last, original=about, message_id="sts2"))
    assert position(zelle) == {"USD": 2500}
    assert zelle.instruction()["status"] == last

    zelle.takes(giving_back(about))

    assert position(zelle) == {}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_says_the_same_of_a_payment_in_whatever_order_the_banks_words_come(
    zelle: Played, order: tuple[int, ...]
) -> None:
    """It was taken into suspense, refused by a person and given back."""
    about = original_of(brought(zelle))
    words: list[Message] = [
        a_status("ACWP", original=about),
        a_status("RJCT", original=about, message_id="sts2", reason="RR04"),
        giving_back(about),
    ]

    for number in order:
        zelle.takes(words[number])

    row = zelle.instruction()
    assert (row["status"], row["executed"], row["returned"]) == ("RJCT", 1, 1)
    assert position(zelle) == {}


@pytest.mark.parametrize(
    ("said", "shown"),
    [(["RCVD", "PRES", "ACTC"], "ACTC"), (["PRES", "RJCT"], "RJCT"), (["RJCT", "RCVD"], "RJCT")],
)
def test_hears_what_becomes_of_a_request_of_its_own(
    zelle: Played, said: list[str], shown: str
) -> None:
    zelle.ask("POST", "sandbox/requests", DINNER)
    about = original_of(zelle.said()[0])

    for status in said:
        zelle.takes(PaymentRequestAnswer(f"rsp{status}", NOW, "Our Bank", about, status))

    assert (zelle.instruction()["kind"], zelle.instruction()["status"]) == ("request", shown)
    assert position(zelle) == {}


def test_is_paid_a_request_by_a_payment_with_its_end_to_end_id(zelle: Played) -> None:
    zelle.ask("POST", "sandbox/requests", DINNER)
    request = zelle.said()[0]
    about = original_of(request)
    zelle.takes(PaymentRequestAnswer("rsp1", NOW, "Our Bank", about, "ACTC"))
    end_to_end_id, amount = request.end_to_end_id, request.amount

    zelle.takes(a_transfer(end_to_end_id=end_to_end_id, amount=amount))
    zelle.takes(PaymentRequestAnswer("rsp2", NOW, "Our Bank", about, "PRES"))  # late

    payment, asked = (zelle.instruction(number) for number in (0, 1))
    assert [(each["kind"], each["direction"]) for each in (payment, asked)] == [
        ("payment", "out"),
        ("request", "in"),
    ]
    assert (payment["executed"], payment["status"]) == (1, "ACSC")
    assert (asked["executed"], asked["status"]) == (1, "ACSC")
    assert position(zelle) == {"USD": -2500}
    assert [each for each in zelle.said() if isinstance(each, StatusReport)][-1].status == "ACSC"


def test_is_not_paid_a_request_by_a_payment_that_it_rejects(zelle: Played) -> None:
    zelle.ask("POST", "sandbox/requests", DINNER)
    end_to_end_id = zelle.said()[0].end_to_end_id

    zelle.takes(a_transfer(end_to_end_id=end_to_end_id, reference="SIM-AC04"))

    assert zelle.instruction(1)["executed"] == 0
    assert position(zelle) == {}


def test_knows_a_request_of_the_bank_as_paid_when_the_bank_took_the_money(zelle: Played) -> None:
    zelle.takes(replace(ASKED, reference="SIM-PAY"))
    payment = next(each for each in zelle.said() if isinstance(each, CreditTransfer))
    assert zelle.instruction(1)["executed"] == 0

    zelle.takes(a_status("ACCC", original=original_of(payment)))

    assert (zelle.instruction(1)["kind"], zelle.instruction(1)["executed"]) == ("request", 1)
    assert position(zelle) == {"USD": 4500}


def test_refuses_a_recall_of_money_that_it_brought_itself(zelle: Played) -> None:
    payment = brought(zelle)
    zelle.takes(a_status("ACCC", original=original_of(payment)))

    zelle.takes(a_recall(payment))

    assert answers(zelle) == [("RJCR", "NOOR")]
    assert position(zelle) == {"USD": 2500}


def test_asks_what_became_of_a_payment(zelle: Played) -> None:
    payment = brought(zelle)
    body = b'{"end_to_end_id": "%s"}' % payment.end_to_end_id.encode()

    assert zelle.ask("POST", "sandbox/enquiries", body).status == 201
    unknown = b'{"end_to_end_id": "%s"}' % END_TO_END.encode()
    assert zelle.ask("POST", "sandbox/enquiries", unknown).status == 404

    asked = zelle.said()[-1]
    assert isinstance(asked, StatusRequest)
    assert asked.original == original_of(payment)


@pytest.mark.parametrize(("answer", "status"), [("CNCL", "CANC"), ("RJCR", "PDNG")])
def test_takes_a_request_of_theirs_back_by_the_bank_s_leave(
    zelle: Played, answer: str, status: str
) -> None:
    body = b'{"amount": {"value": "9.00", "currency": "USD"}, "debtor": {"alias": "email:a@b.c"}}'
    asked = zelle.ask("POST", "sandbox/requests", body).content["end_to_end_id"]

    assert zelle.ask("POST", f"sandbox/requests/{asked}/cancellations", b"{}").status == 201
    question = zelle.said()[-1]
    assert isinstance(question, CancellationRequest)
    told = RecallAnswer(
        "ans1", NOW, OURS, question.from_bank, question.case_id, question.original, answer
    )
    zelle.takes(told)

    assert question.original.end_to_end_id == asked
    assert zelle.instruction()["status"] == status
