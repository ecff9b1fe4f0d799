"""A send order at the network: silent, late, contradicted, returned, recalled, disputed; and one for a later day."""

from datetime import timedelta
from typing import Any

import pytest

from apps.transactions.domain.apply import Applied, apply
from apps.transactions.domain.event import Event
from apps.transactions.domain.order import Order
from apps.transactions.domain.results import Refused, Skipped
from tests.support.core import (
    DUPLICATE,
    ELSEWHERE,
    LATER,
    NOW,
    an_order,
    answered,
    asked,
    assessed,
    due,
    facts_of,
    noted,
    returned,
    statuses_of,
)


def _applied(order: Order, event: Event, **around: Any) -> Applied:
    result = apply(order, event, facts_of(order, **around), LATER)
    assert isinstance(result, Applied), result
    return result


def test_the_network_gets_the_payment_once_with_a_deadline_for_its_answer() -> None:
    sent = _applied(an_order(), assessed(), recipient=ELSEWHERE)

    (message,) = sent.outgoing
    assert (message.type, message.network, message.version) == ("pacs.008", "zelle", 4)
    assert (message.amount_minor, message.currency, message.end_to_end_id) == (1_000, "USD", "1")
    assert message.creditor.alias == "email:bob@example.com"
    assert (sent.order["due_event"], sent.order["due_at"]) == (
        "network_silent",
        LATER + timedelta(seconds=30),
    )


def test_a_silent_network_is_asked_a_few_times_and_never_sent_to_again() -> None:
    order = an_order("SUBMITTED")
    told: list[Any] = []

    for number in range(9):
        due_event = order["due_event"]
        if due_event is None:
            break
        asked_again = apply(
            order, due(due_event, f"cmd_{number}"), facts_of(order), LATER + timedelta(days=number)
        )
        assert isinstance(asked_again, Applied)
        order, told = asked_again.order, told + asked_again.outgoing

    assert order["status"] == "INVESTIGATE"
    assert [message.type for message in told] == ["pacs.028"] * 5
    assert len({message.id for message in told}) == 5
    assert {message.end_to_end_id for message in told} == {"1"}


def test_what_is_still_being_worked_on_changes_nothing() -> None:
    result = apply(an_order("SUBMITTED"), noted("pending"), facts_of(an_order("SUBMITTED")), LATER)

    assert isinstance(result, Skipped)


@pytest.mark.parametrize(
    ("status", "accepted"), [("COMPLETED", False), ("REJECTED", True)], ids=["rejected", "accepted"]
)
def test_a_contradiction_after_the_end_opens_one_case_and_moves_nothing(
    status: str, accepted: bool
) -> None:
    order = an_order(status, by_network=True)
    late = answered(accepted=accepted, reason="AC04", cause="msg_late")

    result = _applied(order, late)
    again = apply(order, late, facts_of(order, linked=frozenset({result.cases[0].id})), LATER)

    assert (result.order, result.entries, result.usage) == (order, [], [])
    assert [case.kind for case in result.cases] == ["contradiction"]
    assert isinstance(again, Skipped)


def test_the_same_answer_twice_is_once() -> None:
    order = an_order("COMPLETED", by_network=True)

    result = apply(order, answered(accepted=True, cause="msg_2"), facts_of(order), LATER)

    assert isinstance(result, Skipped)


def test_a_return_is_an_order_of_its_own_and_the_payment_stays_final() -> None:
    order = an_order("COMPLETED", by_network=True)

    result = _applied(order, returned())
    back = result.caused[0]
    again = apply(order, returned(), facts_of(order, linked=frozenset({back["_id"]})), LATER)

    assert (result.order, result.entries) == (order, [])
    assert (back["kind"], back["caused_by"], back["status"]) == ("return", "ord_1", "RECEIVED")
    assert (back["amount_minor"], back["creditor"]) == (1_000, order["debtor"])
    assert isinstance(again, Skipped)


def test_a_return_that_overtakes_the_answer_says_that_it_was_paid() -> None:
    result = _applied(an_order("INVESTIGATE"), returned())

    assert statuses_of(result.order)[-1] == "COMPLETED"
    assert [entry["kind"] for entry in result.entries] == ["capture"]
    assert len(result.caused) == 1


@pytest.mark.parametrize(
    ("back", "already_minor"),
    [
        (returned(amount_minor=1_001), 0),
        (returned(amount_minor=1), 1_000),
        (returned(currency="EUR"), 0),
    ],
)
def test_more_back_than_was_paid_is_for_people(back: Event, already_minor: int) -> None:
    order = an_order("COMPLETED", by_network=True)

    result = _applied(order, back, returned_minor=already_minor)

    assert (result.caused, [case.kind for case in result.cases]) == ([], ["return_unclear"])


def test_a_recall_is_made_once_and_not_of_what_came_back() -> None:
    order = an_order("COMPLETED", by_network=True)
    recall = asked("recall", by="operator")

    result = _applied(order, recall)
    linked = frozenset({result.caused[0]["_id"]})
    again = apply(order, recall, facts_of(order, linked=linked), LATER)
    returned_before = apply(order, recall, facts_of(order, returned_minor=1_000), LATER)

    assert result.order == order
    assert isinstance(again, Refused)
    assert isinstance(returned_before, Refused)
    assert (again.reason, returned_before.reason) == ("order_recalled", "order_returned")


def test_a_dispute_opens_a_case_with_the_clocks_of_regulation_e() -> None:
    order = an_order("COMPLETED")

    result = _applied(order, asked("dispute"))
    case = result.cases[0]
    again = apply(order, asked("dispute"), facts_of(order, linked=frozenset({case.id})), LATER)

    assert result.order == order
    assert (case.latest_at - LATER).days == 45
    assert LATER + timedelta(days=10) < case.due_at <= LATER + timedelta(days=11)
    assert isinstance(again, Refused)
    assert again.reason == "order_disputed"


def test_an_order_for_a_later_day_waits_and_goes_when_its_day_begins() -> None:
    order = an_order(execute_on="2026-12-09")

    waits = _applied(order, assessed())
    early = apply(waits.order, due("execute_on"), facts_of(order), LATER)
    begins = waits.order["due_at"]
    assert begins is not None
    paid = apply(waits.order, due("execute_on"), facts_of(order), begins)

    assert (waits.order["status"], waits.entries, waits.usage) == ("SCHEDULED", [], [])
    assert begins.isoformat() == "2026-12-09T00:00:00+00:00"
    assert isinstance(early, Refused)
    assert isinstance(paid, Applied)
    assert paid.order["status"] == "COMPLETED"
    assert paid.order["limit_day"] == "2026-12-09"


def test_a_suspicion_holds_also_what_is_for_later_and_release_schedules_it() -> None:
    held = _applied(an_order(execute_on="2027-01-01"), assessed("ord_1", DUPLICATE))
    released = _applied(held.order, asked("release", by="operator"))

    assert statuses_of(released.order) == ["RECEIVED", "HELD", "SCHEDULED"]


def test_an_order_for_today_or_an_earlier_day_goes_at_once() -> None:
    result = _applied(an_order(execute_on=NOW.date().isoformat()), assessed())

    assert result.order["status"] == "COMPLETED"
