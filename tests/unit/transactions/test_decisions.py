"""What the facts make of a payment: paid, rejected, held, waiting; and the money that goes with it."""

from typing import Any

import pytest

from apps.ledger.domain.entry import Entry
from apps.transactions.domain.apply import Applied, apply
from apps.transactions.domain.event import Event
from apps.transactions.domain.facts import NOTHING_KNOWN
from apps.transactions.domain.limits import Limits, Usage
from apps.transactions.domain.order import Order
from tests.support.core import (
    DUPLICATE,
    ELSEWHERE,
    HOLDS,
    LATER,
    NOW,
    a_recipient,
    an_account,
    an_order,
    answered,
    asked,
    assessed,
    claimed,
    due,
    facts,
    facts_of,
    statuses_of,
    unprocessable,
)

REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "sender suspended": ({"customer_status": "SUSPENDED"}, "AG01"),
    "sending switched off": ({"sending_is_on": False}, "AG01"),
    "sender unknown": ({"customer_status": None}, "AG01"),
    "account unknown": ({"debtor": None}, "AC01"),
    "account of another": ({"debtor": an_account(customer="cus_eve")}, "AC01"),
    "account internal": ({"debtor": an_account(customer=None)}, "AC01"),
    "account closed": ({"debtor": an_account(status="CLOSED")}, "AC04"),
    "account in euros": ({"debtor": an_account(currency="EUR")}, "AM03"),
    "payee removed": ({"payee_status": "REMOVED"}, "AG01"),
    "payee suspended": ({"payee_status": "SUSPENDED"}, "AG01"),
    "payee unknown": ({"payee_status": None}, "AG01"),
}


def _applied(order: Order, event: Event, **surroundings: Any) -> Applied:
    result = apply(order, event, facts_of(order, **surroundings), LATER)
    assert isinstance(result, Applied), result
    return result


def _lines(entry: Entry) -> list[tuple[str, str, int]]:
    return sorted((line["account"], line["layer"], line["amount_minor"]) for line in entry["lines"])


def test_a_payment_between_our_own_is_complete_at_once() -> None:
    result = _applied(an_order(), assessed())

    order = result.order
    assert statuses_of(order) == ["RECEIVED", "VALIDATED", "FUNDED", "COMPLETED"]
    assert (order["iso_status"], order["final"], order["reason"]) == ("ACCC", True, None)
    assert order["creditor"] == {"customer": "cus_bob", "account": "acc_bob"}
    assert order["limit_day"] == "2026-12-07"
    assert [(entry["_id"], entry["kind"]) for entry in result.entries] == [("ord_1:4", "transfer")]
    assert _lines(result.entries[0]) == [
        ("acc_ann", "posted", -1_000),
        ("acc_bob", "posted", 1_000),
    ]
    assert [(use.amount_minor, use.count, use.day) for use in result.usage] == [
        (1_000, 1, "2026-12-07")
    ]


@pytest.mark.parametrize("name", REFUSALS)
def test_is_rejected_before_anything_is_written(name: str) -> None:
    surroundings, reason = REFUSALS[name]

    result = _applied(an_order(), assessed(), **surroundings)

    assert statuses_of(result.order) == ["RECEIVED", "REJECTED"]
    assert (result.order["reason"], result.order["final"]) == (reason, True)
    assert result.order["limit_day"] is None
    assert (result.entries, result.usage) == ([], [])


@pytest.mark.parametrize(
    ("status", "detail"),
    [("SUSPENDED", "the payee is suspended"), ("REMOVED", "the payee was removed")],
)
def test_says_what_is_wrong_with_the_payee(status: str, detail: str) -> None:
    result = _applied(an_order(), assessed(), payee_status=status)

    assert result.order["history"][-1]["detail"] == detail


def test_is_rejected_when_the_payee_has_nothing_to_pay_to() -> None:
    result = _applied(an_order(alias_key=None), assessed(), recipient=None)

    assert (result.order["status"], result.order["reason"]) == ("REJECTED", "AC01")


