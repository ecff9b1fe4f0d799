"""The checkers find nothing in an honest bank, and name exactly what is wrong in a damaged one."""

from typing import Any

import pytest
from bson.int64 import Int64

from apps.ledger.domain.entry import holds_account
from apps.ledger.management.commands.verify_ledger import check_ledger
from apps.transactions.management.commands.verify_orders import check_orders
from streaming.sor.element import LEDGER_SHARDS, CommandElement, shard_of
from tests.integration.sor.bank import Bank

HOLDS = holds_account("USD", shard_of("acc_ann", LEDGER_SHARDS))
USAGE = "cus_ann|zelle|USD|2026-11-22"
LINE = "lines.0.amount_minor"

# What is damaged, how, and the rules that must be named: those of verify_orders, then those of verify_ledger.
Found = set[tuple[str, str]]
Damage = tuple[str, str, dict[str, Any], Found, Found]


def _of(document: str, *rules: str) -> Found:
    return {(document, rule) for rule in rules}


ORDERS: list[Damage] = [
    ("orders", "ord_paid", {"$set": {"history.1.version": 7}},
     _of("ord_paid", "versions_gapless"), set()),
    ("orders", "ord_paid", {"$set": {"history.1.version": 1}},
     _of("ord_paid", "versions_gapless"), set()),
    ("orders", "ord_paid", {"$set": {"version": 5}}, _of("ord_paid", "version_is_last_step"), set()),
    ("orders", "ord_paid", {"$set": {"iso_status": "ACSC"}},
     _of("ord_paid", "iso_status_is_last_step"), set()),
    ("orders", "ord_paid", {"$set": {"status": "HELD"}}, _of("ord_paid", "status_is_last_step"),
     set()),
    ("orders", "ord_paid", {"$set": {"reason": "AM04"}}, _of("ord_paid", "reason_is_last_step"),
     set()),
    ("orders", "ord_paid", {"$set": {"final": False}}, _of("ord_paid", "final_is_last_step"), set()),
    ("orders", "ord_waits", {"$set": {"final": True}}, _of("ord_waits", "final_is_last_step"),
     set()),
    ("orders", "ord_paid", {"$set": {"history.0.status": "VALIDATED"}},
     _of("ord_paid", "first_step", "move_legal"), set()),
    ("orders", "ord_paid", {"$set": {"history.0.iso_status": "PDNG"}}, _of("ord_paid", "first_step"),
     set()),
    ("orders", "ord_paid", {"$set": {"history.2.actor.kind": "customer"}},
     _of("ord_paid", "move_legal"), set()),
    ("orders", "ord_paid", {"$set": {"history.2.actor.kind": "nobody"}},
     _of("ord_paid", "move_legal"), set()),
    ("orders", "ord_paid", {"$set": {"history.2.iso_status": "PDNG"}},
     _of("ord_paid", "step_iso_status"), set()),
    ("orders", "ord_paid", {"$set": {"history.3.cause": "ord_paid"}},
     _of("ord_paid", "cause_once"),
     {("ord_paid:3", "entry_missing"), ("ord_paid:4", "entry_fits_history")}),
    ("orders", "ord_paid", {"$set": {"history.1.status": "COMPLETED"}},
     _of("ord_paid", "move_legal", "step_iso_status", "nothing_after_final"),
     {("ord_paid", "counts_in_limits"), ("ord_paid:2", "entry_missing")}),
    ("orders", "ord_paid", {"$set": {"amount_minor": Int64(-1_000)}},
     _of("ord_paid", "amount_positive"),
     {("ord_paid:4", "lines_fit_order"), (USAGE, "usage_is_orders")}),
    ("orders", "ord_paid", {"$set": {"amount_minor": 0.5}}, _of("ord_paid", "amount_positive"),
     {("ord_paid:4", "lines_fit_order"), (USAGE, "usage_is_orders")}),
    ("orders", "ord_paid", {"$set": {"history": []}}, _of("ord_paid", "first_step"),
     {("ord_paid:4", "entry_fits_history"), ("ord_paid", "counts_in_limits")}),
    ("orders", "ord_paid", {"$unset": {"iso_status": 1}}, _of("ord_paid", "readable"), set()),
    ("orders", "ord_paid", {"$set": {"route.customer": "cus_bob"}},
     _of("ord_paid", "routed_for_its_customer"), set()),
    ("orders", "ord_waits", {"$unset": {"debtor": 1}}, _of("ord_waits", "readable"),
     {("ord_waits", "readable"), ("acc_ann", "held_is_explained"), (USAGE, "usage_is_orders")}),
    ("orders", "ord_waits", {"$set": {"due_event": None}},
     _of("ord_waits", "waiting_has_a_deadline"), set()),
    ("orders", "ord_paid", {"$set": {"due_event": "claim_expired"}},
     _of("ord_paid", "final_waits_for_nothing"), set()),
    ("orders", "ord_paid", {"$set": {"limit_day": None}}, set(),
     {("ord_paid", "counts_in_limits"), (USAGE, "usage_is_orders")}),
    ("orders", "ord_paid", {"$set": {"creditor.account": "acc_ann"}}, set(),
     _of("ord_paid:4", "lines_fit_order")),
    ("orders", "ord_waits", {"$set": {"history.3.status": "REJECTED", "history.3.iso_status": "RJCT"}},
     _of("ord_waits", "status_is_last_step", "iso_status_is_last_step", "final_is_last_step",
         "final_waits_for_nothing"),
     {("ord_waits:3", "entry_fits_history"), ("acc_ann", "held_is_explained"),
      ("ord_waits", "counts_in_limits")}),
]  # fmt: skip

