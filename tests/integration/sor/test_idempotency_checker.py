"""verify_idempotency finds nothing in an honest bank, and names every request that became two things or none."""

from typing import Any

import pytest
from bson.int64 import Int64

from apps.kernel.ids import order_id
from apps.kernel.money import Money
from apps.transactions.management.commands.verify_idempotency import check_idempotency
from apps.transactions.submission import Submission
from streaming.contracts.codec import storable
from streaming.sor.element import CommandElement, OrderElement
from tests.integration.sor.bank import Bank
from tests.support.core import a_new_order, a_payee

PAID, CANCELLED, WAITS = (order_id("cli_tests", key) for key in ("paid", "cancelled", "waits"))
Found = set[tuple[str, str]]

# What is damaged, how, and the rules that must be named.
DAMAGE: list[tuple[str, str, dict[str, Any], Found]] = [
    ("orders", PAID, {"$set": {"idempotency_key": "other"}}, {(PAID, "id_from_key")}),
    ("orders", PAID, {"$set": {"client": "cli_other"}}, {(PAID, "id_from_key")}),
    ("orders", PAID, {"$set": {"idempotency_key": "waits"}},
     {(PAID, "id_from_key"), (WAITS, "one_order_a_key")}),
    ("orders", PAID, {"$set": {"amount_minor": Int64(1_001)}}, {(PAID, "body_hash_fits")}),
    ("orders", PAID, {"$set": {"body_hash": "0" * 64}}, {(PAID, "body_hash_fits")}),
    ("orders", PAID, {"$set": {"memo": "rent"}}, {(PAID, "body_hash_fits")}),
    ("orders", PAID, {"$unset": {"debtor": 1}}, {(PAID, "readable")}),
    ("orders", PAID, {"$set": {"history.3.cause": "cmd_gone"}}, {("cmd_gone", "command_exists")}),
    ("orders", PAID, {"$set": {"history.3.cause": "cmd_refused"}},
     {("cmd_refused", "refused_is_no_cause")}),
    ("orders", PAID, {"$set": {"history.3.cause": "cmd_waits"}}, {("cmd_waits", "outcome_exists")}),
    ("orders", CANCELLED, {"$set": {"history.4.cause": "als_bob@1"}},
     {("cmd_applied", "applied_is_a_cause")}),
    ("orders", CANCELLED, {"$set": {"history.4.actor.id": "another"}},
     {("cmd_applied", "step_by_its_asker")}),
    ("commands", "cmd_applied", {"$set": {"actor.kind": "operator"}},
     {("cmd_applied", "step_by_its_asker")}),
    ("commands", "cmd_applied", {"$set": {"order": WAITS}},
     {("cmd_applied", "outcome_of_its_order")}),
    ("outcomes", "cmd_applied", {"$set": {"order": WAITS}},
     {("cmd_applied", "outcome_of_its_order"), ("cmd_applied", "outcome_names_its_step")}),
    ("outcomes", "cmd_applied", {"$set": {"order_version": 4}},
     {("cmd_applied", "outcome_names_its_step")}),
    ("outcomes", "cmd_applied", {"$set": {"state": "REFUSED"}},
     {("cmd_applied", "refused_is_no_cause")}),
    ("outcomes", "cmd_refused", {"$set": {"state": "APPLIED"}},
     {("cmd_refused", "applied_is_a_cause")}),
    ("outcomes", "cmd_refused", {"$set": {"state": "LOST"}}, {("cmd_refused", "outcome_state")}),
    ("outcomes", "cmd_refused", {"$unset": {"state": 1}}, {("cmd_refused", "readable")}),
]  # fmt: skip

REMOVED: list[tuple[str, str, Found]] = [
    ("commands", "cmd_applied", {("cmd_applied", "command_exists")}),
    ("commands", "cmd_refused", {("cmd_refused", "command_exists")}),
    ("outcomes", "cmd_applied", {("cmd_applied", "outcome_exists")}),
    ("orders", CANCELLED, {("cmd_applied", "applied_is_a_cause")}),
]


