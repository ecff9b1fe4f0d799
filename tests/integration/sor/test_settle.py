"""A batch becomes final in one transaction: orders, entries, accounts, usage and outcomes, or nothing of them."""

from datetime import datetime, timedelta

import pytest
from bson.int64 import Int64

from apps.ledger.domain.entry import holds_account
from apps.transactions.domain.limits import PROFILES, Limits
from streaming.sor import reading, transaction
from streaming.sor.element import (
    LEDGER_SHARDS,
    AliasElement,
    CommandElement,
    DeadElement,
    Element,
    OrderElement,
    WaitingElement,
    shard_of,
)
from tests.integration.sor.bank import Bank

HOLDS = holds_account("USD", shard_of("acc_ann", LEDGER_SHARDS))
DEAD = DeadElement("dpms.cdc.orders", 3, 9, "a2V5", "dmFsdWU=", "not_utf8", "bad bytes")


def test_a_batch_of_payments_is_complete(bank: Bank) -> None:
    bank.enrols("ann", "bob")
    orders = [bank.accepts(f"ord_{number}", amount_minor=number) for number in range(1, 11)]
    bank.now += timedelta(seconds=1)

    dead = bank.settles(*orders)

    assert dead == []
    assert bank.statuses([order.id for order in orders]) == ["COMPLETED"] * 10
    order = bank.order("ord_7")
    assert [step["status"] for step in order["history"]] == [
        *("RECEIVED", "VALIDATED", "FUNDED", "COMPLETED")
    ]
    assert order["version"] == 4
    assert order["creditor"] == {"customer": "cus_bob", "account": "acc_bob"}
    assert (order["updated_at"], order["created_at"]) == (bank.now, bank.now - timedelta(seconds=1))
    assert bank.balance("ann") == (10_000 - 55, 0)
    assert bank.balance("bob") == (10_000 + 55, 0)
    assert bank.db.entries.count_documents({"order": {"$ne": None}}) == 10
    usage = bank.db.limit_usage.find_one({"_id": "cus_ann|zelle|USD|2026-11-22"})
    assert usage is not None
    assert (usage["amount_minor"], usage["count"], usage["customer"]) == (55, 10, "cus_ann")
    assert bank.problems(all_final=True) == []


def test_every_amount_is_stored_as_64_bits(bank: Bank) -> None:
    bank.enrols("ann", "bob")
    bank.settles(bank.accepts("ord_1"))

    amounts = [bank.order("ord_1")["amount_minor"]]
    for account in bank.db.accounts.find():
        amounts += [account["posted_minor"], account["held_minor"]]
    amounts += [line["amount_minor"] for entry in bank.db.entries.find() for line in entry["lines"]]
    amounts += [usage["amount_minor"] for usage in bank.db.limit_usage.find()]

    assert len(amounts) > 12
    assert {type(amount) for amount in amounts} == {Int64}


def test_an_internal_account_is_made_when_it_is_first_needed(bank: Bank) -> None:
    bank.enrols("ann")
    bank.settles(bank.accepts("ord_1", to="nobody"))

    holds = bank.db.accounts.find_one({"_id": HOLDS})
    assert holds is not None
    assert (holds["customer"], holds["kind"], holds["purpose"]) == (None, "internal", "holds")
    assert (holds["posted_minor"], holds["held_minor"], holds["version"]) == (0, -1_000, 1)


@pytest.mark.parametrize("later", [0, 1])
def test_the_same_batch_again_changes_nothing(bank: Bank, later: int) -> None:
    bank.enrols("ann", "bob")
    bank.is_asked("cmd_1", "ord_3")
    bank.is_asked("cmd_2", "ord_1", "release", by="operator")
    elements: list[Element] = [
        *(bank.accepts("ord_1"), bank.accepts("ord_2", amount_minor=20_000)),
        *(CommandElement("cmd_1"), bank.accepts("ord_3", to="nobody"), CommandElement("cmd_2")),
        *(AliasElement("email:bob@example.com"), WaitingElement("ord_2"), DEAD),
        *(OrderElement("ord_gone"), CommandElement("cmd_gone")),
    ]
    bank.settles(*elements)
    before = bank.dump()
    bank.days_pass(later)

    bank.settles(*elements)
    bank.settles(*reversed(elements))

    assert bank.dump() == before
    assert bank.statuses(["ord_1", "ord_2", "ord_3"]) == ["COMPLETED", "REJECTED", "CANCELLED"]
    assert len(before["dead_letters"]) == 3
    assert bank.problems() == []


