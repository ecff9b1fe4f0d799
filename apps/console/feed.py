"""The numbered feed: what happened to which order, in one gapless sequence that any reader can catch up with.

What makes it safe to repeat: an event is unique by (order, version), so a record read twice is skipped; `_id` is the
sequence, so a second leader's write of the same number fails and it steps down; Kafka offsets are committed after the
insert is majority-acknowledged.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pymongo
import structlog
from pymongo.database import Database
from pymongo.errors import BulkWriteError
from pymongo.write_concern import WriteConcern

from apps.console.rows import StoredRow, stored_row
from apps.kernel.clock import Clock, wall_clock
from apps.kernel.failpoint import failpoint
from apps.kernel.ids import new_id
from streaming.contracts.envelope import Change, Undecodable, decode_change
from streaming.kafka.reader import Record

log = structlog.get_logger(__name__)

_DUPLICATE_KEY = 11000
_DURABLE = WriteConcern("majority", j=True)

Document = dict[str, Any]
Key = tuple[str, int]


@dataclass(frozen=True)
class OrderChange:
    """What the feed keeps of a change: whose order it is, and what a list shows of it."""

    client: str
    row: StoredRow


class Superseded(Exception):
    """Another leader wrote a number of this sequence first: this one must stop and read the head anew."""


class Feed:
    """The writer's side of `feed_events`; one leader at a time, fenced by the sequence itself."""

    def __init__(
        self,
        database: Database[Document],
        *,
        clock: Clock = wall_clock,
        tell_of_letter: Callable[[Document], None] = lambda _: None,
    ) -> None:
        """`tell_of_letter` is called with each dead letter after it is kept; what it raises ends the batch."""
        self._events = database.get_collection("feed_events", write_concern=_DURABLE)
        self._dead_letters = database.get_collection("dead_letters", write_concern=_DURABLE)
        self._clock = clock
        self._tell_of_letter = tell_of_letter
        self.epoch = ""
        self.head = 0

    def take_over(self) -> None:
        """Reads where the sequence stands. An empty feed begins a new epoch: old numbers are not its own."""
        failpoint("feed.before_take_over")
        last = self._events.find_one({}, {"epoch": 1}, sort=[("_id", pymongo.DESCENDING)])
        if last is None:
            self.epoch, self.head = new_id("feed", self._clock()), 0
        else:
            self.epoch, self.head = last["epoch"], last["_id"]
        failpoint("feed.after_take_over")

    def append(self, records: Iterable[Record]) -> int:
        """Numbers what is new in `records`, in their order, and says how much that was. Raises Superseded.

        1. Decode; what cannot be decoded is kept as a dead letter and left out.
        2. Leave out what has a number already.
        3. Insert the rest under the next numbers, in order: a reader never sees a number before a smaller one.
           A version that comes after a newer one is marked late: it happened, but no list may show it any more.
        """
        changes = {(each.row["id"], each.row["version"]): each for each in self._decoded(records)}
        newest = self._leave_out_numbered(changes)
        if not changes:
            return 0
        events = [
            self._event(number, each) for number, each in enumerate(changes.values(), self.head + 1)
        ]
        for event in events:
            if event["version"] < newest.get(event["order"], 0):
                event["row"]["late"] = True
            newest[event["order"]] = max(event["version"], newest.get(event["order"], 0))
        failpoint("feed.before_insert")
        try:
            self._events.insert_many(events, ordered=True)
        except BulkWriteError as error:
            if any(item["code"] == _DUPLICATE_KEY for item in error.details["writeErrors"]):
                raise Superseded(f"number {self.head + 1} and on") from error
            raise
        failpoint("feed.after_insert")
        self.head += len(events)
        return len(events)

    def _decoded(self, records: Iterable[Record]) -> Iterable[OrderChange]:
        for record in records:
            if record.value is None:
                continue  # a tombstone tells the topic's compaction, not the feed
            try:
                change = order_change(decode_change(record.key, record.value, with_before=False))
            except Undecodable as error:
                self._keep(record, error)
            else:
                if change is not None:
                    yield change

    def _leave_out_numbered(self, changes: dict[Key, OrderChange]) -> dict[str, int]:
        """Takes out what has a number already; answers the newest version numbered of each order."""
        newest: dict[str, int] = {}
        orders = list({order for order, _ in changes})
        found = self._events.find({"order": {"$in": orders}}, {"_id": 0, "order": 1, "version": 1})
        for event in found:
            changes.pop((event["order"], event["version"]), None)
            newest[event["order"]] = max(event["version"], newest.get(event["order"], 0))
        return newest

    def _event(self, number: int, change: OrderChange) -> Document:
        row = change.row
        return {
            "_id": number,
            "epoch": self.epoch,
            "order": row["id"],
            "client": change.client,
            "version": row["version"],
            "status": row["status"],
            # Events end 30 days after `at`, the oldest number first: so it is when the number was given.
            "at": self._clock(),
            "changed_at": row["updated_at"],
            "row": row,
        }

    def _keep(self, record: Record, error: Undecodable) -> None:
        log.error("dead_letter", place=record.place, reason=error.reason)
        letter = {
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "key": record.key,
            "value": record.value,
            "reason": error.reason,
            "detail": error.detail,
            "flow": "bridge",
            "at": self._clock(),
        }
        failpoint("feed.before_keep")
        # Read again, or met by a flow job too, it stays the one letter that it was at first.
        self._dead_letters.update_one({"_id": record.place}, {"$setOnInsert": letter}, upsert=True)
        failpoint("feed.after_keep")
        self._tell_of_letter({"_id": record.place, **letter})
        failpoint("feed.after_tell")


def order_change(change: Change) -> OrderChange | None:
    """What the feed shows of a change; None for a deletion, which no one may make and only the audit trail tells.

    Raises Undecodable when the document is no order.
    """
    if change.after is None:
        return None
    try:
        _check(change.after)
        return OrderChange(str(change.after["client"]), stored_row(change.after))
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        detail = f"{change.collection} {change.id}: {type(error).__name__} {error}"
        raise Undecodable("not_an_order", detail[:500]) from error


# What the feed orders, counts and filters by, in orders of every kind.
_TYPES: dict[str, type] = {
    "_id": str,
    "kind": str,
    "status": str,
    "version": int,
    "amount_minor": int,
    "created_at": datetime,
    "updated_at": datetime,
}


def _check(order: Document) -> None:
    """Raises KeyError or TypeError."""
    for name, kind in _TYPES.items():
        if not isinstance(order[name], kind) or isinstance(order[name], bool):
            raise TypeError(f"{name} is {type(order[name]).__name__}, expected {kind.__name__}")
