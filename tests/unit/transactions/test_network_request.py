"""Requests that another bank's customer makes of a customer of ours: answered step by step, paid over the network."""

import copy
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any, cast

import pytest

from apps.ledger.domain.account import Account
from apps.transactions.domain.apply import Applied, apply
from apps.transactions.domain.apply_request import apply_request
from apps.transactions.domain.event import ChildEnded, Event, Settled
from apps.transactions.domain.facts import Recipient
from apps.transactions.domain.order import Actor, Order, sentence
from apps.transactions.domain.outgoing import Counterparty, Outgoing
from apps.transactions.domain.product import Product
from apps.transactions.domain.request_lifecycle import REQUEST
from apps.transactions.domain.request_order import RequestOrder
from apps.transactions.domain.results import Change, Refused, Skipped
from apps.transactions.domain.verify import problems_of
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
    statuses_of,
    unprocessable,
)
from tests.support.inbound_request import EVE, EXPIRES, a_network_request, around_bob

LATE = EXPIRES + timedelta(days=1)
NETWORK = Actor(kind="network", id="zelle")
PAYMENT = "ord_p"
PAYER = a_recipient()
MOVED = replace(PAYER, customer="cus_cid", account=an_account("acc_cid", customer="cus_cid"))
EVENTS: dict[str, Event] = {
    "assessed": assessed("ord_in"),
    "unprocessable": unprocessable("ord_in"),
    **{name: noted(name, cause=f"msg_{name}") for name in ("delivered", "presented", "pending")},
    "accepted": answered(accepted=True),
    "rejected": answered(accepted=False, reason="AM04"),
    "withdrawn": noted("withdrawn", cause="msg_back"),
    "cancel_accepted": noted("cancel_accepted", cause="msg_yes"),
    "cancel_refused": noted("cancel_refused", cause="msg_no"),
    "paid": Settled("ord_p@4", STREAM, PAYMENT, paid=True),
    "unpaid": Settled("ord_p@4", STREAM, PAYMENT, paid=False, reason="AM04"),
    "child_ended": ChildEnded("ord_c@4", STREAM),
    "request_expired": due("request_expired"),
    "promise_due": due("promise_due"),
    "present": asked("present", by="recipient"),
    "accept": asked("accept", by="recipient"),
    "decline": asked("decline", by="recipient"),
    "cancel": asked("cancel"),
}
_HERE: list[Event] = [assessed("first")]
_PROMISED = [*_HERE, asked("accept", by="recipient", cause="w_1")]
WAYS: dict[str, list[Event]] = {
    "RECEIVED": [],
    "DELIVERED": _HERE,
    "PRESENTED": [*_HERE, asked("present", by="recipient", cause="w_1")],
    "ACCEPTED": _PROMISED,
    "BROKEN_PROMISE": [*_PROMISED, Settled("w_2", STREAM, PAYMENT, paid=False, reason="AM04")],
    "PAID": [*_PROMISED, Settled("w_2", STREAM, PAYMENT, paid=True)],
    "REJECTED": [unprocessable("w")],
    "DECLINED": [*_HERE, asked("decline", by="recipient", cause="w_1")],
    "EXPIRED": [*_HERE, due("request_expired", "w_1")],
    "CANCELLED": [*_HERE, noted("withdrawn", cause="w_1")],
}
# What happens to such a request, where, what it is then, and what the requester's bank hears.
TAKEN: dict[tuple[str, str], tuple[str, tuple[str, str | None] | None]] = {
    ("assessed", "RECEIVED"): ("DELIVERED", ("RCVD", None)),
    ("unprocessable", "RECEIVED"): ("REJECTED", ("RJCT", "NARR")),
    ("present", "DELIVERED"): ("PRESENTED", ("PRES", None)),
    **{
        (event, status): told
        for status in ("DELIVERED", "PRESENTED", "BROKEN_PROMISE")
        for event, told in {
            "accept": ("ACCEPTED", ("ACTC", None)),
            "decline": ("DECLINED", ("RJCT", "CUST")),
            "request_expired": ("EXPIRED", ("RJCT", "AEXR")),
        }.items()
    },
    ("promise_due", "ACCEPTED"): ("BROKEN_PROMISE", None),
    ("paid", "ACCEPTED"): ("PAID", None),
    ("unpaid", "ACCEPTED"): ("BROKEN_PROMISE", None),
}
WITHDRAWN = sorted(REQUEST.events["withdrawn"])
UNTAKEN = sorted(
    set(product(EVENTS, WAYS)) - set(TAKEN) - {("withdrawn", status) for status in WITHDRAWN}
)