def test_a_command_after_its_order_cancels_what_waits(bank: Bank) -> None:
    bank.enrols("ann")
    bank.settles(bank.accepts("ord_1", to="nobody"))
    assert bank.balance("ann") == (10_000, 1_000)
    bank.is_asked("cmd_1", "ord_1")

    bank.settles(CommandElement("cmd_1"))

    assert bank.statuses(["ord_1"]) == ["CANCELLED"]
    assert bank.balance("ann") == (10_000, 0)
    assert bank.db.outcomes.find_one({"_id": "cmd_1"}) == {
        "_id": "cmd_1",
        "order": "ord_1",
        "state": "APPLIED",
        "reason": None,
        "detail": None,
        "order_version": 5,
        "at": bank.now,
        "made_by": "stream:send_money#1",
    }
    assert bank.problems(all_final=True) == []


def test_a_command_before_its_order_wins(bank: Bank) -> None:
    bank.enrols("ann", "bob")
    order = bank.accepts("ord_1")
    bank.is_asked("cmd_1", "ord_1")

    bank.settles(CommandElement("cmd_1"))
    bank.settles(order)

    assert bank.statuses(["ord_1"]) == ["CANCELLED"]
    assert bank.balance("ann") == (10_000, 0)
    assert bank.db.entries.count_documents({"order": "ord_1"}) == 0
    assert bank.problems(all_final=True) == []


def test_a_refused_command_leaves_only_its_outcome(bank: Bank) -> None:
    bank.enrols("ann", "bob")
    bank.settles(bank.accepts("ord_1"))
    bank.is_asked("cmd_1", "ord_1")
    before = bank.dump()

    bank.settles(CommandElement("cmd_1"))

    after = bank.dump()
    [outcome] = after.pop("outcomes")
    assert (outcome["state"], outcome["reason"]) == ("REFUSED", "order_final")
    del before["outcomes"]
    assert after == before


@pytest.mark.parametrize("active_first", [True, False])
def test_a_claim_is_not_missed(bank: Bank, active_first: bool) -> None:
    """The alias becomes active before or after the order looked for it; one of the two events finds the other."""
    bank.enrols("ann")
    bank.enrols("bob", alias="PENDING", posted_minor=0)
    order = bank.accepts("ord_1")
    if active_first:
        # The alias event comes first and finds nobody; the order finds the alias.
        bank.activates("bob")
        bank.settles(AliasElement("email:bob@example.com"))
        bank.settles(order)
    else:
        # The order waits; its own event finds the alias, which is heard of later.
        bank.settles(order)
        assert bank.statuses(["ord_1"]) == ["AWAITING_CLAIM"]
        bank.activates("bob")
        bank.settles(WaitingElement("ord_1"))

    before = bank.dump()
    bank.settles(AliasElement("email:bob@example.com"), WaitingElement("ord_1"))

    assert bank.dump() == before
    assert bank.statuses(["ord_1"]) == ["COMPLETED"]
    assert bank.balance("bob") == (1_000, 0)
    assert bank.problems(all_final=True) == []


