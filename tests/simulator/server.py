"""What a fake MongoDB stores: tables, the change log, and the locks of transactions that are open.

Documents are never changed in place and a captured table is replaced by each commit, so a snapshot is a reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pymongo.errors import AutoReconnect, BulkWriteError

from streaming.contracts.collections import CAPTURED
from tests.simulator.documents import Document
from tests.simulator.world import World

TRANSIENT = {"errorLabels": ["TransientTransactionError"]}
UNKNOWN = {"errorLabels": ["UnknownTransactionCommitResult"]}
Key = tuple[str, Any]


@dataclass(frozen=True)
class Change:
    """One document's change in the database's log."""

    collection: str
    id: Any
    before: Document | None
    after: Document
    at_ms: int
    order_in_second: int
    transaction: int | None


@dataclass(eq=False)
class Transaction:
    number: int
    snapshot: dict[str, dict[Any, Document]]
    writes: dict[Key, Document] = field(default_factory=dict)
    state: str = "open"


class Server:
    """Everything that is stored. Reads and writes go through `Database` and `Session`."""

    def __init__(self, world: World, base: Mapping[str, Mapping[Any, Document]]) -> None:
        self.world = world
        self.tables: dict[str, dict[Any, Document]] = {
            name: dict(documents) for name, documents in base.items()
        }
        self.unique: dict[str, tuple[str, ...]] = {"feed_events": ("order", "version")}
        self.log: list[Change] = []
        self.locks: dict[Key, Transaction] = {}
        self.away_until = 0.0
        self.refuses: dict[Any, tuple[str, ...]] = {}  # order id to the statuses it can't be given
        self._transactions = 0
        self._orders_in_second: dict[int, int] = {}

    def begin(self) -> Transaction:
        self._transactions += 1
        return Transaction(self._transactions, dict(self.tables))

    def commit(self, transaction: Transaction) -> None:
        self.apply(transaction.writes, transaction.number)
        self.end(transaction, "committed")

    def end(self, transaction: Transaction, state: str) -> None:
        if transaction.state == "open":
            transaction.state = state
            self.locks = {k: t for k, t in self.locks.items() if t is not transaction}
            self.world.wake("locks")

    def restart(self, seconds: float) -> None:
        """Away for so long; whatever was not committed is gone."""
        self.away_until = self.world.now + seconds
        for transaction in set(self.locks.values()):
            self.end(transaction, "aborted")

    def apply(self, writes: Mapping[Key, Document], transaction: int | None = None) -> None:
        """Makes the writes visible and tells the change log of them."""
        at_ms = self.world.clock_ms()
        number = self._orders_in_second.get(at_ms // 1000, 0) + 1
        self._orders_in_second[at_ms // 1000] = number
        for (name, key), after in writes.items():
            before = self.tables[name].get(key)
            if name in _CAPTURED:
                self.tables[name] = {**self.tables[name], key: after}
                change = Change(name, key, before, after, at_ms, number, transaction)
                self.log.append(change)
            else:
                self.tables[name][key] = after
        self.world.wake("log")

    def check(self, name: str, document: Document, index: int) -> None:
        """Refuses what a validator would."""
        refused = self.refuses.get(document["_id"]) if name == "orders" else None
        if refused and document["status"] in refused:
            raise bulk_error(index, 121, "Document failed validation")


_CAPTURED = frozenset(CAPTURED)


def bulk_error(index: int, code: int, message: str) -> BulkWriteError:
    errors = [{"index": index, "code": code, "errmsg": message}]
    return BulkWriteError({"writeErrors": errors, "writeConcernErrors": []})


def connection_lost() -> AutoReconnect:
    return AutoReconnect("connection closed", TRANSIENT)
