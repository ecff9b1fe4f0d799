"""The system of record in memory: tables that answer what `streaming.sor.reading` asks, and plans written whole."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from apps.kernel.findings import Problem
from apps.ledger.domain.internal import purpose_of
from streaming.sor.plan import Plan
from streaming.sor.write import _CHANGED

Document = dict[str, Any]
TABLES = (
    *("orders", "commands", "outcomes", "entries", "accounts", "limit_usage", "payee_stats"),
    *("rail_messages", "cases", "dead_letters", "customers", "aliases", "payees"),
    *("directory_entries", "blocked_parties"),
)
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$in": lambda value, wanted: value in wanted,
    "$gt": lambda value, wanted: value is not None and value > wanted,
    "$ne": lambda value, wanted: value != wanted,
}


class Rows(list[Document]):
    """What a find answers."""

    def sort(self, key: str) -> "Rows":  # type: ignore[override]  # as a cursor does
        return Rows(sorted(self, key=lambda row: row[key]))

    def limit(self, most: int) -> "Rows":
        return Rows(self[:most])


class Table(dict[str, Document]):
    """Documents by id, in the order of their insertion. A document is replaced and never changed in place."""

    def find(self, asked: Mapping[str, Any], *_: Any, **__: Any) -> Rows:
        if len(asked) == 1:
            [(name, wanted)] = asked.items()
            if name == "_id":
                return Rows([self[each] for each in wanted["$in"] if each in self])
            if "$in" in wanted:
                among = wanted["$in"]
                return Rows([row for row in self.values() if row.get(name) in among])
        return Rows([row for row in self.values() if _fits(row, asked)])

    def find_one(self, asked: Mapping[str, Any], *_: Any, **__: Any) -> Document | None:
        if isinstance(asked.get("_id"), str):
            row = self.get(asked["_id"])
            return row if row is not None and _fits(row, asked) else None
        return next((row for row in self.values() if _fits(row, asked)), None)


def _fits(row: Document, asked: Mapping[str, Any]) -> bool:
    for name, wanted in asked.items():
        value = row.get(name)
        if not isinstance(wanted, dict):
            if value != wanted:
                return False
        elif not all(_OPERATORS[each](value, wanted[each]) for each in wanted):
            return False
    return True


class Store:
    """All tables; `changed` is told each document that was inserted or replaced, as a change stream is."""

    def __init__(
        self, tables: Mapping[str, Mapping[str, Document]], changed: Callable[[str, Document], None]
    ) -> None:
        self.tables = {name: Table(tables.get(name, {})) for name in TABLES}
        self.changed = changed
        self.problems: list[Problem] = []

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def __getattr__(self, name: str) -> Table:
        return self.tables[name]

    def insert(self, name: str, document: Document) -> bool:
        """False when its id is taken: then nothing is written."""
        table = self.tables[name]
        if document["_id"] in table:
            return False
        table[document["_id"]] = document
        self.changed(name, document)
        return True

    def put(self, name: str, document: Document) -> None:
        self.tables[name][document["_id"]] = document
        self.changed(name, document)

    def write(self, plan: Plan) -> None:
        """What `streaming.sor.write` does; what that would fail on is a problem."""
        for order_id, (read_at, order) in plan.orders.items():
            self._write_order(order_id, read_at, dict(order))
        self._once("entries", plan.entries)
        self._add_up(plan)
        for use in plan.usage:
            used = self.limit_usage.get(use.id, {"_id": use.id, "amount_minor": 0, "count": 0})
            changes = {"amount_minor": use.amount_minor, "count": use.count}
            row = used | {name: used[name] + change for name, change in changes.items()}
            self.limit_usage[use.id] = row
        for stats in plan.stats:
            known = self.payee_stats.get(stats["_id"], {"version": 0})
            if known["version"] != stats["version"] - 1:
                self.wrong(stats["_id"], "stats_version", f"{known['version']} was read before")
            self.payee_stats[stats["_id"]] = stats
        self._once("rail_messages", plan.messages)
        self._once("cases", plan.cases)
        self._once("outcomes", plan.outcomes)
        for letter in plan.dead_letters:
            self.dead_letters.setdefault(letter["_id"], letter)

    def wrong(self, about: str, rule: str, detail: str) -> None:
        self.problems.append(Problem(about, rule, detail))

    def _write_order(self, order_id: str, read_at: int, order: Document) -> None:
        before = self.orders.get(order_id)
        version = before["version"] if before else 0
        if version != read_at:
            self.wrong(order_id, "compare_and_set", f"it is at {version}, {read_at} was read")
            return
        if before is not None:
            # Only these fields and the new steps are written: what else a step sets is lost.
            changed = {name: order[name] for name in _CHANGED if name in order}
            history = [*before["history"], *order["history"][read_at:]]
            order = before | changed | {"history": history}
        self.put("orders", order)

    def _once(self, name: str, documents: Iterable[Mapping[str, Any]]) -> None:
        for document in documents:
            if not self.insert(name, dict(document)):
                self.wrong(str(document["_id"]), f"{name}_once", "it was written before")

    def _add_up(self, plan: Plan) -> None:
        for entry in plan.entries:
            for line in entry["lines"]:
                account = self.accounts.get(line["account"]) or _internal(
                    line["account"], entry["currency"]
                )
                field = f"{line['layer']}_minor"
                account = account | {field: account[field] + line["amount_minor"]}
                self.accounts[line["account"]] = account
            for line in entry["lines"]:
                account = self.accounts[line["account"]]
                available_minor = account["posted_minor"] - account["held_minor"]
                if account["customer"] is not None and (
                    available_minor < 0 or account["held_minor"] < 0
                ):
                    self.wrong(account["_id"], "not_below_zero", f"by {entry['_id']}: {account}")


def _internal(account_id: str, currency: str) -> Document:
    return {
        "_id": account_id,
        "customer": None,
        "currency": currency,
        "status": "OPEN",
        "posted_minor": 0,
        "held_minor": 0,
        "purpose": purpose_of(account_id),
    }