LEDGER: list[Damage] = [
    ("accounts", "acc_ann", {"$inc": {"posted_minor": Int64(1)}}, set(),
     {("acc_ann", "posted_is_sum_of_lines"), ("USD posted", "sums_to_zero")}),
    ("accounts", "acc_ann", {"$inc": {"held_minor": Int64(-1)}}, set(),
     {("acc_ann", "held_is_sum_of_lines"), ("acc_ann", "held_is_explained"),
      ("USD held", "sums_to_zero")}),
    ("accounts", "acc_ann", {"$set": {"posted_minor": Int64(-5)}}, set(),
     {("acc_ann", "posted_is_sum_of_lines"), ("acc_ann", "not_below_zero"),
      ("USD posted", "sums_to_zero")}),
    ("accounts", "acc_bob", {"$set": {"posted_minor": 11_000.0}}, set(),
     _of("acc_bob", "posted_is_sum_of_lines")),
    ("accounts", "acc_bob", {"$unset": {"held_minor": 1}}, set(), _of("acc_bob", "readable")),
    ("accounts", HOLDS, {"$inc": {"held_minor": Int64(7)}}, set(),
     {(HOLDS, "held_is_sum_of_lines"), ("USD held", "sums_to_zero")}),
    ("accounts", "acc_bob", {"$set": {"currency": "EUR"}}, set(),
     {("acc_bob", "one_currency"), ("USD posted", "sums_to_zero"), ("EUR posted", "sums_to_zero")}),
    ("accounts", HOLDS, {"$set": {"purpose": "fees"}}, set(), _of(HOLDS, "own_purpose")),
    ("accounts", "acc_bob", {"$set": {"purpose": "unclaimed"}}, set(), _of("acc_bob", "own_purpose")),
    ("entries", "ord_cancelled:3", {"$set": {LINE: Int64(999)}}, set(),
     {("ord_cancelled:3", "entry_balanced"), ("ord_cancelled:3", "lines_fit_order"),
      ("acc_ann", "held_is_sum_of_lines")}),
    ("entries", "ord_cancelled:3", {"$set": {LINE: "300"}}, set(),
     {("ord_cancelled:3", "whole_amounts"), ("ord_cancelled:3", "entry_balanced"),
      ("ord_cancelled:3", "lines_fit_order"), ("acc_ann", "held_is_sum_of_lines")}),
    ("entries", "ord_paid:4", {"$set": {"lines.1.account": "acc_gone"}}, set(),
     {("ord_paid:4", "lines_fit_order"), ("acc_gone", "account_exists"),
      ("acc_bob", "posted_is_sum_of_lines")}),
    ("entries", "ord_paid:4", {"$set": {"kind": "void"}}, set(),
     _of("ord_paid:4", "entry_fits_history")),
    ("entries", "ord_paid:4", {"$set": {"order_version": 5}}, set(),
     {("ord_paid:4", "entry_id"), ("ord_paid:4", "entry_missing"),
      ("ord_paid:5", "entry_fits_history")}),
    ("entries", "ord_cancelled:5", {"$set": {"order_version": 3}}, set(),
     {("ord_cancelled:5", "entry_id"), ("ord_cancelled", "one_entry_a_version"),
      ("ord_cancelled:3", "entry_fits_history"), ("ord_cancelled:5", "entry_missing")}),
    ("entries", "ord_paid:4", {"$set": {"order": "ord_gone"}}, set(),
     {("ord_paid:4", "entry_id"), ("ord_paid:4", "order_exists"), ("ord_paid:4", "entry_missing")}),
    ("entries", "ord_cancelled:3", {"$set": {"currency": "EUR"}}, set(),
     {("ord_cancelled:3", "lines_fit_order"), ("ord_cancelled:3", "one_currency")}),
    ("entries", "ord_cancelled:3", {"$unset": {"lines": 1}}, set(),
     {("ord_cancelled:3", "readable"), ("ord_cancelled:3", "lines_fit_order"),
      ("ord_cancelled:5", "lines_fit_order"), ("acc_ann", "held_is_sum_of_lines"),
      (HOLDS, "held_is_sum_of_lines")}),
    ("entries", "acc_ann:opening", {"$set": {"kind": "hold"}}, set(),
     _of("acc_ann:opening", "entry_id")),
    ("limit_usage", USAGE, {"$inc": {"amount_minor": Int64(1)}}, set(),
     _of(USAGE, "usage_is_orders")),
    ("limit_usage", USAGE, {"$inc": {"count": -1}}, set(), _of(USAGE, "usage_is_orders")),
]  # fmt: skip

