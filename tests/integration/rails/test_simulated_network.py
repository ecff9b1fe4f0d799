"""A simulated network, on its file …"""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps.kernel.money import Money
from apps.rails.domain.messages import (
    CreditTransfer,
    PaymentRequest,
    PaymentRequestAnswer,
    PaymentReturn,
    RecallAnswer,
    RecallRequest,
    StatusReport,
)
from apps.rails.iso20022.codec import original_of
from apps.rails.simulators.control import Control
from apps.rails.simulators.doors import Doors
from apps.rails.simulators.far_side import DAY_SECONDS, FAR_SIDES
from apps.rails.simulators.network import SimulatedNetwork
from apps.rails.simulators.store import Store
from tests.integration.rails.played import Played, a_recall, asks_status
from tests.support.rails import ANN, BOB, NOW, OURS, a_request, a_status, a_transfer


def test_executes_an_instruction_and_reports_it_settled(zelle: Played) -> None:
    assert zelle.takes(a_transfer()) == 202

    (answer,) = zelle.said()
    assert isinstance(answer, StatusReport)
    assert (answer.status, answer.original) == ("ACSC", original_of(a_transfer()))
    assert zelle.instruction()["executed"] == 1


def test_takes_the_same_message_again_and_does_nothing_more(zelle: Played) -> None:
    zelle.takes(a_transfer())

    assert zelle.takes(a_transfer()) == 200

    assert len(zelle.said()) == 1
    assert zelle.ask("GET", "sandbox/instructions").content["received"] == {"msg1": 2}


def test_executes_one_end_to_end_id_once_under_whatever_message_id(zelle: Played) -> None:
    zelle.takes(a_transfer())

    zelle.takes(a_transfer(message_id="msg2"))

    assert zelle.statuses() == [("ACSC", None), ("RJCT", "AM05")]
    assert zelle.ask("GET", "sandbox/instructions").content["position_minor"] == {"USD": -1234}


def test_refuses_another_message_under_a_known_id(zelle: Played) -> None:
    zelle.takes(a_transfer())

    assert zelle.takes(a_transfer(reference="changed")) == 409


@pytest.mark.parametrize("body", [b"", b"<Document/>", b"\xff"])
def test_refuses_what_is_no_message(zelle: Played, body: bytes) -> None:
    assert zelle.ask("POST", "messages", body).status == 400
    assert zelle.said() == []


def test_refuses_a_message_that_it_does_not_carry(interfi: Played) -> None:
    assert interfi.takes(a_request()) == 422


@pytest.mark.parametrize("code", ["AC04", "AM09", "AG01"])
def test_rejects_with_the_code_that_the_reference_asks_for(zelle: Played, code: str) -> None:
    zelle.takes(a_transfer(reference=f"Rent SIM-{code}"))

    assert zelle.statuses() == [("RJCT", code)]
    assert zelle.instruction()["executed"] == 0


def test_answers_a_duplicate_three_times_with_two_ids(zelle: Played) -> None:
    zelle.takes(a_transfer(reference="SIM-DUPLICATE-ANSWER"))

    first, again, other = zelle.said()
    assert first == again
    assert replace(other, message_id=first.message_id) == first
    assert other.message_id != first.message_id


@pytest.mark.parametrize(
    ("reference", "meanwhile", "seconds"),
    [("SIM-TIMEOUT-30", "PDNG", 30), ("SIM-LATE-ANSWER", "ACSC", 60)],
)
def test_answers_late_and_a_status_request_before(
    zelle: Played, reference: str, meanwhile: str, seconds: int
) -> None:
    payment = a_transfer(reference=reference)
    zelle.takes(payment)
    assert zelle.statuses() == []

    zelle.takes(asks_status(payment))
    assert zelle.statuses() == [(meanwhile, None)]

    zelle.store.advance(seconds)
    assert zelle.statuses() == [(meanwhile, None), ("ACSC", None)]
    assert zelle.instruction()["executed"] == 1