def _change(order: RequestOrder, event: Event, **around: Any) -> Change[RequestOrder]:
    now = LATE if event.actor["kind"] == "clock" else NOW
    result = apply_request(order, event, around_bob(**around), now)
    assert isinstance(result, Change), result
    return result


def a_request(status: str) -> RequestOrder:
    order = a_network_request()
    for event in WAYS[status]:
        order = _change(order, event).order
        if order["payment"]:
            order["payment"] = PAYMENT
    assert order["status"] == status
    return order


def _whose_account_is(status: str) -> Recipient:
    return replace(PAYER, account=an_account("acc_bob", customer="cus_bob", status=status))


def _told(change: Change[Any]) -> list[tuple[str, str | None, str | None]]:
    return [(each.type, each.status, each.reason) for each in change.outgoing]


def test_begins_as_the_networks_own() -> None:
    order = a_network_request()

    assert (order["kind"], order["client"], order["creditor"]) == ("request", "network:zelle", None)
    assert (order["status"], order["version"], order["payer"]) == ("RECEIVED", 1, "cus_bob")
    assert order["history"][0]["actor"] == NETWORK
    assert (order["end_to_end_id"], order["creditor_name"]) == ("E2E-1", "Eve Ender")
    assert problems_of(order) == []


def test_every_event_is_looked_at() -> None:
    assert set(EVENTS) == set(REQUEST.events)


@pytest.mark.parametrize(("event", "status"), sorted(TAKEN))
def test_takes_a_step_once_and_tells_the_requesters_bank(event: str, status: str) -> None:
    order = a_request(status)
    before = copy.deepcopy(order)
    target, told = TAKEN[event, status]

    result = _change(order, EVENTS[event])
    again = apply_request(result.order, EVENTS[event], around_bob(), LATE)

    assert result.order["status"] == target
    assert _told(result) == ([("pain.014", *told)] if told else [])
    assert isinstance(again, Skipped)
    assert order == before
    assert problems_of(result.order) == []
    assert result.entries == []
    assert result.order["final"] or result.order["due_at"] or result.order["payment"]


@pytest.mark.parametrize(("event", "status"), UNTAKEN)
def test_whatever_else_happens_changes_nothing(event: str, status: str) -> None:
    order = a_request(status)
    before = copy.deepcopy(order)

    result = apply_request(order, EVENTS[event], around_bob(), LATE)

    assert isinstance(result, Refused | Skipped)
    assert order == before


@pytest.mark.parametrize("status", WITHDRAWN)
def test_is_cancelled_when_the_requesters_bank_takes_it_back_in_time(status: str) -> None:
    result = _change(a_request(status), EVENTS["withdrawn"])
    again = apply_request(result.order, EVENTS["withdrawn"], around_bob(), NOW)

    assert (result.order["status"], result.order["reason"]) == ("CANCELLED", "CUST")
    assert result.order["history"][-1]["actor"]["kind"] == "network"
    assert _told(result) == [("camt.029", "CNCL", None)]
    assert isinstance(again, Skipped)
    assert problems_of(result.order) == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        *(("ACCEPTED", "ALAC"), ("PAID", "ALAC"), ("REJECTED", "ARFR"), ("DECLINED", "ARFR")),
        *(("EXPIRED", "AEXR"), ("CANCELLED", "ACLR")),
    ],
)
def test_is_kept_when_it_is_taken_back_too_late(status: str, reason: str) -> None:
    result = apply_request(a_request(status), EVENTS["withdrawn"], around_bob(), NOW)

    assert isinstance(result, Refused)
    assert result.reason == reason