@pytest.mark.parametrize(
    ("limits", "detail"),
    [
        (Limits(order_minor=999, day_minor=9_999, day_count=9), "over the limit for one order"),
        (Limits(order_minor=9_999, day_minor=1_499, day_count=9), "over the limit for one day"),
        (Limits(order_minor=9_999, day_minor=9_999, day_count=2), "over the number of orders"),
    ],
)
def test_over_a_limit_is_rejected_and_never_held(limits: Limits, detail: str) -> None:
    used = Usage(500, 2)

    result = _applied(an_order(), assessed("ord_1", DUPLICATE), limits=limits, usage=used)

    step = result.order["history"][-1]
    assert (step["status"], step["reason"]) == ("REJECTED", "AM14")
    assert (step["detail"] or "").startswith(detail)
    assert (result.entries, result.usage) == ([], [])


def test_exactly_the_available_funds_are_enough() -> None:
    debtor = an_account(posted_minor=1_500, held_minor=500)

    result = _applied(an_order(), assessed(), debtor=debtor)

    assert result.order["status"] == "COMPLETED"


def test_one_cent_too_little_is_rejected_and_gives_the_limit_back() -> None:
    debtor = an_account(posted_minor=1_499, held_minor=500)

    result = _applied(an_order(), assessed(), debtor=debtor)

    assert statuses_of(result.order) == ["RECEIVED", "VALIDATED", "REJECTED"]
    assert (result.order["reason"], result.order["limit_day"]) == ("AM04", None)
    assert result.entries == []
    assert [(use.amount_minor, use.count) for use in result.usage] == [(1_000, 1), (-1_000, -1)]


@pytest.mark.parametrize(
    ("recipient", "reason"),
    [
        (a_recipient(status="UNENROLLED"), "AG01"),
        (a_recipient(currency="EUR"), "AM03"),
        (a_recipient(account_id="acc_ann", customer="cus_ann"), "AG01"),
    ],
    ids=["not active", "another currency", "the sender's own account"],
)
def test_for_a_recipient_who_can_not_be_paid_no_money_is_set_aside(
    recipient: Any, reason: str
) -> None:
    result = _applied(an_order(), assessed(), recipient=recipient)

    assert statuses_of(result.order) == ["RECEIVED", "VALIDATED", "FUNDED", "REJECTED"]
    assert (result.order["reason"], result.order["creditor"]) == (reason, None)
    assert result.entries == []
    assert sum(use.amount_minor for use in result.usage) == 0


def test_a_closed_account_of_the_recipient_frees_the_money() -> None:
    closed = an_account("acc_bob", customer="cus_bob", status="CLOSED")
    recipient = a_recipient()
    recipient = type(recipient)(recipient.customer, recipient.customer_status, closed)

    result = _applied(an_order(), assessed(), recipient=recipient)

    assert (result.order["status"], result.order["reason"]) == ("REJECTED", "AC04")


def test_an_alias_nobody_owns_waits_with_the_money_set_aside() -> None:
    result = _applied(an_order(), assessed(), recipient=None)

    order = result.order
    assert (order["status"], order["iso_status"], order["final"]) == (
        *("AWAITING_CLAIM", "PDNG"),
        False,
    )
    assert order["due_at"] is not None
    assert (order["due_at"] - LATER).days == 14
    assert order["due_event"] == "claim_expired"
    assert [entry["kind"] for entry in result.entries] == ["hold"]
    assert _lines(result.entries[0]) == [("acc_ann", "held", 1_000), (HOLDS, "held", -1_000)]


def test_a_claim_pays_what_waited() -> None:
    result = _applied(an_order("AWAITING_CLAIM"), claimed())

    assert _lines(result.entries[0]) == [
        ("acc_ann", "held", -1_000),
        ("acc_ann", "posted", -1_000),
        ("acc_bob", "posted", 1_000),
        (HOLDS, "held", 1_000),
    ]
    assert result.order["history"][-1]["actor"] == {"kind": "recipient", "id": "cus_bob"}
    assert [entry["kind"] for entry in result.entries] == ["capture"]
    assert result.order["limit_day"] == NOW.strftime("%Y-%m-%d")
    assert (result.usage, result.order["due_at"]) == ([], None)


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (asked("cancel", by="customer"), "CANCELLED"),
        (asked("cancel", by="operator"), "CANCELLED"),
        (due("claim_expired"), "EXPIRED"),
    ],
)
def test_the_end_of_waiting_frees_money_and_limit(event: Event, status: str) -> None:
    result = _applied(an_order("AWAITING_CLAIM"), event)

    assert result.order["status"] == status
    assert (result.order["limit_day"], result.order["due_at"]) == (None, None)
    assert [(entry["_id"], entry["kind"]) for entry in result.entries] == [("ord_1:5", "void")]
    assert [(use.amount_minor, use.count, use.day) for use in result.usage] == [
        (-1_000, -1, "2026-11-22")
    ]


