"""Step 4 of the SOR transaction: writes a plan; each order once, by compare-and-set on its version."""

from collections import defaultdict
from typing import Any

from bson import Int64
from pymongo import InsertOne, UpdateOne
from pymongo.client_session import ClientSession

from apps.kernel.failpoint import failpoint
from apps.ledger.domain.internal import purpose_of
from apps.transactions.domain.order import AnyOrder
from streaming.contracts.codec import storable
from streaming.sor.plan import Plan
from streaming.sor.surroundings import Documents, Surroundings

# What steps may change, as far as an order's kind has it.
_CHANGED = (
    "status",
    "iso_status",
    "reason",
    "final",
    "version",
    "creditor",
    "limit_day",
    "payer",
    "payment",
    "due_at",
    "due_event",
    "updated_at",
)


class VersionConflict(Exception):
    """An order is no longer at the version it was read at: the batch reads again and decides again."""


def write(db: Documents, session: ClientSession, plan: Plan, found: Surroundings) -> None:
    """Raises VersionConflict when the compare-and-set of an order missed; the transaction must then be aborted."""
    if plan.orders:
        # First: whoever else moved one of them ends this attempt here.
        _write_orders(db, session, plan)
        failpoint("settle.after_orders")
    if plan.entries:
        inserts = [InsertOne(storable({**entry, "made_by": plan.by})) for entry in plan.entries]
        db.entries.bulk_write(inserts, ordered=False, session=session)
        failpoint("settle.after_entries")
        _write_accounts(db, session, plan, found)
        failpoint("settle.after_accounts")
    if plan.usage:
        _write_usage(db, session, plan)
        failpoint("settle.after_usage")
    if plan.stats:
        _write_stats(db, session, plan)
        failpoint("settle.after_stats")
    if plan.messages:
        db.rail_messages.insert_many(
            [storable(message) for message in plan.messages], ordered=False, session=session
        )
        failpoint("settle.after_messages")
    if plan.cases:
        db.cases.insert_many(plan.cases, ordered=False, session=session)
        failpoint("settle.after_cases")
    if plan.outcomes:
        db.outcomes.insert_many(plan.outcomes, ordered=False, session=session)
        failpoint("settle.after_outcomes")
    if plan.dead_letters:
        _write_dead_letters(db, session, plan)
        failpoint("settle.after_dead_letters")


def _write_dead_letters(db: Documents, session: ClientSession, plan: Plan) -> None:
    """The first of a kind stays as it is: a redelivery tells nothing new, and people may have noted on it."""
    letters = [
        UpdateOne({"_id": letter["_id"]}, {"$setOnInsert": letter}, upsert=True)
        for letter in plan.dead_letters
    ]
    db.dead_letters.bulk_write(letters, session=session)


def _write_stats(db: Documents, session: ClientSession, plan: Plan) -> None:
    """Each history by compare-and-set on its version; a first one by its insert."""
    writes: list[Any] = []
    for stats in plan.stats:
        # Amounts by currency: as Int64 like every amount, though their names do not say so.
        document = stats | {"day_minor": {k: Int64(v) for k, v in stats["day_minor"].items()}}
        if stats["version"] == 1:
            writes.append(InsertOne(document))
        else:
            read_at = {"_id": stats["_id"], "version": stats["version"] - 1}
            changed = {name: value for name, value in document.items() if name != "_id"}
            writes.append(UpdateOne(read_at, {"$set": changed}))
    updates = sum(isinstance(each, UpdateOne) for each in writes)
    result = db.payee_stats.bulk_write(writes, ordered=False, session=session)
    if result.matched_count != updates:
        raise VersionConflict(f"{updates - result.matched_count} histories moved meanwhile")


def _write_orders(db: Documents, session: ClientSession, plan: Plan) -> None:
    updates = [_update(read_at, order) for read_at, order in plan.orders.values() if read_at]
    inserts = [
        InsertOne(storable(dict(order))) for read_at, order in plan.orders.values() if not read_at
    ]
    result = db.orders.bulk_write([*updates, *inserts], ordered=False, session=session)
    if result.matched_count != len(updates):
        raise VersionConflict(f"{len(updates) - result.matched_count} orders moved meanwhile")


def _update(read_at: int, order: AnyOrder) -> UpdateOne:
    held: dict[str, Any] = dict(order)
    changed = {name: held[name] for name in _CHANGED if name in held}
    steps = order["history"][read_at:]
    return UpdateOne(
        {"_id": order["_id"], "version": read_at},
        {"$set": changed, "$push": {"history": {"$each": steps}}},
    )


def _write_accounts(db: Documents, session: ClientSession, plan: Plan, found: Surroundings) -> None:
    deltas: dict[str, dict[str, int]] = defaultdict(lambda: {"posted": 0, "held": 0})
    for entry in plan.entries:
        for line in entry["lines"]:
            deltas[line["account"]][line["layer"]] += line["amount_minor"]
    updates = [
        _account_update(account, delta["posted"], delta["held"], found, plan.by)
        for account, delta in sorted(deltas.items())
        if delta["posted"] or delta["held"]
    ]
    if updates:
        db.accounts.bulk_write(updates, ordered=False, session=session)


def _account_update(
    account_id: str, posted_minor: int, held_minor: int, found: Surroundings, by: str
) -> UpdateOne:
    increments = storable({"posted_minor": posted_minor, "held_minor": held_minor})
    update: dict[str, Any] = {
        "$inc": {**increments, "version": 1},
        "$set": {"updated_at": found.now, "modified_by": by},
    }
    account = found.accounts[account_id]
    if account.customer is None:
        update["$setOnInsert"] = {
            "customer": None,
            "kind": "internal",
            "purpose": purpose_of(account_id),
            "currency": account.currency,
            "number_last4": None,
            "status": "OPEN",
            "opened_at": found.now,
        }
    return UpdateOne({"_id": account_id}, update, upsert=account.customer is None)


def _write_usage(db: Documents, session: ClientSession, plan: Plan) -> None:
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    about = {}
    for change in plan.usage:
        about[change.id] = change
        totals[change.id][0] += change.amount_minor
        totals[change.id][1] += change.count
    updates = [
        UpdateOne(
            {"_id": usage_id},
            {
                "$inc": {**storable({"amount_minor": amount_minor}), "count": count, "version": 1},
                "$set": {"modified_by": plan.by},
                "$setOnInsert": {
                    "customer": about[usage_id].customer,
                    "product": about[usage_id].product,
                    "currency": about[usage_id].currency,
                    "day": about[usage_id].day,
                },
            },
            upsert=True,
        )
        for usage_id, (amount_minor, count) in sorted(totals.items())
        if amount_minor or count
    ]
    if updates:
        db.limit_usage.bulk_write(updates, ordered=False, session=session)
