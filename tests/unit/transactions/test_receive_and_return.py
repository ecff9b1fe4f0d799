"""Receive orders and returns: every event in every status goes its way or changes nothing, and the money fits."""

import copy
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from apps.kernel.money import Money
from apps.ledger.domain.entry import assert_balanced
from apps.transactions.domain.apply_receive import ReceiveFacts, apply_receive
from apps.transactions.domain.apply_return import ReturnFacts, apply_return
from apps.transactions.domain.event import Assessed, Event, Recalled, Signal, Unprocessable
from apps.transactions.domain.order import Actor, Party
from apps.transactions.domain.receive_lifecycle import RECEIVE
from apps.transactions.domain.receive_order import ReceiveOrder, arrived
from apps.transactions.domain.results import Change, Refused, Skipped
from apps.transactions.domain.return_lifecycle import RETURN
from apps.transactions.domain.return_order import ReturnOrder, return_of
from apps.transactions.domain.verify import problems_of
from apps.transactions.products.zelle import ZELLE
from tests.support.core import (
    ELSEWHERE,
    NOW,
    STREAM,
    a_recipient,
    an_account,
    an_order,
    asked,
    due,
    noted,
    returned,
)

LATE = NOW + timedelta(days=30)
NETWORK = Actor(kind="network", id="zelle")
SCREENED = Signal("RR04", "a name on a list")

RECEIVE_EVENTS: dict[str, Event] = {
    "assessed": Assessed("c_assessed", STREAM),
    "unprocessable": Unprocessable("c_bad", STREAM, "KeyError"),
    "review_due": due("review_due"),
    "recalled": Recalled("msg_recall", NETWORK, "FRAD"),
    "release": asked("release", by="compliance"),
    "return": asked("return", by="operator"),
    "block": asked("block", by="compliance"),
}
RETURN_EVENTS: dict[str, Event] = {
    "assessed": Assessed("c_assessed", STREAM),
    "returned": returned(),
    "recall_refused": noted("recall_refused", cause="msg_no"),
    "recall_pending": noted("recall_pending"),
    "review_due": due("review_due"),
    "recall_silent": due("recall_silent"),
    "return": asked("return", by="operator"),
    "refuse": asked("refuse", by="operator"),
}


def _around(**fields: Any) -> ReceiveFacts:
    given: dict[str, Any] = {"product": ZELLE, "recipient": a_recipient()}
    return ReceiveFacts(**(given | fields))


def _receive(order: ReceiveOrder, event: Event, **around: Any) -> Change[ReceiveOrder]:
    now = NOW if isinstance(event, Assessed) else LATE
    result = apply_receive(order, event, _around(**around), now)
    assert isinstance(result, Change), result
    return result


def a_receipt(status: str = "RECEIVED") -> ReceiveOrder:
    """An inbound credit that came to `status` by the rules themselves; ACCEPTED is passed within one step of them."""
    order = arrived(
        order_id="ord_in",
        network="zelle",
        end_to_end_id="e2e-1",
        debtor_name="Zoe",
        debtor_bank="021000021",
        creditor_name="Bob Brown",
        alias_key="email:bob@example.com",
        money=Money(1_000, "USD"),
        reference=None,
        request_id="req_1",
        route={"order": "ord_in", "customer": "cus_bob", "account": "acc_bob"},
        now=NOW,
    )
    if status == "ACCEPTED":
        order["status"] = order["history"][0]["status"] = "ACCEPTED"
    if status in ("RECEIVED", "ACCEPTED"):
        return order
    if status in ("POSTED", "REJECTED"):
        recipient = a_recipient() if status == "POSTED" else None
        return _receive(order, Assessed("c_1", STREAM), recipient=recipient).order
    waiting = _receive(order, Assessed("c_1", STREAM, (SCREENED,))).order
    if status == "ACCEPTED_NOT_POSTED":
        return waiting
    last = (
        due("review_due", "c_due")
        if status == "PENDING"
        else asked("block", by="compliance", cause="c_b")
    )
    return _receive(waiting, last).order


