"""What stands in the way of a payment because of whom it goes to, and what the payee's history hears of it."""

from typing import Any

import pytest

from apps.ledger.domain.account import Account
from apps.parties.domain.payee_stats import DayUse, Outcome
from apps.transactions.domain.apply import Applied, apply
from apps.transactions.domain.apply_return import ReturnFacts, apply_return
from apps.transactions.domain.event import Event
from apps.transactions.domain.order import Order, sentence
from apps.transactions.domain.payee_history import told_of_payee
from apps.transactions.domain.results import Change
from apps.transactions.domain.return_order import ReturnOrder, return_of
from apps.transactions.products.zelle import ZELLE
from tests.support.core import (
    DUPLICATE,
    LATER,
    NOW,
    STREAM,
    an_account,
    an_order,
    answered,
    asked,
    assessed,
    due,
    facts_of,
    returned,
    statuses_of,
)

OVER = ("AM14", "over the limit for one day to this payee")


def _applied(order: Order, event: Event, **around: Any) -> Applied:
    result = apply(order, event, facts_of(order, **around), LATER)
    assert isinstance(result, Applied), result
    return result


def test_over_a_payees_limit_is_rejected_and_never_held() -> None:
    result = _applied(an_order(), assessed("ord_1", DUPLICATE), payee_verdict=OVER)

    assert (result.order["status"], result.order["reason"]) == ("REJECTED", "AM14")
    assert result.order["history"][-1]["detail"] == OVER[1]
    assert (result.entries, result.usage) == ([], [])


def test_a_payment_to_a_new_payee_waits_for_bank_staff_and_is_made_once_released() -> None:
    held = _applied(an_order(), assessed(), payee_verdict="hold")
    released = _applied(held.order, asked("release", by="operator"), payee_verdict="hold")

    assert statuses_of(held.order) == ["RECEIVED", "VALIDATED", "HELD"]
    assert "On hold: the payee is new." in sentence(held.order)
    assert held.entries == []
    assert released.order["status"] == "COMPLETED"


def test_a_scheduled_payment_to_a_new_payee_is_held_on_its_day() -> None:
    result = _applied(an_order("SCHEDULED"), due("execute_on"), payee_verdict="hold")

    assert statuses_of(result.order)[-2:] == ["VALIDATED", "HELD"]


def test_a_suspicion_says_more_than_that_the_payee_is_new() -> None:
    result = _applied(an_order(), assessed("ord_1", DUPLICATE), payee_verdict="hold")

    assert (result.order["status"], result.order["reason"]) == ("HELD", "AM05")


def test_the_history_hears_of_a_payment_at_once_what_it_used_and_that_it_arrived() -> None:
    order = an_order()

    told = told_of_payee(order, _applied(order, assessed()))

    assert told == [DayUse("2026-12-07", "USD", 1_000), Outcome.COMPLETED]


@pytest.mark.parametrize(
    ("status", "event", "expected"),
    [
        ("SUBMITTED", answered(accepted=True), [Outcome.COMPLETED]),
        (
            "SUBMITTED",
            answered(accepted=False, reason="AC04"),
            [DayUse("2026-11-22", "USD", -1_000)],
        ),
        ("COMPLETED", returned(), []),
        ("SUBMITTED", returned(), [Outcome.COMPLETED]),
    ],
    ids=["accepted", "rejected", "returned later", "returned before any answer"],
)
def test_the_history_hears_what_the_networks_answer_made_of_it(
    status: str, event: Event, expected: list[object]
) -> None:
    order = an_order(status, by_network=status == "COMPLETED")

    assert told_of_payee(order, _applied(order, event)) == expected


def _a_return(direction: Any) -> ReturnOrder:
    order = an_order("COMPLETED")
    return return_of(
        order,
        direction=direction,
        account=order["debtor"],
        asked=direction == "outward",
        by_id="ret_1",
        amount_minor=1_000,
        reason="FOCR",
        detail=None,
        actor=STREAM,
        now=NOW,
    )


def _return_applied(order: ReturnOrder, event: Event) -> Change[ReturnOrder]:
    account: Account = an_account()
    result = apply_return(order, event, ReturnFacts(ZELLE, account), NOW)
    assert isinstance(result, Change)
    return result


@pytest.mark.parametrize(("was_returned", "expected"), [(False, [Outcome.RETURNED]), (True, [])])
def test_the_history_hears_once_that_a_payment_came_back(
    was_returned: bool, expected: list[Outcome]
) -> None:
    order = _a_return("inward")
    change = _return_applied(order, assessed(order["_id"]))

    assert change.order["status"] == "RETURNED"
    assert told_of_payee(order, change, was_returned=was_returned) == expected


def test_what_a_customer_gives_back_is_nothing_to_a_payee() -> None:
    order = _return_applied(_a_return("outward"), assessed("ord_ret")).order

    change = _return_applied(order, asked("return", by="operator"))

    assert change.order["status"] == "RETURNED"
    assert told_of_payee(order, change) == []
