"""Request orders: every event in every status goes its way or changes nothing; promises, payments and splits."""

import copy
from datetime import timedelta
from typing import Any, cast

import pytest

from apps.kernel.errors import Invalid
from apps.kernel.money import Money
from apps.transactions.domain.apply import Applied, apply
from apps.transactions.domain.apply_request import RequestFacts, apply_request
from apps.transactions.domain.event import ChildEnded, Event, Noted, Settled
from apps.transactions.domain.order import Actor, Order, Party
from apps.transactions.domain.request_lifecycle import REQUEST
from apps.transactions.domain.request_order import RequestOrder, Share, requested
from apps.transactions.domain.results import Change, Refused, Skipped
from apps.transactions.domain.verify import problems_of
from apps.transactions.products.zelle import ZELLE
from tests.support.core import (
    ELSEWHERE,
    NOW,
    STREAM,
    a_recipient,
    an_account,
    answered,
    asked,
    assessed,
    due,
    facts,
    noted,
    unprocessable,
)

EXPIRES = NOW + timedelta(days=30)
LATE = NOW + timedelta(days=31)
NETWORK = Actor(kind="network", id="zelle")
PAYER = a_recipient()
HALF = [
    Share(payer_name="Bob", alias_key="email:bob@example.com", amount_minor=400),
    Share(payer_name="Cid", alias_key="email:cid@example.com", amount_minor=600),
]

EVENTS: dict[str, Event] = {
    "assessed": assessed("req"),
    "unprocessable": unprocessable("req"),
    **{name: noted(name, cause=f"msg_{name}") for name in ("delivered", "presented", "pending")},
    "accepted": answered(accepted=True),
    "rejected": answered(accepted=False, reason="AM04"),
    "withdrawn": noted("withdrawn", cause="msg_back"),
    "cancel_accepted": noted("cancel_accepted", cause="msg_yes"),
    "cancel_refused": noted("cancel_refused", cause="msg_no"),
    "paid": Settled("msg_paid", NETWORK, "ord_other", paid=True),
    "unpaid": Settled("ord_p@5", STREAM, "ord_p", paid=False, reason="AM04"),
    "child_ended": ChildEnded("ord_c@4", STREAM),
    "request_expired": due("request_expired"),
    "promise_due": due("promise_due"),
    "present": asked("present", by="recipient"),
    "accept": asked("accept", by="recipient"),
    "decline": asked("decline", by="recipient"),
    "cancel": asked("cancel"),
}
# One way to each status at another bank, by the rules themselves.
_SENT: list[Event] = [assessed("first")]
WAYS: dict[str, list[Event]] = {
    "RECEIVED": [],
    "SUBMITTED": _SENT,
    "DELIVERED": [*_SENT, noted("delivered", cause="w_1")],
    "PRESENTED": [*_SENT, noted("presented", cause="w_1")],
    "PENDING": [*_SENT, noted("pending", cause="w_1")],
    "ACCEPTED": [*_SENT, answered(accepted=True, cause="w_1")],
    "BROKEN_PROMISE": [*_SENT, answered(accepted=True, cause="w_1"), due("promise_due", "w_2")],
    "CANCEL_PENDING": [*_SENT, asked("cancel", cause="w_1")],
    "PAID": [*_SENT, Settled("w_1", NETWORK, "ord_x", paid=True)],
    "REJECTED": [unprocessable("w")],
    "DECLINED": [*_SENT, answered(accepted=False, cause="w_1")],
    "CANCELLED": [asked("cancel", cause="w_1")],
    "EXPIRED": [*_SENT, due("request_expired", "w_1")],
    "SPLIT": _SENT,
}
# Commands of the payer are taken of customers of ours only.
ON_US = {"present", "accept", "decline", "unpaid"}


def _around(**fields: Any) -> RequestFacts:
    given: dict[str, Any] = {
        "product": ZELLE,
        "requester_name": "Ann Adams",
        "requester_status": "ACTIVE",
        "requester_account": an_account(),
        "payer": ELSEWHERE,
        "children": ("PAID", "PAID"),
    }
    return RequestFacts(**(given | fields))


def _change(order: RequestOrder, event: Event, **around: Any) -> Change[RequestOrder]:
    is_clock = event.actor["kind"] == "clock"
    result = apply_request(order, event, _around(**around), LATE if is_clock else NOW)
    assert isinstance(result, Change), result
    return result


def a_request(status: str = "RECEIVED", *, on_us: bool = False) -> RequestOrder:
    order = requested(
        order_id="ord_req",
        client="cli_1",
        product="zelle",
        creditor=Party(customer="cus_ann", account="acc_ann"),
        payer_name="Bob Brown",
        alias_key="email:bob@example.com",
        money=Money(1_000, "USD"),
        expires_at=EXPIRES,
        reference=None,
        memo=None,
        request_id="req_1",
        now=NOW,
        shares=HALF if status == "SPLIT" else None,
    )
    if on_us:
        for event in _on_us_way(status):
            order = _change(order, event, payer=PAYER).order
        if status in ("ACCEPTED", "BROKEN_PROMISE") and order["payment"]:
            order["payment"] = "ord_p"
    else:
        for event in WAYS[status]:
            order = _change(order, event).order
    assert order["status"] == status
    return order