def a_return(
    status: str = "RECEIVED", *, direction: str = "outward", asked_for: bool = True
) -> ReturnOrder:
    order = return_of(
        an_order("COMPLETED", by_network=True),
        direction="inward" if direction == "inward" else "outward",
        account=Party(customer="cus_ann", account="acc_ann"),
        asked=asked_for,
        by_id="recall",
        amount_minor=1_000,
        reason="FRAD",
        detail=None,
        actor=STREAM,
        now=NOW,
    )
    ways: dict[str, list[Event]] = {
        "RECEIVED": [],
        "RETURNED": [asked("return", by="operator", cause="c_y")],
        "REFUSED": [asked("refuse", by="operator", cause="c_n")],
        "EXPIRED": [due("review_due", "c_t")],
    }
    first: list[Event] = [] if status == "RECEIVED" else [Assessed("c_1", STREAM)]
    for event in [*first, *ways.get(status, [])]:
        result = apply_return(
            order,
            event,
            ReturnFacts(ZELLE, an_account()),
            LATE + timedelta(days=30) if event.cause == "c_t" else NOW,
        )
        assert isinstance(result, Change), result
        order = result.order
    assert order["status"] == status
    return order


def _direction_of(status: str) -> str:
    return "inward" if status == "RETURN_REQUESTED" else "outward"


@pytest.mark.parametrize(("event", "status"), sorted(RECEIVE.untaken()))
def test_a_receive_order_takes_nothing_outside_its_table(event: str, status: str) -> None:
    order = a_receipt(status)
    before = copy.deepcopy(order)

    result = apply_receive(order, RECEIVE_EVENTS[event], _around(), LATE)

    assert isinstance(result, Refused | Skipped)
    assert order == before


@pytest.mark.parametrize(
    ("event", "status"), sorted((e, s) for e, taken in RECEIVE.events.items() for s in taken)
)
def test_a_receive_order_takes_what_its_table_says_once(event: str, status: str) -> None:
    order = a_receipt(status)
    before = copy.deepcopy(order)

    result = _receive(order, RECEIVE_EVENTS[event])
    linked = frozenset(each["_id"] for each in result.caused)
    again = apply_receive(result.order, RECEIVE_EVENTS[event], _around(linked=linked), LATE)

    assert isinstance(again, Skipped)
    assert order == before
    assert problems_of(result.order) == []
    assert (result.order["version"] > order["version"]) is (event != "recalled")
    for entry in result.entries:
        assert_balanced(entry)


@pytest.mark.parametrize(
    ("around", "reason"),
    [
        ({"recipient": None}, "AC03"),
        ({"recipient": ELSEWHERE}, "AC03"),
        ({"recipient": a_recipient(status="SUSPENDED")}, "AC06"),
        ({"recipient": a_recipient(currency="EUR")}, "AM03"),
    ],
)
def test_money_for_nobody_is_refused_and_no_entry_is_made(
    around: dict[str, Any], reason: str
) -> None:
    result = _receive(a_receipt(), RECEIVE_EVENTS["assessed"], **around)

    assert (result.order["status"], result.order["reason"], result.entries) == (
        "REJECTED",
        reason,
        [],
    )
    assert [(each.type, each.status, each.reason) for each in result.outgoing] == [
        ("pacs.002", "RJCT", reason)
    ]


def test_money_is_credited_once_by_one_entry() -> None:
    result = _receive(a_receipt(), RECEIVE_EVENTS["assessed"])

    assert [step["status"] for step in result.order["history"]] == [
        "RECEIVED",
        "ACCEPTED",
        "POSTED",
    ]
    assert [(line["account"], line["amount_minor"]) for line in result.entries[0]["lines"]] == [
        ("acc_int_settlement_zelle_USD", -1_000),
        ("acc_bob", 1_000),
    ]
    assert result.order["creditor"] == {"customer": "cus_bob", "account": "acc_bob"}