@pytest.mark.parametrize(
    ("reference", "executed", "status"),
    [
        ("SIM-NO-ANSWER", 1, ("ACSC", None)),
        ("SIM-LOST", 0, ("RJCT", "AG09")),
        ("SIM-STUCK", 0, ("PDNG", None)),
        ("SIM-GARBLED", 1, ("ACSC", None)),
    ],
)
def test_tells_the_truth_only_when_it_is_asked_for_it(
    zelle: Played, reference: str, executed: int, status: tuple[str, str | None]
) -> None:
    payment = a_transfer(reference=reference)
    zelle.takes(payment)
    zelle.store.advance(DAY_SECONDS)
    assert zelle.statuses() == []
    assert len(zelle.said()) == (reference == "SIM-GARBLED")

    zelle.takes(asks_status(payment))

    assert zelle.statuses() == [status]
    assert zelle.instruction()["executed"] == executed


def test_knows_nothing_of_a_payment_that_never_came(zelle: Played) -> None:
    zelle.takes(asks_status(a_transfer()))

    assert zelle.statuses() == [("RJCT", "AG09")]


def test_returns_what_it_accepted(zelle: Played) -> None:
    zelle.takes(a_transfer(reference="SIM-RETURN-FOCR"))
    assert zelle.statuses() == [("ACSC", None)]

    zelle.store.advance(5)

    back = zelle.said()[-1]
    assert isinstance(back, PaymentReturn)
    assert (back.reason, back.amount) == ("FOCR", a_transfer().amount)


def test_returns_half_of_what_it_accepted_and_counts_the_rest(zelle: Played) -> None:
    zelle.takes(a_transfer(amount=Money(1235, "USD"), reference="SIM-RETURN-PART-FOCR"))

    zelle.store.advance(5)

    back = zelle.said()[-1]
    assert isinstance(back, PaymentReturn)
    assert (back.reason, back.amount) == ("FOCR", Money(617, "USD"))
    known: dict[str, Any] = zelle.ask("GET", "sandbox/instructions").content
    assert known["position_minor"] == {"USD": -618}


def test_counts_the_rest_of_what_the_bank_returns_in_part(zelle: Played) -> None:
    brought = a_transfer(amount=Money(1235, "USD"), debtor=BOB, creditor=ANN)
    zelle.network.bring(brought)
    zelle.takes(a_status("ACCC", original=original_of(brought)))

    back = PaymentReturn("ret1", NOW, "ret1", original_of(brought), Money(235, "USD"), "FOCR")
    answers = [zelle.takes(back), zelle.takes(back)]

    known: dict[str, Any] = zelle.ask("GET", "sandbox/instructions").content
    assert (answers, known["position_minor"]) == ([202, 200], {"USD": 1000})