def _on_us_way(status: str) -> list[Event]:
    way: list[Event] = [assessed("first")]
    if status == "PRESENTED":
        way.append(asked("present", by="recipient", cause="w_1"))
    if status in ("ACCEPTED", "BROKEN_PROMISE"):
        way.append(asked("accept", by="recipient", cause="w_1"))
    if status == "BROKEN_PROMISE":
        way.append(due("promise_due", "w_2"))
    return way


@pytest.mark.parametrize(("event", "status"), sorted(REQUEST.untaken()))
def test_takes_nothing_outside_its_table(event: str, status: str) -> None:
    order = a_request(status)
    before = copy.deepcopy(order)

    result = apply_request(order, EVENTS[event], _around(), LATE)

    assert isinstance(result, Refused | Skipped)
    assert order == before


# Only requests of other banks' customers are withdrawn (test_network_request.py).
@pytest.mark.parametrize(
    ("event", "status"),
    sorted((e, s) for e, taken in REQUEST.events.items() for s in taken if e != "withdrawn"),
)
def test_takes_what_its_table_says_once(event: str, status: str) -> None:
    on_us = event in ON_US
    order = a_request(status, on_us=on_us)
    if event in ("accept", "decline"):
        order["payment"] = None
    before = copy.deepcopy(order)
    payer = PAYER if on_us else ELSEWHERE

    result = _change(order, EVENTS[event], payer=payer)
    again = apply_request(result.order, EVENTS[event], _around(payer=payer), LATE)

    assert isinstance(again, Skipped)
    assert order == before
    assert problems_of(result.order) == []
    assert result.entries == []
    assert result.order["final"] or result.order["due_at"] or result.order["status"] == "SPLIT"


@pytest.mark.parametrize(
    ("around", "reason"),
    [
        ({"requester_status": "SUSPENDED"}, "AG01"),
        ({"requester_account": None}, "AC04"),
        ({"requester_account": an_account(currency="EUR")}, "AM03"),
        ({"payer": None}, "AC01"),
        ({"payer": a_recipient(customer="cus_ann")}, "AG01"),
    ],
)
def test_is_rejected_before_anybody_is_asked(around: dict[str, Any], reason: str) -> None:
    if reason == "AG01" and "payer" in around:
        around = {"payer": type(PAYER)("cus_ann", "ACTIVE", an_account())}

    result = _change(a_request(), assessed("req"), **around)

    assert (result.order["status"], result.order["reason"]) == ("REJECTED", reason)
    assert (result.outgoing, result.caused) == ([], [])


def test_another_bank_gets_the_request_and_later_the_wish_to_take_it_back() -> None:
    sent = _change(a_request(), assessed("req"))
    taken_back = _change(sent.order, asked("cancel"))

    assert [each.type for each in [*sent.outgoing, *taken_back.outgoing]] == [
        "pain.013",
        "camt.055",
    ]
    assert sent.order["due_at"] == EXPIRES


@pytest.mark.parametrize(
    ("reason", "status"),
    [("ALAC", "ACCEPTED"), ("ARFR", "DECLINED"), ("AEXR", "EXPIRED"), (None, "PENDING")],
)
def test_what_the_other_bank_keeps_is_what_it_says(reason: str | None, status: str) -> None:
    kept = Noted("msg_no", NETWORK, "cancel_refused", reason)

    assert _change(a_request("CANCEL_PENDING"), kept).order["status"] == status


def _promised() -> tuple[RequestOrder, Order]:
    result = _change(a_request("DELIVERED", on_us=True), EVENTS["accept"], payer=PAYER)
    (payment,) = result.caused
    assert payment["kind"] == "send"
    return result.order, cast(Order, payment)


def test_an_accepted_request_is_paid_by_the_send_order_that_it_causes() -> None:
    request, payment = _promised()
    account = an_account()
    around = facts(
        debtor=an_account("acc_bob", customer="cus_bob"),
        recipient=type(PAYER)("cus_ann", "ACTIVE", account),
        payee_status=None,
    )

    sent = apply(payment, assessed("pay"), around, NOW)
    assert isinstance(sent, Applied)
    settled = Settled("pay@4", STREAM, payment["_id"], paid=True)
    paid = _change(request, settled)

    assert (sent.order["status"], sent.order["creditor"]) == (
        "COMPLETED",
        {"customer": "cus_ann", "account": "acc_ann"},
    )
    assert (payment["caused_by"], request["payment"]) == (request["_id"], payment["_id"])
    assert paid.order["status"] == "PAID"