def test_all_orders_that_wait_for_an_alias_are_paid_in_rounds(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (reading, transaction):
        monkeypatch.setattr(module, "WAITING_PER_ALIAS", 3)
    monkeypatch.setattr("streaming.sor.plan.WAITING_PER_ALIAS", 3)
    bank.enrols("ann")
    bank.enrols("bob", alias="PENDING", posted_minor=0)
    orders = [bank.accepts(f"ord_{number}", amount_minor=1) for number in range(8)]
    bank.settles(*orders)
    bank.activates("bob")

    bank.settles(AliasElement("email:bob@example.com"))

    assert bank.statuses([order.id for order in orders]) == ["COMPLETED"] * 8
    assert bank.balance("bob") == (8, 0)


@pytest.mark.parametrize("batch_size", [1, 4])
def test_limits_are_exact_within_and_over_batches(bank: Bank, batch_size: int) -> None:
    bank.enrols("ann", "bob")
    limits = Limits(order_minor=1_000, day_minor=2_500, day_count=10)
    orders = [bank.accepts(f"ord_{number}") for number in range(3)]
    orders.append(bank.accepts("ord_last", amount_minor=500))
    sor = bank.sor(limits=limits)

    for first in range(0, len(orders), batch_size):
        sor.settle(orders[first : first + batch_size])

    assert bank.statuses([order.id for order in orders]) == [
        *("COMPLETED", "COMPLETED", "REJECTED", "COMPLETED")
    ]
    assert bank.order("ord_2")["reason"] == "AM14"
    assert bank.problems(all_final=True) == []


def test_a_week_and_a_month_are_the_use_of_their_days(bank: Bank) -> None:
    """From a Friday on: the week's limit is two payments, the month's four."""
    bank.enrols("ann", "bob")
    sor = bank.sor(limits=Limits(1_000, 9_000, 9, week_minor=2_000, month_minor=4_000))
    days = ("11-20", "11-21", "11-22", "11-23", "11-24", "11-30", "12-01")

    ends = {}
    for day in days:
        bank.now = datetime.fromisoformat(f"2026-{day}T12:00:00+00:00")
        sor.settle([bank.accepts(f"ord_{day}")])
        ends[day] = bank.order(f"ord_{day}")["history"][-1]["detail"]

    assert ends == dict.fromkeys(days) | {
        "11-22": "over the limit for one week",
        "11-30": "over the limit for one month",
    }
    assert bank.problems(all_final=True) == []


@pytest.mark.parametrize(("profile", "first"), [("sandbox", 22), ("bank", 1)])
def test_only_the_days_that_count_are_read(bank: Bank, profile: str, first: int) -> None:
    bank.enrols("ann", "bob")
    days = [f"cus_ann|zelle|USD|2026-11-{day:02}" for day in range(1, 31)]
    bank.db.limit_usage.insert_many([{"_id": day, "amount_minor": 1, "count": 1} for day in days])
    order = bank.accepts("ord_1")

    with bank.client.start_session() as session:
        found = reading.read(bank.db, session, [order], bank.now, limits=PROFILES[profile])

    assert sorted(found.usage) == days[first - 1 : 22]


def test_what_the_customer_prefers_is_read_with_the_customer(bank: Bank) -> None:
    bank.enrols("ann", "bob", "cid")
    own = {"order": {"amount_minor": 999, "currency": "USD"}, "day": None}
    bank.prefers("ann", limits=own)
    bank.prefers("cid", send=False)
    orders = [
        *(bank.accepts("ord_1", amount_minor=1_000), bank.accepts("ord_2", amount_minor=999)),
        bank.accepts("ord_3", debtor="cid"),
    ]

    bank.settles(*orders)

    ends = [bank.order(order.id)["history"][-1] for order in orders]
    assert [(end["status"], end["reason"]) for end in ends] == [
        *(("REJECTED", "AM14"), ("COMPLETED", None), ("REJECTED", "AG01"))
    ]
    assert ends[0]["detail"] == "over the customer's own limit for one order"
    assert bank.problems(all_final=True) == []


def test_a_payee_who_was_suspended_since_is_not_paid(bank: Bank) -> None:
    bank.enrols("ann", "bob")
    order = bank.accepts("ord_1")
    bank.db.payees.update_one({"_id": "pay_bob"}, {"$set": {"status": "SUSPENDED"}})

    bank.settles(order)

    end = bank.order("ord_1")["history"][-1]
    assert (end["status"], end["reason"]) == ("REJECTED", "AG01")
    assert end["detail"] == "the payee is suspended"


def test_more_elements_than_a_batch_holds_are_settled_in_several(bank: Bank) -> None:
    bank.enrols("ann", "bob")
    orders = [bank.accepts(f"ord_{number:03}", amount_minor=1) for number in range(300)]

    bank.settles(*orders)

    assert bank.db.orders.count_documents({"status": "COMPLETED"}) == 300
    assert bank.balance("bob") == (10_300, 0)
    assert bank.problems(all_final=True) == []