def test_an_alias_of_another_bank_goes_to_the_network() -> None:
    sent = _applied(an_order(), assessed(), recipient=ELSEWHERE)
    paid = _applied(sent.order, answered(accepted=True))

    assert sent.order["status"] == "SUBMITTED"
    assert paid.order["status"] == "COMPLETED"
    assert ("acc_int_settlement_zelle_USD", "posted", 1_000) in _lines(paid.entries[0])


def test_a_rejection_of_the_network_keeps_its_reason() -> None:
    result = _applied(an_order("INVESTIGATE"), answered(accepted=False, reason="AC06"))

    assert (result.order["status"], result.order["reason"]) == ("REJECTED", "AC06")
    assert [entry["kind"] for entry in result.entries] == ["void"]


def test_a_suspicion_only_makes_it_wait() -> None:
    result = _applied(an_order(), assessed("ord_1", DUPLICATE))

    step = result.order["history"][-1]
    assert (step["status"], step["reason"]) == ("HELD", "AM05")
    assert "ord_0" in (step["detail"] or "")
    assert (result.entries, len(result.usage)) == ([], 1)


@pytest.mark.parametrize("name", REFUSALS)
def test_a_release_looks_at_the_sender_again(name: str) -> None:
    surroundings, reason = REFUSALS[name]

    result = _applied(an_order("HELD"), asked("release", by="operator"), **surroundings)

    assert (result.order["status"], result.order["reason"]) == ("REJECTED", reason)
    assert result.entries == []
    assert [use.count for use in result.usage] == [-1]


def test_a_release_without_funds_is_a_rejection() -> None:
    poor = an_account(posted_minor=999)

    result = _applied(an_order("HELD"), asked("release", by="operator"), debtor=poor)

    assert (result.order["status"], result.order["reason"]) == ("REJECTED", "AM04")


def test_what_was_held_unchecked_is_checked_on_release() -> None:
    held = _applied(an_order(), unprocessable()).order

    released = _applied(held, asked("release", by="operator"))

    assert statuses_of(released.order) == [
        *("RECEIVED", "HELD", "VALIDATED", "FUNDED", "COMPLETED")
    ]
    assert [use.count for use in released.usage] == [1]


@pytest.mark.parametrize(
    ("surroundings", "reason"),
    [
        ({"usage": Usage(100_000_000, 1)}, "AM14"),
        ({"debtor": an_account(currency="EUR")}, "AM03"),
    ],
)
def test_what_was_held_unchecked_can_still_be_refused(
    surroundings: dict[str, Any], reason: str
) -> None:
    held = _applied(an_order(), unprocessable()).order

    released = _applied(held, asked("release", by="compliance"), **surroundings)

    assert statuses_of(released.order) == ["RECEIVED", "HELD", "REJECTED"]
    assert released.order["reason"] == reason
    assert (released.entries, released.usage) == ([], [])


def test_an_order_can_be_held_when_nothing_is_known() -> None:
    result = apply(an_order(), unprocessable(), NOTHING_KNOWN, LATER)

    assert isinstance(result, Applied)
    assert (result.order["status"], result.order["reason"]) == ("HELD", "NARR")
    assert (result.entries, result.usage) == ([], [])


def test_nothing_else_is_possible_when_nothing_is_known() -> None:
    result = apply(an_order(), assessed(), NOTHING_KNOWN, LATER)

    assert isinstance(result, Applied)
    assert (result.order["status"], result.entries) == ("REJECTED", [])


def test_facts_of_a_payment_that_goes_through_are_the_default() -> None:
    assert apply(an_order(), assessed(), facts(), LATER) == _applied(an_order(), assessed())
