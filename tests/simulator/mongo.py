"""The driver's side of a fake MongoDB: sessions, collections, and a connection that fails at any call."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import InsertOne, UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError, DuplicateKeyError, OperationFailure

from tests.simulator.documents import Document, aggregated, by_fields, matches, projected, updated
from tests.simulator.server import (
    TRANSIENT,
    UNKNOWN,
    Server,
    Transaction,
    bulk_error,
    connection_lost,
)

# What a transaction whose client is gone keeps locked, MongoDB frees after this long.
ORPHAN_SECONDS = 60.0


class Session:
    """As much of a ClientSession as the SOR transaction uses, with commits of every outcome there is."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._world = server.world
        self.transaction: Transaction | None = None

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        # A process that dies closes its connection, and MongoDB ends what it left open.
        if self.transaction is not None:
            self._server.end(self.transaction, "aborted")

    def start_transaction(self, **_: Any) -> None:
        self.transaction = self._server.begin()

    def abort_transaction(self) -> None:
        transaction = self.transaction
        assert transaction is not None
        self._world.pause("abort")
        self.transaction = None
        if transaction.writes and self._world.strikes("abort lost"):
            self._orphan(transaction)
        else:
            self._server.end(transaction, "aborted")

    def commit_transaction(self) -> None:
        transaction, world = self.transaction, self._world
        assert transaction is not None
        world.pause("commit")
        if world.now < self._server.away_until:
            world.sleep(0.5)
            raise AutoReconnect("no primary", UNKNOWN)
        if transaction.state == "committed":
            return
        if world.strikes("commit unknown, not applied"):
            raise AutoReconnect("connection closed", UNKNOWN)
        if world.strikes("commit unknown, then gone"):
            self._server.end(transaction, "aborted")
            raise AutoReconnect("connection closed", UNKNOWN)
        if transaction.state == "aborted":
            raise OperationFailure("NoSuchTransaction", 251, TRANSIENT)
        self._server.commit(transaction)
        world.note(f"committed {[key for _, key in transaction.writes]}")
        if world.strikes("commit unknown, applied"):
            raise AutoReconnect("connection closed", UNKNOWN)
        if world.strikes("commit unknown, applied, then forgotten"):
            transaction.state = "aborted"
            raise AutoReconnect("connection closed", UNKNOWN)
        world.pause("committed")

    def _orphan(self, transaction: Transaction) -> None:
        server, world = self._server, self._world

        def reap() -> None:
            world.note("mongod ends an orphaned transaction")
            server.end(transaction, "aborted")

        world.start("mongod", reap, after=ORPHAN_SECONDS * world.rng.random(), mortal=False)


