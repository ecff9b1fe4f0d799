"""One bad document stops nobody else: it becomes a dead letter, its order waits for a person where that is possible."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from bson.int64 import Int64

from streaming.sor.element import AliasElement, CommandElement, OrderElement
from tests.integration.sor.bank import Bank

GOOD = ["ord_0", "ord_1", "ord_3", "ord_4"]


def _five(bank: Bank) -> list[OrderElement]:
    bank.enrols("ann", "bob")
    return [bank.accepts(f"ord_{number}") for number in range(5)]


@contextmanager
def _mongod_refusing(bank: Bank, refused: dict[str, Any]) -> Iterator[None]:
    """Any write that would make an order look like `refused` fails in MongoDB itself."""
    bank.db.command("collMod", "orders", validator={"$nor": [refused]})
    try:
        yield
    finally:
        bank.db.command("collMod", "orders", validator={})


@pytest.mark.parametrize(
    "damage",
    [
        {"$unset": {"alias_key": 1}},
        {"$unset": {"debtor": 1}},
        {"$unset": {"final": 1}},
        {"$set": {"debtor": "acc_ann"}},
        {"$set": {"history": "gone"}},
        {"$set": {"payee": {"$ne": None}}},
        {"$set": {"version": "1"}},
    ],
    ids=str,
)
def test_a_corrupt_order_is_kept_and_the_others_are_final(
    bank: Bank, damage: dict[str, Any]
) -> None:
    batch = _five(bank)
    bank.db.orders.update_one({"_id": "ord_2"}, damage)
    corrupt = bank.order("ord_2")

    dead = bank.settles(*batch)

    assert bank.statuses(GOOD) == ["COMPLETED"] * 4
    assert bank.balance("ann") == (6_000, 0)
    assert [letter["_id"] for letter in dead] == ["send_money:ord_2"]
    assert bank.db.dead_letters.count_documents({"_id": "send_money:ord_2"}) == 1
    assert bank.db.entries.count_documents({"order": "ord_2"}) == 0
    after = bank.order("ord_2")
    assert after == corrupt or (after["status"], after["reason"]) == ("HELD", "NARR")


def test_an_order_that_nothing_can_be_decided_about_is_held(bank: Bank) -> None:
    batch = _five(bank)
    bank.db.orders.update_one({"_id": "ord_2"}, {"$set": {"product": "barter"}})

    bank.settles(*batch)

    order = bank.order("ord_2")
    assert (order["status"], order["reason"], order["version"]) == ("HELD", "NARR", 2)
    assert bank.statuses(GOOD) == ["COMPLETED"] * 4
    letter = bank.db.dead_letters.find_one({"_id": "send_money:ord_2"})
    assert letter is not None
    assert letter["reason"] == "undecidable"
    assert "product_unknown" in letter["detail"]


def test_an_order_that_is_missing_is_a_dead_letter(bank: Bank) -> None:
    batch = _five(bank)
    bank.db.orders.delete_one({"_id": "ord_2"})

    dead = bank.settles(*batch)

    assert [(letter["_id"], letter["reason"]) for letter in dead] == [
        ("send_money:ord_2", "order_missing")
    ]
    assert bank.statuses(GOOD) == ["COMPLETED"] * 4
    assert bank.db.orders.count_documents({}) == 4


def test_an_order_that_mongodb_refuses_to_complete_is_held(bank: Bank) -> None:
    batch = _five(bank)

    with _mongod_refusing(bank, {"_id": "ord_2", "status": "COMPLETED"}):
        dead = bank.settles(*batch)

    order = bank.order("ord_2")
    assert [step["status"] for step in order["history"]] == ["RECEIVED", "VALIDATED", "HELD"]
    assert "could not be written" in order["history"][-1]["detail"]
    assert bank.statuses(GOOD) == ["COMPLETED"] * 4
    assert [(letter["_id"], letter["reason"]) for letter in dead] == [
        ("send_money:ord_2", "unwritable")
    ]
    assert bank.problems() == []


def test_an_order_that_mongodb_refuses_to_change_at_all_stays_as_it_is(bank: Bank) -> None:
    batch = _five(bank)
    before = bank.order("ord_2")

    with _mongod_refusing(bank, {"_id": "ord_2", "version": {"$gt": 1}}):
        dead = bank.settles(*batch)
        again = bank.settles(*batch)

    assert bank.order("ord_2") == before
    assert bank.statuses(GOOD) == ["COMPLETED"] * 4
    assert [letter["_id"] for letter in dead] == ["send_money:ord_2"]
    assert [letter["_id"] for letter in again] == ["send_money:ord_2"]
    assert bank.db.dead_letters.count_documents({}) == 1


def test_an_entry_that_exists_already_does_not_stop_the_job(bank: Bank) -> None:
    """Damage from outside: the id that the order's entry would get is taken."""
    batch = _five(bank)
    bank.db.entries.insert_one({"_id": "ord_2:4", "planted": True})

    bank.settles(*batch)

    assert bank.order("ord_2")["status"] == "HELD"
    assert bank.statuses(GOOD) == ["COMPLETED"] * 4
    assert bank.balance("ann") == (6_000, 0)
    assert bank.db.entries.find_one({"_id": "ord_2:4"}) == {"_id": "ord_2:4", "planted": True}


