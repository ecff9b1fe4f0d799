"""What must hold when a history has come to rest, by the project's own rules of its checkers."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from apps.audit.domain.entry import CAPTURE_ORDER
from apps.audit.domain.fold import Folded, compared
from apps.console.rows import stored_row
from apps.kernel.findings import Problem
from apps.ledger.domain.verify import Books, fit, orphan
from apps.transactions.domain.verify import problems_of
from apps.transactions.domain.verify_money import expected_of, limit_problem_of, use_of
from streaming.contracts.collections import CAPTURED
from tests.simulator.bank import PENDING, base
from tests.simulator.documents import Document, by_fields

if TYPE_CHECKING:
    from tests.simulator.history import History


def problems_at_rest(history: "History") -> list[Problem]:
    """Nothing moves any more: nobody may wait for something that has come."""
    tables = history.server.tables
    problems = []
    is_enrolled = tables["aliases"][f"als_{PENDING}"]["status"] == "ACTIVE"
    for order_id, order in tables["orders"].items():
        if order_id in history.server.refuses:
            continue
        if order["status"] == "RECEIVED":
            problems.append(Problem(order_id, "assessed", "nothing was decided about it"))
        if order["status"] == "AWAITING_CLAIM" and is_enrolled:
            problems.append(Problem(order_id, "claimed", "it waits for an alias that is active"))
    return [*problems, *_unfinished(history), *_shown_by_feed(history)]


def problems_of_the_end(history: "History") -> list[Problem]:
    """Everything, after each order that waited for a person was cancelled."""
    return [
        *_unfinished(history),
        *_promises(history),
        *_orders(history),
        *_ledger(history),
        *_money_of_each_transaction(history),
        *_trail(history),
        *_feed(history),
        *_letters(history),
    ]


def _unfinished(history: "History") -> Iterator[Problem]:
    if not history.connector.is_done:
        yield Problem("connector", "has_sent_all", "the change log is not read to its end")
    for job in history.jobs:
        if not job.is_done:
            yield Problem(job.name, "has_read_all", "records or a batch wait")
    if not history.bridge.is_done:
        yield Problem("bridge", "has_read_all", "records wait")


def _promises(history: "History") -> Iterator[Problem]:
    tables, answers = history.server.tables, history.clients.answers
    for order_id, body_hash in answers.orders.items():
        if order_id not in tables["orders"]:
            yield Problem(order_id, "accepted_exists", "it was accepted and is not there")
        elif tables["orders"][order_id]["body_hash"] != body_hash:
            yield Problem(order_id, "accepted_exists", "it is not the order that was accepted")
    if len(tables["orders"]) > len(answers.sent):
        yield Problem("orders", "one_per_key", f"{len(tables['orders'])} of {len(answers.sent)}")
    for command_id in answers.commands - tables["commands"].keys():
        yield Problem(command_id, "accepted_exists", "it was accepted and is not there")
    answered = tables["outcomes"].keys() | {
        letter.partition(":")[2] for letter in tables["dead_letters"]
    }
    for command_id in tables["commands"].keys() - answered:
        yield Problem(command_id, "has_an_outcome", "it is neither applied nor refused")


def _orders(history: "History") -> Iterator[Problem]:
    for order_id, order in history.server.tables["orders"].items():
        yield from problems_of(order, all_final=order_id not in history.server.refuses)


def _ledger(history: "History") -> list[Problem]:
    tables, books, problems = history.server.tables, Books(), []
    of_order = defaultdict(list)
    for entry in tables["entries"].values():
        problems += books.entry(entry)
        of_order[entry["order"]].append(entry)
    for order_id, order in tables["orders"].items():
        expected, use, limit = expected_of(order), use_of(order), limit_problem_of(order)
        books.order(expected)
        if use is not None:
            books.use(use)
        problems += fit(expected, of_order.pop(order_id, [])) + ([limit] if limit else [])
    problems += [orphan(e) for order, entries in of_order.items() if order for e in entries]
    for account in tables["accounts"].values():
        problems += books.account(account)
    for usage in tables["limit_usage"].values():
        problems += books.usage(usage)
    return problems + books.closing()


def _money_of_each_transaction(history: "History") -> Iterator[Problem]:
    """The ledger sums to zero after each commit and not only at the end."""
    sums: dict[tuple[int | None, str], int] = defaultdict(int)
    for change in history.server.log:
        if change.collection == "accounts":
            before = change.before or {"posted_minor": 0, "held_minor": 0}
            for layer in ("posted_minor", "held_minor"):
                sums[change.transaction, layer] += change.after[layer] - before[layer]
            customer = change.after["customer"]
            if customer and change.after["posted_minor"] < change.after["held_minor"]:
                yield Problem(change.id, "not_below_zero", f"in transaction {change.transaction}")
    for (transaction, layer), total in sums.items():
        if total != 0:
            detail = f"{layer} changed by {total}"
            yield Problem(f"transaction {transaction}", "sums_to_zero", detail)


def _trail(history: "History") -> Iterator[Problem]:
    tables = history.server.tables
    entries = by_fields(tables["audit_entries"].values(), CAPTURE_ORDER)
    known = set()
    for (collection, entity), group in groupby(
        entries, key=lambda entry: (entry["collection"], entry["entity"])
    ):
        of_it, folded = list(group), Folded()
        known.add((collection, entity))
        if len(of_it) == 1 and of_it[0]["after"] is base()[collection].get(entity):
            live = tables[collection][entity]
            if live is not of_it[0]["after"]:
                yield from compared(collection, entity, of_it[0]["after"], live)
            continue
        for entry in of_it:
            folded.add(entry)
        yield from _but_gaps(history, folded.problems)
        yield from compared(collection, entity, folded.state, tables[collection].get(entity))
        yield from _coverage(of_it)
    for collection in CAPTURED:
        for entity in tables[collection]:
            if (collection, entity) not in known:
                yield Problem(f"{collection}/{entity}", "not_in_trail", "nothing tells of it")


def _but_gaps(history: "History", problems: list[Problem]) -> list[Problem]:
    """What a lost token hid is rightly told as a gap; nothing else hides anything."""
    may_lack = history.world.struck["snapshot"] > 0
    return [problem for problem in problems if not (may_lack and problem.rule == "gap")]


def _coverage(entries: list[Document]) -> Iterator[Problem]:
    """Each version is told once; a snapshot may tell several, a late change of them again, and a snapshot after it."""
    told: set[int] = set()
    shown = standing = 0
    name = f"{entries[0]['collection']}/{entries[0]['entity']}"
    for entry in entries:
        version = entry["after"].get("version", 1)
        before = (entry["before"] or {}).get("version", 0)
        span = set(range(before + 1, version + 1))
        if entry["operation"] == "snapshot":
            if version <= standing:
                yield Problem(name, "told_once", f"a snapshot tells version {version} again")
        elif span & told:
            yield Problem(name, "told_once", f"versions {sorted(span & told)} are told again")
        else:
            told |= span
        shown, standing = max(shown, version), version
    covered = told | {
        number
        for entry in entries
        if entry["operation"] == "snapshot"
        for number in range(1, entry["after"].get("version", 1) + 1)
    }
    if covered != set(range(1, shown + 1)):
        yield Problem(name, "versions_covered", f"{sorted(covered)} of {shown}")


def _feed(history: "History") -> Iterator[Problem]:
    tables = history.server.tables
    events = by_fields(tables["feed_events"].values(), {"_id": 1})
    if [event["_id"] for event in events] != list(range(1, len(events) + 1)):
        yield Problem("feed", "gapless", f"{[event['_id'] for event in events]}")
    if len({event["epoch"] for event in events}) > 1:
        yield Problem("feed", "one_epoch", "the sequence began anew")
    keys = [(event["order"], event["version"]) for event in events]
    if len(set(keys)) != len(keys):
        yield Problem("feed", "told_once", "a version has two numbers")
    yield from _shown_by_feed(history)
    yield from _rows("console", history.shown(), _live_rows(history))
    if history.world.struck["snapshot"] == 0:
        changed = {
            (c.id, c.after["version"]) for c in history.server.log if c.collection == "orders"
        }
        for key in changed ^ set(keys):
            yield Problem("feed", "every_change", f"{key} is not both changed and numbered")


def _shown_by_feed(history: "History") -> Iterator[Problem]:
    events = history.server.tables["feed_events"].values()
    rows = [event["row"] for event in by_fields(events, {"_id": 1}) if not event["row"].get("late")]
    yield from _rows("feed", {row["id"]: row for row in rows}, _live_rows(history))


def _live_rows(history: "History") -> dict[str, Document]:
    orders = history.server.tables["orders"]
    return {order_id: dict(stored_row(order)) for order_id, order in orders.items()}


def _rows(name: str, shown: dict[str, Document], live: dict[str, Document]) -> Iterator[Problem]:
    for order_id in shown.keys() | live.keys():
        if shown.get(order_id) != live.get(order_id):
            versions = [
                (rows.get(order_id) or {}).get("version", "nothing") for rows in (shown, live)
            ]
            yield Problem(order_id, f"{name}_shows_it", "shown {}, live {}".format(*versions))


def _letters(history: "History") -> Iterator[Problem]:
    """Every dead letter has its reason: a record that was poison, or an order that can't be stored."""
    tables = history.server.tables
    refused = history.server.refuses
    for letter_id in tables["dead_letters"]:
        about = letter_id.removeprefix("send_money:")
        order = tables["commands"].get(about, {}).get("order", about)
        if (
            letter_id not in history.poisons
            and order not in refused
            and "@example.com" not in about
        ):
            letter = tables["dead_letters"][letter_id]
            yield Problem(letter_id, "explained", f"{letter['reason']}: {letter['detail']}")
    for poison in history.poisons & history.standing_poison():
        if poison not in tables["dead_letters"]:
            yield Problem(poison, "kept", "the record that nobody can read was not kept")