class Table:
    """As much of a Collection as the platform uses."""

    def __init__(self, server: Server, name: str) -> None:
        assert name in server.tables, name
        self._server = server
        self._world = server.world
        self._name = name

    def with_options(self, **_: Any) -> "Table":
        return self

    def find(
        self,
        conditions: Mapping[str, Any],
        fields: Any = None,
        *,
        session: Session | None = None,
        sort: Sequence[tuple[str, int]] = (),
    ) -> "Found":
        self._call("find", session)
        rows = [projected(document, fields) for document in self._matching(conditions, session)]
        return Found(by_fields(rows, dict(sort)))

    def find_one(
        self,
        conditions: Mapping[str, Any],
        fields: Any = None,
        *,
        sort: Sequence[tuple[str, int]] = (),
    ) -> Document | None:
        self._call("find", None)
        found = by_fields(self._matching(conditions, None), dict(sort))
        return projected(found[0], fields) if found else None

    def aggregate(self, pipeline: Sequence[Mapping[str, Any]], **_: Any) -> list[Document]:
        self._call("aggregate", None)
        found: list[Document] = list(self._rows(None).values())
        for number, stage in enumerate(pipeline):
            if number == 0 and "$match" in stage:
                found = list(self._matching(stage["$match"], None))
            elif "$unionWith" in stage:
                other = Table(self._server, stage["$unionWith"]["coll"])
                found += other.aggregate(stage["$unionWith"]["pipeline"])
            else:
                found = aggregated(found, stage)
        return found

    def insert_one(self, document: Document) -> None:
        self._call("insert", None)
        try:
            self._write(document["_id"], document, None, 0, is_new=True)
        except BulkWriteError as error:
            raise DuplicateKeyError("E11000", 11000) from error
        self._answer()

    def insert_many(
        self, documents: Sequence[Document], *, ordered: bool = True, session: Session | None = None
    ) -> None:
        self._call("insert", session)
        errors: list[Document] = []
        for index, document in enumerate(documents):
            try:
                self._write(document["_id"], document, session, index, is_new=True)
            except BulkWriteError as error:
                self._failed(session)
                errors += error.details["writeErrors"]
                if ordered or session is not None:
                    break
            if session is None and index + 1 < len(documents):
                self._between()
        if errors:
            raise BulkWriteError({"writeErrors": errors, "writeConcernErrors": []})
        self._answer(session)

    def update_one(
        self, conditions: Mapping[str, Any], update: Mapping[str, Any], *, upsert: bool = False
    ) -> int:
        self._call("update", None)
        operation = UpdateOne(conditions, update, upsert=upsert)
        try:
            matched = self._update(operation, None, 0)
        except BulkWriteError:  # somebody else made it meanwhile: MongoDB updates that one
            matched = self._update(operation, None, 0)
        self._answer()
        return matched

    def bulk_write(
        self,
        operations: Sequence[Any],
        *,
        ordered: bool = True,  # noqa: ARG002 - the first error ends the transaction either way
        session: Session | None = None,
    ) -> "Written":
        self._call("write", session)
        matched = 0
        for index, operation in enumerate(operations):
            try:
                if isinstance(operation, InsertOne):
                    document: Any = operation._doc
                    self._write(document["_id"], document, session, index, is_new=True)
                else:
                    matched += self._update(operation, session, index)
            except BulkWriteError:
                self._failed(session)
                raise
        self._answer(session)
        return Written(matched)

    def _update(self, operation: UpdateOne, session: Session | None, index: int) -> int:
        conditions: Any = operation._filter
        update: Any = operation._doc
        found = next(iter(self._matching(conditions, session)), None)
        while session is None and found and (self._name, found["_id"]) in self._server.locks:
            self._world.wait("locks")
            found = next(iter(self._matching(conditions, session)), None)
        if found is None:
            if operation._upsert:
                fresh = updated({"_id": conditions["_id"]}, update, inserting=True)
                self._write(fresh["_id"], fresh, session, index, is_new=True)
            return 0
        after = updated(found, update)
        if after != found:
            self._write(found["_id"], after, session, index, is_new=False)
        return 1

    def _write(
        self, key: Any, after: Document, session: Session | None, index: int, *, is_new: bool
    ) -> None:
        server, place = self._server, (self._name, key)
        if is_new and (key in self._rows(session) or self._taken(after)):
            raise bulk_error(index, 11000, f"E11000 duplicate key {key}")
        server.check(self._name, after, index)
        if session is None:
            while place in server.locks:
                self._world.wait("locks")
                if key in server.tables[self._name]:
                    raise bulk_error(index, 11000, f"E11000 duplicate key {key}")
            server.apply({place: after})
            return
        transaction = session.transaction
        assert transaction is not None
        seen = transaction.snapshot[self._name].get(key)
        holder = server.locks.get(place, transaction)
        if holder is not transaction or server.tables[self._name].get(key) is not seen:
            self._world.struck["write conflict"] += 1
            server.end(transaction, "aborted")
            raise OperationFailure("WriteConflict", 112, TRANSIENT)
        server.locks[place] = transaction
        transaction.writes[place] = after

    def _taken(self, document: Document) -> bool:
        names = self._server.unique.get(self._name)
        if names is None:
            return False
        wanted = [document[name] for name in names]
        rows = self._server.tables[self._name].values()
        return any([row[name] for name in names] == wanted for row in rows)

    def _rows(self, session: Session | None) -> Mapping[Any, Document]:
        if session is None or session.transaction is None:
            return self._server.tables[self._name]
        transaction = session.transaction
        rows = transaction.snapshot[self._name]
        own = {key: row for (name, key), row in transaction.writes.items() if name == self._name}
        return {**rows, **own} if own else rows

    def _matching(
        self, conditions: Mapping[str, Any], session: Session | None
    ) -> Iterable[Document]:
        rows = self._rows(session)
        wanted = conditions.get("_id")
        keys: Iterable[Any] | None = None
        if isinstance(wanted, dict):
            keys = wanted.get("$in")
        elif wanted is not None:
            keys = (wanted,)
        found = rows.values() if keys is None else [rows[key] for key in keys if key in rows]
        return [document for document in found if matches(document, conditions)]

    def _call(self, what: str, session: Session | None) -> None:
        """The request on its way: what fails here has changed nothing."""
        world, server = self._world, self._server
        world.pause(f"{what} {self._name}")
        transaction = session.transaction if session is not None else None
        if world.now < server.away_until:
            world.sleep(0.5)
            raise connection_lost()
        if world.strikes("connection lost"):
            raise connection_lost()
        if transaction is not None and transaction.state != "open":
            raise OperationFailure("NoSuchTransaction", 251, TRANSIENT)

    def _answer(self, session: Session | None = None) -> None:
        """The answer on its way back: what fails here has been done."""
        if session is None:
            self._world.pause(f"wrote {self._name}")
        if self._world.strikes("answer lost"):
            raise connection_lost()

    def _between(self) -> None:
        self._world.pause(f"between two of {self._name}")
        if self._world.strikes("connection lost"):
            raise connection_lost()

    def _failed(self, session: Session | None) -> None:
        if session is not None and session.transaction is not None:
            self._server.end(session.transaction, "aborted")


@dataclass(frozen=True)
class Written:
    matched_count: int


class Found:
    """A cursor over what was found."""

    def __init__(self, rows: list[Document]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Document]:
        return iter(self._rows)

    def sort(self, name: str, direction: int = 1) -> "Found":
        return Found(by_fields(self._rows, {name: direction}))

    def limit(self, most: int) -> "Found":
        return Found(self._rows[:most])

    async def to_list(self) -> list[Document]:
        return self._rows


class Database:
    """`database.orders`, `database["orders"]` and `database.get_collection("orders")` are the same table."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._tables: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        if name not in self._tables:
            self._tables[name] = Table(self._server, name)
        return self._tables[name]

    def __getattr__(self, name: str) -> Table:
        return self[name]

    def get_collection(self, name: str, **_: Any) -> Table:
        return self[name]


class Client:
    """A connection of one process; its database has the one name there is."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def __getitem__(self, name: str) -> Database:
        return Database(self._server)

    def start_session(self) -> Session:
        self._server.world.pause("begin")
        return Session(self._server)


class Watched:
    """The same tables for who awaits each answer; nothing of it really waits."""

    def __init__(self, server: Server) -> None:
        self.feed_events = WatchedTable(Table(server, "feed_events"))
        self.customers = WatchedTable(Table(server, "customers"))


class WatchedTable:
    def __init__(self, table: Table) -> None:
        self._table = table
        self.find = table.find

    async def find_one(self, *asked: Any, **options: Any) -> Document | None:
        return self._table.find_one(*asked, **options)