def test_is_kept_while_its_payment_is_under_way_or_made() -> None:
    late = _change(a_request("ACCEPTED"), EVENTS["promise_due"]).order
    delivered = a_request("DELIVERED")

    under_way = apply_request(late, EVENTS["withdrawn"], around_bob(), NOW)
    made = apply_request(delivered, EVENTS["withdrawn"], around_bob(is_paid=True), NOW)

    assert late["status"] == "BROKEN_PROMISE"
    for result in (under_way, made):
        assert isinstance(result, Refused)
        assert result.reason == "ALAC"


def test_the_answer_names_both_sides_and_the_request_and_no_step_answers_twice_alike() -> None:
    delivered = _change(a_network_request(), EVENTS["assessed"])
    accepted = _change(delivered.order, EVENTS["accept"])

    messages: list[Outgoing] = [*delivered.outgoing, *accepted.outgoing]
    assert {each.end_to_end_id for each in messages} == {"E2E-1"}
    assert {each.network for each in messages} == {"zelle"}
    assert {each.creditor for each in messages} == {Counterparty(**EVE)}
    assert {each.debtor.name for each in messages} == {"Bob Brown"}
    assert len({each.id for each in messages}) == 2


@pytest.mark.parametrize(
    ("around", "reason"),
    [
        ({"payer": None}, "AC01"),
        ({"payer": ELSEWHERE}, "AC01"),
        ({"payer": _whose_account_is("CLOSED")}, "AC04"),
        ({"payer": _whose_account_is("FROZEN")}, "AC06"),
        ({"payer": a_recipient(status="SUSPENDED")}, "AC06"),
        ({"payer": a_recipient(currency="EUR")}, "AM03"),
        (
            {"product": Product("zelle", "Zelle", currencies=frozenset({"EUR"}), claim_days=1)},
            "AM03",
        ),
        ({"asking_is_on": False}, "AG01"),
    ],
)
def test_is_rejected_when_our_customer_cannot_pay_it(around: dict[str, Any], reason: str) -> None:
    result = _change(a_network_request(), EVENTS["assessed"], **around)

    assert (result.order["status"], result.order["reason"]) == ("REJECTED", reason)
    assert _told(result) == [("pain.014", "RJCT", reason)]


def test_names_the_payer_as_soon_as_they_are_found() -> None:
    order = a_network_request(payer=None, alias_key=None, account="acc_bob")

    result = _change(order, EVENTS["assessed"])

    assert (result.order["payer"], result.order["due_at"]) == ("cus_bob", EXPIRES)
    assert result.outgoing[0].debtor.account == "acc_bob"


@pytest.mark.parametrize("by", ["customer", "operator"])
def test_only_the_requesters_bank_takes_it_back(by: str) -> None:
    result = apply_request(a_request("DELIVERED"), asked("cancel", by=by), around_bob(), NOW)

    assert isinstance(result, Refused)
    assert result.reason == "requester_elsewhere"


@pytest.mark.parametrize("payer", [None, ELSEWHERE, MOVED], ids=["gone", "elsewhere", "moved"])
def test_only_the_payer_who_was_asked_can_promise(payer: Recipient | None) -> None:
    result = apply_request(a_request("DELIVERED"), EVENTS["accept"], around_bob(payer=payer), NOW)

    assert isinstance(result, Refused)
    assert result.reason == "payer_unknown"


def _payment() -> Order:
    result = _change(a_request("DELIVERED"), EVENTS["accept"])
    (payment,) = result.caused
    assert result.order["payment"] == payment["_id"]
    return cast(Order, payment)