@pytest.mark.parametrize(
    ("command", "left"),
    [
        ("release", {"acc_int_settlement_zelle_USD": -1_000, "acc_bob": 1_000}),
        ("return", {}),
        ("block", {"acc_int_settlement_zelle_USD": -1_000, "acc_int_suspense_zelle_USD": 1_000}),
    ],
)
def test_what_waits_in_suspense_ends_where_compliance_says(
    command: str, left: dict[str, int]
) -> None:
    aside = _receive(a_receipt(), Assessed("c_1", STREAM, (SCREENED,)))
    pending = _receive(aside.order, due("review_due", "c_due"))

    decided = _receive(pending.order, asked(command, by="compliance"))

    total: Counter[str] = Counter()
    for entry in [*aside.entries, *pending.entries, *decided.entries]:
        for line in entry["lines"]:
            total[line["account"]] += line["amount_minor"]
    assert {account: amount for account, amount in total.items() if amount} == left
    assert aside.order["due_at"] is not None


@pytest.mark.parametrize(("event", "status"), sorted(RETURN.untaken()))
def test_a_return_takes_nothing_outside_its_table(event: str, status: str) -> None:
    order = a_return(status, direction=_direction_of(status))
    before = copy.deepcopy(order)

    result = apply_return(order, RETURN_EVENTS[event], ReturnFacts(ZELLE, an_account()), LATE)

    assert isinstance(result, Refused | Skipped)
    assert order == before


@pytest.mark.parametrize(
    ("event", "status"), sorted((e, s) for e, taken in RETURN.events.items() for s in taken)
)
def test_a_return_takes_what_its_table_says_once(event: str, status: str) -> None:
    order = a_return(status, direction=_direction_of(status))
    around = ReturnFacts(ZELLE, an_account())

    result = apply_return(order, RETURN_EVENTS[event], around, LATE)
    assert isinstance(result, Change)
    again = apply_return(result.order, RETURN_EVENTS[event], around, LATE)

    assert isinstance(again, Skipped)
    assert problems_of(result.order) == []
    for entry in result.entries:
        assert_balanced(entry)


@pytest.mark.parametrize(
    ("status", "target"), [("OPEN", "acc_ann"), ("CLOSED", "acc_int_unclaimed_zelle_USD")]
)
def test_money_that_comes_back_reaches_the_sender_or_is_unclaimed(status: str, target: str) -> None:
    order = a_return(direction="inward", asked_for=False)
    around = ReturnFacts(ZELLE, an_account(status=status))

    result = apply_return(order, RETURN_EVENTS["assessed"], around, NOW)

    assert isinstance(result, Change)
    assert (result.order["status"], result.order["final"]) == ("RETURNED", True)
    assert [line["account"] for line in result.entries[0]["lines"]] == [
        "acc_int_settlement_zelle_USD",
        target,
    ]


def test_what_the_customer_spent_is_not_sent_back() -> None:
    order = a_return("RETURN_REVIEW")

    result = apply_return(
        order, RETURN_EVENTS["return"], ReturnFacts(ZELLE, an_account(posted_minor=999)), NOW
    )

    assert isinstance(result, Refused)
    assert result.reason == "funds_gone"


def test_both_banks_hear_how_a_recall_ends() -> None:
    asked_back = apply_return(
        a_return(), RETURN_EVENTS["assessed"], ReturnFacts(ZELLE, an_account()), NOW
    )
    assert isinstance(asked_back, Change)
    paid = apply_return(
        asked_back.order, RETURN_EVENTS["return"], ReturnFacts(ZELLE, an_account()), NOW
    )
    assert isinstance(paid, Change)

    told = [(each.type, each.status) for each in [*asked_back.outgoing, *paid.outgoing]]
    assert told == [("camt.029", "PDCR"), ("pacs.004", None), ("camt.029", "IPAY")]