def test_knows_what_an_earlier_build_returned(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    old = sqlite3.connect(path)
    old.executescript(
        "CREATE TABLE instructions (end_to_end_id TEXT, kind TEXT, amount_minor INTEGER,"
        " returned INTEGER DEFAULT 0, PRIMARY KEY (end_to_end_id, kind));"
        "INSERT INTO instructions VALUES ('e1', 'payment', 500, 1), ('e2', 'payment', 700, 0);"
    )
    old.close()

    store = Store(path)
    rows = store.all("SELECT returned_minor FROM instructions ORDER BY end_to_end_id")
    store.close()

    assert rows == [{"returned_minor": 500}, {"returned_minor": 0}]


def test_pays_back_what_is_recalled_once(zelle: Played) -> None:
    payment = a_transfer()
    zelle.takes(payment)

    zelle.takes(a_recall(payment))
    zelle.takes(replace(a_recall(payment), message_id="rec2"))
    zelle.store.advance(5)

    answers = [each.answer for each in zelle.said() if isinstance(each, RecallAnswer)]
    assert answers == ["PDCR", "RJCR", "IPAY"]
    assert [each.reason for each in zelle.said() if isinstance(each, PaymentReturn)] == ["FOCR"]


def test_never_decides_about_a_recall_when_it_is_to_stay_silent(zelle: Played) -> None:
    payment = a_transfer(reference="SIM-RECALL-SILENT")
    zelle.takes(payment)

    zelle.takes(a_recall(payment))
    zelle.store.advance(DAY_SECONDS)

    answers = [each.answer for each in zelle.said() if isinstance(each, RecallAnswer)]
    assert answers == ["PDCR"]
    assert zelle.instruction()["returned"] == 0


@pytest.mark.parametrize(
    ("reference", "reason"), [("SIM-RECALL-REFUSED", "CUST"), ("SIM-AC04", "ARDT")]
)
def test_refuses_a_recall(zelle: Played, reference: str, reason: str) -> None:
    payment = a_transfer(reference=reference)
    zelle.takes(payment)

    zelle.takes(a_recall(payment))

    answer = zelle.said()[-1]
    assert isinstance(answer, RecallAnswer)
    assert (answer.answer, answer.reason) == ("RJCR", reason)


def test_settles_interfi_within_three_business_days(interfi: Played) -> None:
    interfi.takes(a_transfer())
    assert interfi.statuses() == [("ACSP", None)]

    interfi.store.advance(5 * DAY_SECONDS)

    assert interfi.statuses() == [("ACSP", None), ("ACSC", None)]


def test_settles_interfi_faster_when_days_are_short(tmp_path: Path) -> None:
    played = Played("interfi", tmp_path / "fast.sqlite3", day_seconds=2)
    played.takes(a_transfer())
    played.store.advance(6)

    assert played.statuses() == [("ACSP", None), ("ACSC", None)]
    played.store.close()


def test_presents_a_request_and_pays_when_the_payer_accepts(zelle: Played) -> None:
    zelle.takes(a_request())
    (presented,) = zelle.said()
    assert isinstance(presented, PaymentRequestAnswer)
    assert presented.status == "PRES"

    path = f"sandbox/requests/{a_request().end_to_end_id}/answers"
    for _ in range(2):
        assert zelle.ask("POST", path, b'{"status": "ACTC"}').status == 200

    payments = [each for each in zelle.said() if isinstance(each, CreditTransfer)]
    assert [(each.end_to_end_id, each.amount) for each in payments] == [
        (a_request().end_to_end_id, a_request().amount)
    ]


@pytest.mark.parametrize(
    ("reference", "kinds"),
    [
        ("SIM-PAY", ["pain.014 ACTC", "pacs.008"]),
        ("SIM-BROKEN-PROMISE", ["pain.014 ACTC"]),
        ("SIM-AM04", ["pain.014 RJCT"]),
    ],
)
def test_answers_a_request_as_its_reference_asks(
    zelle: Played, reference: str, kinds: list[str]
) -> None:
    zelle.takes(a_request(reference=reference))

    said = [f"{each.TYPE} {getattr(each, 'status', '')}".strip() for each in zelle.said()]

    assert said == kinds


def test_brings_what_a_sandbox_injects_and_hears_what_the_bank_says(zelle: Played) -> None:
    content = b'{"amount": {"value": "25.00", "currency": "USD"}, "creditor": {"alias": "email:ann@example.com"}}'
    sent = zelle.ask("POST", "sandbox/payments", content)
    assert sent.status == 201
    (payment,) = zelle.said()
    assert isinstance(payment, CreditTransfer)
    assert (payment.creditor.alias, payment.creditor.bank) == ("email:ann@example.com", OURS)

    zelle.takes(a_status("ACCC", original=original_of(payment)))
    recalled = b'{"end_to_end_id": "%s"}' % payment.end_to_end_id.encode()
    assert zelle.ask("POST", "sandbox/recalls", recalled).status == 201

    assert zelle.ask("GET", "sandbox/instructions").content["position_minor"] == {"USD": 2500}
    recall = zelle.said()[-1]
    assert isinstance(recall, RecallRequest)
    assert recall.original == original_of(payment)


def test_brings_a_request_for_payment(zelle: Played, interfi: Played) -> None:
    content = b'{"amount": {"value": "5.00", "currency": "USD"}, "debtor": {"account": "acc_1"}}'

    assert zelle.ask("POST", "sandbox/requests", content).status == 201
    assert interfi.ask("POST", "sandbox/requests", content).status == 422

    (request,) = zelle.said()
    assert isinstance(request, PaymentRequest)
    assert interfi.said() == []


@pytest.mark.parametrize(
    ("status", "path", "content"),
    [
        (422, "sandbox/payments", b"{}"),
        (422, "sandbox/payments", b'{"amount": {"value": "5", "currency": "USD"}}'),
        (422, "sandbox/payments", b'{"amount": {"value": "5.00", "currency": "USD"}}'),
        (400, "sandbox/payments", b"nonsense"),
        (400, "sandbox/payments", b"[]"),
        (404, "sandbox/recalls", b'{"end_to_end_id": "x"}'),
        (400, "sandbox/recalls", b"{}"),
        (422, "sandbox/clock/advance", b'{"seconds": -1}'),
        (404, "sandbox/requests/x/answers", b'{"status": "ACTC"}'),
        (404, "nowhere", b""),
    ],
)
def test_refuses_orders_that_it_does_not_understand(
    zelle: Played, status: int, path: str, content: bytes
) -> None:
    assert zelle.ask("POST", path, content).status == status
    assert zelle.said() == []


def test_knows_which_bank_serves_an_alias_until_it_moves(zelle: Played, interfi: Played) -> None:
    found = zelle.ask("GET", "aliases/email:olive@other-bank.example")
    assert found.content["bank_name"] == "Other Bank"
    assert zelle.ask("GET", "aliases/phone:+12025550199").status == 200
    assert zelle.ask("GET", "aliases/email:ann@example.com").status == 404
    assert interfi.ask("GET", "aliases/email:olive@other-bank.example").status == 404

    moved = b'{"bank": "999999918", "bank_name": "Third Bank"}'
    zelle.ask("PUT", "sandbox/aliases/email:ann@example.com", moved)

    assert zelle.ask("GET", "aliases/email:ann@example.com").content["bank"] == "999999918"


def test_proves_an_account_by_the_deposits_that_its_owner_sees(interfi: Played) -> None:
    opened = b'{"link": "lnk_1", "routing_number": "999999905", "account_number": "12345678"}'
    for _ in range(2):
        assert interfi.ask("POST", "links", opened).content["state"] == "PENDING"

    wrong = interfi.ask("POST", "links/lnk_1/proofs", b'{"deposits_minor": [0, 0]}')
    assert (wrong.content["state"], wrong.content["tries_left"]) == ("PENDING", 9)
    seen = interfi.ask("GET", "sandbox/links/lnk_1").content["deposits_minor"]
    body = b'{"deposits_minor": [%d, %d]}' % tuple(seen)

    assert interfi.ask("POST", "links/lnk_1/proofs", body).content["state"] == "VERIFIED"
    assert interfi.ask("POST", "links/lnk_2/proofs", body).status == 404


def test_goes_on_where_it_was(zelle: Played, tmp_path: Path) -> None:
    zelle.takes(a_transfer(reference="SIM-TIMEOUT-30"))
    zelle.store.advance(10)
    zelle.store.close()

    zelle.store = again = Store(tmp_path / "zelle.sqlite3")
    network = SimulatedNetwork(FAR_SIDES["zelle"], again, day_seconds=DAY_SECONDS)
    zelle.doors = Doors(network, Control(network, our_bank=OURS))

    assert zelle.takes(a_transfer(reference="SIM-TIMEOUT-30")) == 200
    again.advance(20)
    assert zelle.statuses() == [("ACSC", None)]