def test_a_balance_that_can_not_grow_any_more_keeps_only_its_own_payments(bank: Bank) -> None:
    bank.enrols("ann", "bob", "cid")
    largest = Int64(2**63 - 1)
    bank.db.accounts.update_one({"_id": "acc_bob"}, {"$set": {"posted_minor": largest}})
    batch = [bank.accepts("ord_1", to="bob"), bank.accepts("ord_2", to="cid")]

    bank.settles(*batch)

    assert bank.statuses(["ord_1", "ord_2"]) == ["HELD", "COMPLETED"]
    assert bank.balance("bob")[0] == largest
    assert bank.balance("ann") == (9_000, 0)


@pytest.mark.parametrize(
    "damage", [{"$unset": {"debtor": 1}}, {"$set": {"product": "barter"}}], ids=str
)
def test_a_corrupt_order_keeps_no_other_from_its_claim(bank: Bank, damage: dict[str, Any]) -> None:
    bank.enrols("ann")
    bank.enrols("bob", alias="PENDING", posted_minor=0)
    bank.settles(*(bank.accepts(f"ord_{number}") for number in range(5)))
    bank.db.orders.update_one({"_id": "ord_2"}, damage)
    bank.activates("bob")

    bank.settles(AliasElement("email:bob@example.com"))

    assert bank.statuses(GOOD) == ["COMPLETED"] * 4
    assert bank.statuses(["ord_2"]) == ["AWAITING_CLAIM"]
    assert bank.balance("bob") == (4_000, 0)
    assert bank.db.dead_letters.count_documents({"_id": "send_money:ord_2"}) == 1


def test_a_corrupt_command_keeps_no_other_from_its_answer(bank: Bank) -> None:
    batch = _five(bank)
    bank.is_asked("cmd_1", "ord_1")
    bank.is_asked("cmd_2", "ord_2")
    bank.db.commands.update_one({"_id": "cmd_1"}, {"$unset": {"actor": 1}})

    dead = bank.settles(CommandElement("cmd_1"), CommandElement("cmd_2"), *batch)

    assert bank.statuses(["ord_1", "ord_2"]) == ["COMPLETED", "CANCELLED"]
    outcomes = {outcome["_id"]: outcome["reason"] for outcome in bank.db.outcomes.find()}
    assert outcomes == {"cmd_1": "undecidable", "cmd_2": None}
    assert [letter["_id"] for letter in dead] == ["send_money:cmd_1"]
    assert bank.problems() == []


def test_a_dead_letter_stays_as_it_was_first_written(bank: Bank) -> None:
    bank.settles(OrderElement("ord_gone"))
    bank.db.dead_letters.update_one(
        {"_id": "send_money:ord_gone"}, {"$set": {"note": "explained by staff"}}
    )
    before = bank.dump()
    bank.days_pass(1)

    bank.settles(OrderElement("ord_gone"))

    assert bank.dump() == before
