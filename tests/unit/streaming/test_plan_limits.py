"""The planner on limits and preferences: the bank's and the customer's own, over days, weeks and months."""

from datetime import timedelta

import pytest

from apps.transactions.domain.limits import Limits, Usage
from streaming.sor.element import CommandElement, OrderElement
from tests.unit.streaming.memory import Memory


@pytest.mark.parametrize("amounts", [(700, 501), (1, 1, 1, 1)], ids=["amount", "number"])
def test_a_batch_sees_what_its_earlier_elements_used_of_the_limits(
    amounts: tuple[int, ...],
) -> None:
    """A day's limits are 1,200 and three orders."""
    memory = Memory(active=["bob"])
    for number, amount_minor in enumerate(amounts):
        memory.accept(f"ord_{number}", "ann", "bob", amount_minor)

    memory.settle([OrderElement(f"ord_{number}") for number in range(len(amounts))])

    reasons = [order["reason"] for order in memory.orders.values()]
    assert reasons == [None] * (len(amounts) - 1) + ["AM14"]


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(900, 1_200, 3, week_minor=1_000), "over the limit for one week"),
        (Limits(900, 1_200, 3, month_minor=1_000), "over the limit for one month"),
    ],
    ids=["week", "month"],
)
def test_what_ends_unpaid_is_free_again_in_its_week_and_month(limits: Limits, words: str) -> None:
    memory = Memory()
    memory.limits = limits
    memory.now -= timedelta(days=2)  # a Friday
    memory.accept("ord_1", "ann", "bob", 600)
    memory.accept("ord_2", "ann", "bob", 401)
    memory.accept("ord_3", "ann", "bob", 401)
    memory.ask("cmd_1", "ord_1", "cancel", "customer")
    memory.settle([OrderElement("ord_1")])
    memory.now += timedelta(days=1)

    memory.settle([OrderElement("ord_2"), CommandElement("cmd_1"), OrderElement("ord_3")])

    assert memory.orders["ord_2"]["history"][-1]["detail"] == words
    assert [memory.orders[order_id]["status"] for order_id in ("ord_1", "ord_3")] == [
        *("CANCELLED", "AWAITING_CLAIM")
    ]
    memory.assert_books_are_right()


def test_a_customers_own_limits_hold_besides_the_banks() -> None:
    memory = Memory(active=["bob"])
    own = {"order": None, "day": {"amount_minor": 500, "currency": "USD"}}
    memory.prefers("ann", limits=own)
    for number, (name, amount_minor) in enumerate([("ann", 400), ("ann", 101), ("cid", 501)]):
        memory.accept(f"ord_{number}", name, "bob", amount_minor)

    memory.settle([OrderElement(f"ord_{number}") for number in range(3)])

    assert [order["reason"] for order in memory.orders.values()] == [None, "AM14", None]
    last = memory.orders["ord_1"]["history"][-1]
    assert last["detail"] == "over the customer's own limit for one day"


def test_a_recipient_who_switched_receiving_off_is_not_paid() -> None:
    memory = Memory(active=["bob", "cid"])
    memory.prefers("bob", receive=False)
    memory.prefers("cid", send=False)
    memory.accept("ord_1", "ann", "bob", 100)
    memory.accept("ord_2", "ann", "cid", 100)

    memory.settle([OrderElement("ord_1"), OrderElement("ord_2")])

    refused, paid = memory.orders.values()
    assert (refused["status"], refused["reason"]) == ("REJECTED", "AG01")
    assert refused["history"][-1]["detail"] == "the recipient switched receiving off"
    assert paid["status"] == "COMPLETED"
    memory.assert_books_are_right()


def test_sending_that_was_switched_off_since_is_rejected_also_after_a_hold() -> None:
    memory = Memory(active=["bob"])
    memory.accept("ord_1", "ann", "bob", 100)
    memory.accept("ord_2", "ann", "bob", 100)
    memory.ask("cmd_1", "ord_2", "release", "operator")
    memory.settle([OrderElement("ord_2", (("AM05", "like ord_1"),))])
    memory.prefers("ann", send=False)

    memory.settle([OrderElement("ord_1"), CommandElement("cmd_1")])

    for order in memory.orders.values():
        last = order["history"][-1]
        assert (order["status"], order["reason"]) == ("REJECTED", "AG01")
        assert last["detail"] == "the sender switched sending off"
    assert set(memory.usage.values()) <= {Usage()}
    memory.assert_books_are_right()