def test_while_its_payment_is_under_way_nothing_else_decides() -> None:
    request, payment = _promised()
    broken = _change(request, due("promise_due"))

    for command in ("cancel", "decline", "accept"):
        by = "customer" if command == "cancel" else "recipient"
        asks = asked(command, by=by, cause=f"cmd_{command}")
        refused = apply_request(broken.order, asks, _around(payer=PAYER), NOW)
        assert isinstance(refused, Refused)
        assert refused.reason == "payment_under_way"
    unpaid = _change(
        broken.order, Settled("p@4", STREAM, payment["_id"], paid=False, reason="AM04")
    )
    anew = _change(unpaid.order, asked("accept", by="recipient", cause="cmd_2"), payer=PAYER)

    assert broken.order["due_at"] is None
    assert (unpaid.order["status"], unpaid.order["due_at"]) == ("BROKEN_PROMISE", EXPIRES)
    assert anew.caused[0]["_id"] != payment["_id"]


def test_a_payment_that_was_not_promised_pays_nothing() -> None:
    request, _ = _promised()

    result = apply_request(request, EVENTS["paid"], _around(payer=PAYER), NOW)

    assert isinstance(result, Skipped)


def test_a_split_asks_each_payer_for_their_share() -> None:
    result = _change(a_split := _parent(), assessed("req"))

    assert result.order["status"] == "SPLIT"
    assert [each["amount_minor"] for each in result.caused] == [400, 600]
    assert len({each["_id"] for each in result.caused}) == 2
    assert {each["caused_by"] for each in result.caused} == {a_split["_id"]}
    assert _change(_parent(), assessed("req")).caused == result.caused


def _parent() -> RequestOrder:
    order = a_request()
    order["shares"] = HALF
    return order


@pytest.mark.parametrize(
    ("children", "status"),
    [
        (("PAID", "PAID"), "PAID"),
        (("PAID", "DECLINED"), "DECLINED"),
        (("REJECTED", "EXPIRED"), "DECLINED"),
        (("CANCELLED", "PAID"), "CANCELLED"),
        (("EXPIRED", "EXPIRED"), "EXPIRED"),
    ],
)
def test_a_split_closes_when_all_its_requests_are_final(
    children: tuple[str, ...], status: str
) -> None:
    result = _change(a_request("SPLIT"), EVENTS["child_ended"], children=children)

    assert (result.order["status"], result.order["final"]) == (status, True)


@pytest.mark.parametrize("children", [(), ("PAID", "ACCEPTED")])
def test_a_split_stays_open_as_long_as_one_of_its_requests_is(children: tuple[str, ...]) -> None:
    result = apply_request(
        a_request("SPLIT"), EVENTS["child_ended"], _around(children=children), NOW
    )

    assert isinstance(result, Skipped)


@pytest.mark.parametrize(
    ("shares", "code"),
    [
        (HALF[:1], "split_size"),
        ([HALF[0], {**HALF[1], "amount_minor": 601}], "split_does_not_add_up"),
        ([HALF[0], {**HALF[1], "amount_minor": 0}], "share_not_positive"),
        ([HALF[0], {**HALF[0], "amount_minor": 600}], "share_twice"),
    ],
)
def test_a_split_that_is_none_is_refused(shares: list[Share], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        requested(
            order_id="ord_req",
            client="cli_1",
            product="zelle",
            creditor=Party(customer="cus_ann", account="acc_ann"),
            payer_name="friends",
            alias_key=None,
            money=Money(1_000, "USD"),
            expires_at=EXPIRES,
            reference=None,
            memo=None,
            request_id="req_1",
            now=NOW,
            shares=shares,
        )

    assert refused.value.code == code


def test_every_move_of_the_table_is_made_by_some_history() -> None:
    made: set[tuple[str, str]] = set()
    reasons = [
        Noted(f"msg_{why}", NETWORK, "cancel_refused", why) for why in ("ALAC", "ARFR", "AEXR")
    ]
    ends = [("DECLINED", "PAID"), ("EXPIRED",), ("CANCELLED",), ("PAID",)]
    events = [*EVENTS.values(), *reasons]
    starts = [a_request(status) for status in WAYS]
    starts += [a_request(status, on_us=True) for status in ("DELIVERED", "PRESENTED", "ACCEPTED")]
    starts += [a_request("BROKEN_PROMISE", on_us=True), _unpaid_promise(), _parent()]
    around = [
        *(_around(children=children) for children in ends),
        *(_around(payer=payer) for payer in (PAYER, None)),
    ]

    for order, event, facts_around, now in (
        (order, event, each, now)
        for order in starts
        for event in events
        for each in around
        for now in (NOW, LATE)
    ):
        result = apply_request(order, event, facts_around, now)
        if isinstance(result, Change):
            made.add((order["status"], result.order["status"]))

    assert {(move.source, move.target) for move in REQUEST.moves} - made == set()


def _unpaid_promise() -> RequestOrder:
    return _change(a_request("ACCEPTED", on_us=True), EVENTS["unpaid"]).order
