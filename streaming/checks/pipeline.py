"""MongoDB against the captured topics: every version is covered, every cause applied once, nothing from nowhere."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol

from pymongo.client_session import ClientSession
from pymongo.database import Database

from apps.kernel.findings import Findings, Problem
from streaming.checks.captured import DELETED, UNVERSIONED, Captured, history_number
from streaming.contracts.collections import CAPTURED
from streaming.flows.registry import FLOWS
from streaming.kafka.reader import Record

Document = dict[str, Any]

# A change is in Kafka within a second, and applied soon after; what is not within this time does not come.
WAIT_SECONDS = 20.0
_ASK_AGAIN_SECONDS = 0.25
_BATCH = 2000
_ORDER_FIELDS = (
    *("version", "status", "alias_key", "history.version", "history.status", "history.cause"),
)


class Source(Protocol):
    """Where records come from: all that there are now, and on the next call those that came since."""

    def records(self) -> Iterable[Record]: ...


@dataclass
class _Awaited:
    """What the snapshot had and Kafka, or what Kafka had and the flows, did not: it may be on its way."""

    # Collection, id and version that Kafka must cover, with the problem if it does not.
    captures: list[tuple[str, str, int, Problem]] = field(default_factory=list)
    commands: set[str] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    claims: dict[str, str] = field(default_factory=dict)
    places: set[str] = field(default_factory=set)

    def is_empty(self) -> bool:
        return not (self.captures or self.commands or self.orders or self.claims or self.places)


class PipelineCheck:
    """`read` before the snapshot is taken, `check` in it: so Kafka can't hold what the snapshot does not know yet."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.captured = Captured()

    def read(self, into: Findings) -> None:
        for record in self._source.records():
            self.captured.add(record)
            into.count("records")

    def check(
        self,
        db: Database[Document],
        session: ClientSession,
        into: Findings,
        *,
        wait_seconds: float = WAIT_SECONDS,
    ) -> Findings:
        """Compares, then waits at most `wait_seconds` for what is on its way."""
        awaited = _Awaited()
        for collection in CAPTURED:
            into.problems += self._of_collection(db, session, collection, into, awaited)
        self._await_answers(db, session, awaited)
        self._wait(db, awaited, into, wait_seconds)
        into.problems += [*self.captured.problems, *self._missing(awaited)]
        into.count("duplicates", self.captured.duplicates)
        into.count("snapshot rows", self.captured.snapshot_rows)
        return into

    def _of_collection(
        self,
        db: Database[Document],
        session: ClientSession,
        collection: str,
        into: Findings,
        awaited: _Awaited,
    ) -> Iterator[Problem]:
        fields: Any = _ORDER_FIELDS if collection == "orders" else ("version",)
        live: set[str] = set()
        for document in db[collection].find({}, fields, session=session, batch_size=_BATCH):
            into.count(collection)
            entity = str(document["_id"])
            live.add(entity)
            yield from self._of_document(collection, entity, document, awaited)
            if collection == "orders":
                yield from self._of_order(entity, document, awaited)
        for entity, standing in self.captured.standing[collection].items():
            if entity not in live and standing.version != DELETED:
                detail = "it is in Kafka and not in MongoDB, and no deletion of it was captured"
                yield Problem(f"{collection}/{entity}", "never_in_mongodb", detail)

    def _of_document(
        self, collection: str, entity: str, document: Document, awaited: _Awaited
    ) -> Iterator[Problem]:
        version = document.get("version", UNVERSIONED)
        if not isinstance(version, int):
            yield Problem(f"{collection}/{entity}", "readable", f"its version is {version!r}")
            return
        covered = self.captured.version_of(collection, entity)
        if covered is None or covered < version:
            detail = f"version {version} is in MongoDB, Kafka has {_told(covered)}"
            problem = Problem(f"{collection}/{entity}", "not_covered", detail)
            awaited.captures.append((collection, entity, version, problem))
        elif covered > version:
            detail = f"Kafka has version {covered}, MongoDB {version}"
            yield Problem(f"{collection}/{entity}", "never_in_mongodb", detail)

    def _of_order(self, order: str, document: Document, awaited: _Awaited) -> Iterator[Problem]:
        name = f"orders/{order}"
        try:
            history = document["history"]
            for version, told in self.captured.histories.get(order, {}).items():
                if version <= len(history) and history_number(history[:version]) != told:
                    detail = f"Kafka tells another history up to version {version}"
                    yield Problem(name, "history_differs", detail)
            causes = [cause for cause, _ in groupby(step["cause"] for step in history)]
        except (KeyError, TypeError) as error:
            yield Problem(name, "readable", f"{type(error).__name__}: {error}")
            return
        for cause in {cause for cause in causes if causes.count(cause) > 1}:
            yield Problem(name, "cause_once", f"{cause} was applied {causes.count(cause)} times")
        awaited.captures += [
            (*of, Problem(name, "cause_in_kafka", f"{of[0]} {of[1]} is not there up to {of[2]}"))
            for of in map(_document_of_cause, causes)
            if of is not None and not self._covers(*of)
        ]
        if document["status"] == "RECEIVED" and order in self.captured.standing["orders"]:
            awaited.orders.add(order)
        elif document["status"] == "AWAITING_CLAIM" and document["alias_key"]:
            awaited.claims[order] = document["alias_key"]

    def _covers(self, collection: str, entity: str, version: int) -> bool:
        covered = self.captured.version_of(collection, entity)
        return covered is not None and covered >= version

    def _await_answers(
        self, db: Database[Document], session: ClientSession, awaited: _Awaited
    ) -> None:
        commands = {
            command
            for command, standing in self.captured.standing["commands"].items()
            if standing.version != DELETED
        }
        answered = db.outcomes.find({}, {"_id": 1}, session=session, batch_size=_BATCH)
        awaited.commands = commands - {str(outcome["_id"]) for outcome in answered}
        awaited.claims = _claimed(db, awaited.claims, session)
        awaited.places = set(self.captured.undecodable)

    def _wait(
        self, db: Database[Document], awaited: _Awaited, into: Findings, seconds: float
    ) -> None:
        deadline = time.monotonic() + seconds
        while True:
            self._forget_what_came(db, awaited)
            if awaited.is_empty() or time.monotonic() > deadline:
                return
            time.sleep(_ASK_AGAIN_SECONDS)
            self.read(into)

    def _forget_what_came(self, db: Database[Document], awaited: _Awaited) -> None:
        awaited.captures = [late for late in awaited.captures if not self._covers(*late[:3])]
        if awaited.commands:
            asked = {"_id": {"$in": sorted(awaited.commands)}}
            awaited.commands -= {str(found["_id"]) for found in db.outcomes.find(asked, {"_id": 1})}
        if awaited.orders:
            still = {"_id": {"$in": sorted(awaited.orders)}, "status": "RECEIVED"}
            awaited.orders = {str(found["_id"]) for found in db.orders.find(still, {"_id": 1})}
        if awaited.claims:
            waiting = {"_id": {"$in": sorted(awaited.claims)}, "status": "AWAITING_CLAIM"}
            still_waiting = {str(found["_id"]) for found in db.orders.find(waiting, {"_id": 1})}
            awaited.claims = {o: key for o, key in awaited.claims.items() if o in still_waiting}
        self._forget_what_is_buried(db, awaited)

    def _forget_what_is_buried(self, db: Database[Document], awaited: _Awaited) -> None:
        """A dead letter explains why something was not applied; there, people see it and decide."""
        names = {*awaited.commands, *awaited.orders, *awaited.claims}
        ids = {f"{flow}:{name}": name for flow in FLOWS for name in names}
        ids |= {place: place for place in awaited.places}
        if not ids:
            return
        letters = db.dead_letters.find({"_id": {"$in": sorted(ids)}}, {"_id": 1})
        buried = {ids[letter["_id"]] for letter in letters}
        awaited.commands -= buried
        awaited.orders -= buried
        awaited.places -= buried
        awaited.claims = {
            order: key for order, key in awaited.claims.items() if order not in buried
        }

    def _missing(self, awaited: _Awaited) -> Iterator[Problem]:
        yield from (problem for *_, problem in awaited.captures)
        for command in sorted(awaited.commands):
            yield Problem(f"commands/{command}", "cause_applied", "it is in Kafka and unanswered")
        for order in sorted(awaited.orders):
            yield Problem(f"orders/{order}", "cause_applied", "it is in Kafka and still RECEIVED")
        for order, key in sorted(awaited.claims.items()):
            yield Problem(f"orders/{order}", "claim_missed", f"it waits for {key}, which is active")
        for place in sorted(awaited.places):
            yield Problem(place, "undecodable", f"{self.captured.undecodable[place]}; not buried")


def _document_of_cause(cause: str) -> tuple[str, str, int] | None:
    """The collection, id and version of what caused a step, when it is another document than the order."""
    entity, at, version = cause.partition("@")
    if entity.startswith("cmd_"):
        return "commands", entity, UNVERSIONED
    if entity.startswith("als_") and at:
        return "aliases", entity, int(version) if version.isdigit() else UNVERSIONED
    return None


def _claimed(
    db: Database[Document], claims: dict[str, str], session: ClientSession
) -> dict[str, str]:
    """Of the orders that wait for an alias those whose alias is active."""
    if not claims:
        return {}
    asked = {"key": {"$in": sorted(set(claims.values()))}, "status": "ACTIVE"}
    active = {alias["key"] for alias in db.aliases.find(asked, {"key": 1}, session=session)}
    return {order: key for order, key in claims.items() if key in active}


def _told(covered: int | None) -> str:
    if covered is None:
        return "nothing of it"
    return "its deletion" if covered == DELETED else f"version {covered}"