def _bob(**account: Any) -> Account:
    return an_account("acc_bob", customer="cus_bob", **account)


def test_a_promise_is_paid_over_the_network_by_the_send_order_that_it_causes() -> None:
    payment = _payment()
    around = facts(debtor=_bob(), recipient=None, payee_status=None)

    sent = apply(payment, assessed(payment["_id"]), around, NOW)

    assert isinstance(sent, Applied)
    assert statuses_of(sent.order)[-1] == "SUBMITTED"
    (message,) = sent.outgoing
    assert (message.type, message.end_to_end_id) == ("pacs.008", "E2E-1")
    assert message.creditor == Counterparty(**EVE)
    assert message.debtor.account == "acc_bob"
    assert (payment["caused_by"], payment["creditor"]) == ("ord_in", None)
    assert (payment["payee"], payment["payee_name"]) == ("ord_in", "Eve Ender")


def test_the_payment_completes_by_the_networks_answer_and_pays_the_request() -> None:
    promised = _change(a_request("DELIVERED"), EVENTS["accept"])
    payment = _payment()
    sent = apply(payment, assessed(payment["_id"]), facts(debtor=_bob(), recipient=None), NOW)
    assert isinstance(sent, Applied)

    around = facts(debtor=_bob(held_minor=1_000), recipient=None)
    paid = apply(sent.order, answered(accepted=True), around, NOW)
    assert isinstance(paid, Applied)
    ended = _change(promised.order, Settled("p@5", STREAM, payment["_id"], paid=True))

    assert (paid.order["status"], ended.order["status"]) == ("COMPLETED", "PAID")
    assert paid.entries[0]["kind"] == "capture"


def test_a_payment_without_funds_breaks_the_promise_and_another_one_may_follow() -> None:
    promised = _change(a_request("DELIVERED"), EVENTS["accept"])
    first = _payment()
    poor = facts(debtor=_bob(posted_minor=0), recipient=None)

    rejected = apply(first, assessed(first["_id"]), poor, NOW)
    broken = _change(
        promised.order, Settled("p@3", STREAM, first["_id"], paid=False, reason="AM04")
    )
    anew = _change(broken.order, asked("accept", by="recipient", cause="cmd_2"))

    assert isinstance(rejected, Applied)
    assert (rejected.order["status"], rejected.outgoing) == ("REJECTED", [])
    assert (broken.order["status"], broken.order["due_at"]) == ("BROKEN_PROMISE", EXPIRES)
    assert _told(anew) == [("pain.014", "ACTC", None)]
    assert anew.caused[0]["_id"] != first["_id"]


def test_people_read_who_was_asked() -> None:
    assert sentence(a_request("DELIVERED")) == (
        "10.00 USD requested from Bob Brown. It reached Bob Brown, who answers by 22 December 2026."
    )


def test_a_request_whose_payment_the_network_refused_is_not_promised_anew() -> None:
    """Its end-to-end id would be instructed twice; one that never left may be promised again."""
    order = a_request("BROKEN_PROMISE")

    refused = apply_request(order, EVENTS["accept"], around_bob(was_instructed=True), NOW)

    assert isinstance(refused, Refused)
    assert refused.reason == "paid_before"
    assert _change(order, EVENTS["accept"]).order["status"] == "ACCEPTED"


@pytest.mark.parametrize("status", ["DELIVERED", "ACCEPTED", "BROKEN_PROMISE"])
def test_once_its_money_came_a_request_ends_paid_and_in_no_other_way(status: str) -> None:
    order, paid = a_request(status), around_bob(is_paid=True)

    for name, event in EVENTS.items():
        if name not in ("paid", "unpaid"):
            assert not isinstance(apply_request(order, event, paid, LATE), Change), name
    if status == "ACCEPTED":
        assert _change(order, EVENTS["paid"], is_paid=True).order["status"] == "PAID"