def _accepts(
    bank: Bank, key: str, *, payee: str = "bob", amount_minor: int = 1_000
) -> OrderElement:
    """As the API does, with id and hash from the request."""
    asked = Submission(
        idempotency_key=key,
        product="zelle",
        customer="cus_ann",
        account="acc_ann",
        payee=f"pay_{payee}",
        money=Money(amount_minor, "USD"),
        reference=None,
        memo="für Ann",
    )
    order = a_new_order(
        order_id("cli_tests", key),
        idempotency_key=key,
        body_hash=asked.body_hash(),
        payee=asked.payee,
        alias_key=f"email:{payee}@example.com",
        amount_minor=amount_minor,
        memo=asked.memo,
    )
    saved = a_payee(asked.payee)
    del saved["_id"]
    bank.db.payees.update_one({"_id": asked.payee}, {"$setOnInsert": saved}, upsert=True)
    bank.db.orders.insert_one(storable(dict(order)))
    return OrderElement(order["_id"])


@pytest.fixture
def honest(bank: Bank) -> Bank:
    """A paid order, one that was cancelled while it waited, one that waits; a refused command and one unanswered."""
    bank.enrols("ann", "bob")
    bank.settles(
        _accepts(bank, "paid"),
        _accepts(bank, "cancelled", payee="nobody"),
        _accepts(bank, "waits", payee="nobody"),
    )
    bank.is_asked("cmd_applied", CANCELLED)
    bank.is_asked("cmd_refused", PAID)
    bank.is_asked("cmd_waits", WAITS)
    bank.db.commands.insert_one({"_id": "cmd_probe", "type": "probe", "order": None, "actor": {}})
    bank.settles(*(CommandElement(f"cmd_{name}") for name in ("applied", "refused", "probe")))
    return bank


def _found(bank: Bank, *, all_answered: bool = False) -> Found:
    with bank.client.start_session(snapshot=True) as session:
        findings = check_idempotency(bank.db, session, all_answered=all_answered)
    assert all(problem.detail for problem in findings.problems)
    found = [(problem.id, problem.rule) for problem in findings.problems]
    assert len(found) == len(set(found))
    return set(found)


def test_an_honest_bank_has_no_problem(honest: Bank) -> None:
    assert _found(honest) == set()
    with honest.client.start_session(snapshot=True) as session:
        checked = check_idempotency(honest.db, session).checked
    assert checked == {"orders": 3, "commands": 4, "outcomes": 3}


@pytest.mark.parametrize(("collection", "document", "damage", "named"), DAMAGE)
def test_one_damaged_field_is_named(
    honest: Bank, collection: str, document: str, damage: dict[str, Any], named: Found
) -> None:
    result = honest.db[collection].update_one({"_id": document}, damage)
    assert result.modified_count == 1

    assert _found(honest) == named


@pytest.mark.parametrize(("collection", "document", "named"), REMOVED)
def test_a_lost_document_is_named(
    honest: Bank, collection: str, document: str, named: Found
) -> None:
    assert honest.db[collection].delete_one({"_id": document}).deleted_count == 1

    assert _found(honest) == named


def test_two_orders_of_one_key_are_named_though_neither_has_the_id_of_it(honest: Bank) -> None:
    order = honest.order(PAID)
    honest.db.orders.delete_one({"_id": PAID})
    honest.db.orders.insert_many([{**order, "_id": "ord_one"}, {**order, "_id": "ord_two"}])

    assert _found(honest) == {
        ("ord_one", "id_from_key"),
        ("ord_two", "id_from_key"),
        ("ord_one", "one_order_a_key"),
    }


def test_a_command_in_two_histories_is_named(honest: Bank) -> None:
    honest.db.orders.update_one({"_id": PAID}, {"$set": {"history.3.cause": "cmd_applied"}})

    assert "cause_of_one_order" in {rule for _, rule in _found(honest)}


def test_an_order_of_an_earlier_build_is_counted_and_not_accused(honest: Bank) -> None:
    honest.db.orders.update_one({"_id": PAID}, {"$unset": {"idempotency_key": 1}})

    with honest.client.start_session(snapshot=True) as session:
        findings = check_idempotency(honest.db, session)

    assert (findings.problems, findings.checked["orders without their key"]) == ([], 1)


def test_a_command_that_waits_is_named_when_asked_for(honest: Bank) -> None:
    assert _found(honest, all_answered=True) == {("cmd_waits", "all_answered")}