REMOVED: list[tuple[str, str, Found]] = [
    ("orders", "ord_paid", {("ord_paid:4", "order_exists"), (USAGE, "usage_is_orders")}),
    ("orders", "ord_waits", {("ord_waits:3", "order_exists"), ("acc_ann", "held_is_explained"),
                             (USAGE, "usage_is_orders")}),
    ("entries", "ord_paid:4", {("ord_paid:4", "entry_missing"),
                               ("acc_ann", "posted_is_sum_of_lines"),
                               ("acc_bob", "posted_is_sum_of_lines")}),
    ("entries", "ord_cancelled:5", {("ord_cancelled:5", "entry_missing"),
                                    (HOLDS, "held_is_sum_of_lines"),
                                    ("acc_ann", "held_is_sum_of_lines")}),
    ("accounts", "acc_bob", {("acc_bob", "account_exists"), ("USD posted", "sums_to_zero")}),
    ("limit_usage", USAGE, {(USAGE, "usage_is_orders")}),
]  # fmt: skip


@pytest.fixture
def honest(bank: Bank) -> Bank:
    """One order of each fate: paid, waiting, cancelled while it waited, rejected for want of funds."""
    bank.enrols("ann", "bob")
    bank.settles(
        bank.accepts("ord_paid"),
        bank.accepts("ord_waits", to="nobody", amount_minor=2_000),
        bank.accepts("ord_cancelled", to="nobody", amount_minor=300),
        bank.accepts("ord_rejected", amount_minor=50_000),
    )
    bank.is_asked("cmd_1", "ord_cancelled")
    bank.settles(CommandElement("cmd_1"))
    return bank


def _found(bank: Bank) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What each checker names, in one snapshot."""
    with bank.client.start_session(snapshot=True) as session:
        of_orders = check_orders(bank.db, session).problems
        of_ledger = check_ledger(bank.db, session).problems
    for problem in (*of_orders, *of_ledger):
        assert problem.detail
    return [(p.id, p.rule) for p in of_orders], [(p.id, p.rule) for p in of_ledger]


def test_an_honest_bank_has_no_problem(honest: Bank) -> None:
    assert _found(honest) == ([], [])
    with honest.client.start_session(snapshot=True) as session:
        assert check_orders(honest.db, session).checked == {"orders": 4}
        checked = check_ledger(honest.db, session).checked
    assert checked == {"orders": 4, "entries": 6, "accounts": 4, "usages": 1}


@pytest.mark.parametrize(
    ("collection", "document", "damage", "of_orders", "of_ledger"),
    [*ORDERS, *LEDGER],
    ids=lambda value: str(value) if isinstance(value, str | dict) else "",
)
def test_one_damaged_field_is_named(
    honest: Bank,
    collection: str,
    document: str,
    damage: dict[str, Any],
    of_orders: Found,
    of_ledger: Found,
) -> None:
    result = honest.db[collection].update_one({"_id": document}, damage)
    assert result.modified_count == 1

    orders, ledger = _found(honest)

    assert set(orders) == of_orders
    assert set(ledger) == of_ledger
    assert of_orders or of_ledger


@pytest.mark.parametrize(("collection", "document", "of_ledger"), REMOVED)
def test_a_lost_document_is_named(
    honest: Bank, collection: str, document: str, of_ledger: Found
) -> None:
    assert honest.db[collection].delete_one({"_id": document}).deleted_count == 1

    assert set(_found(honest)[1]) == of_ledger


def test_a_second_entry_for_one_version_is_named(honest: Bank) -> None:
    entry = honest.db.entries.find_one({"_id": "ord_paid:4"})
    assert entry is not None
    honest.db.entries.insert_one(entry | {"_id": "ord_paid:4b"})

    assert ("ord_paid", "one_entry_a_version") in _found(honest)[1]
    assert ("ord_paid:4b", "entry_id") in _found(honest)[1]


def test_an_order_that_has_not_ended_is_named_when_asked_for(honest: Bank) -> None:
    with honest.client.start_session(snapshot=True) as session:
        problems = check_orders(honest.db, session, all_final=True).problems

    assert [(problem.id, problem.rule) for problem in problems] == [("ord_waits", "all_final")]
