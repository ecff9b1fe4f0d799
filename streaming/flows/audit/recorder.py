"""Writes the audit trail: one entry for each change, whatever is delivered twice, late or again.

What makes it safe to repeat: an entry's id derives from the change itself, so a second delivery is a duplicate key and
nothing more. Entries are inserted before the job's offsets move on, so a change is never passed by. The trail's user
can insert and find and nothing else.
"""

import itertools
import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from bson.errors import BSONError
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DocumentTooLarge,
    OperationFailure,
    WriteConcernError,
)

from apps.audit.domain.entry import Captured, Position, entry_of, newer
from apps.kernel.clock import wall_clock
from apps.kernel.failpoint import failpoint
from streaming.config import Config
from streaming.contracts.envelope import Undecodable
from streaming.flows.audit.captured import captured
from streaming.flows.audit.missing import missing_entries
from streaming.flows.audit.trail import newest
from streaming.flows.runtime import audit_client, mongo_client, quiet_logging
from streaming.patience import Patience

log = logging.getLogger("dpms.audit")

_DUPLICATE_KEY = 11000
_TOO_LARGE = 10334
# One entry that can't be encoded or is too large must not stop the others for ever.
_UNWRITABLE = (BSONError, DocumentTooLarge, OverflowError)
# Well below half of the 60 s that a checkpoint may take.
OUTAGE_SECONDS = 25.0
RETRY_SECONDS = 0.2

Document = dict[str, Any]
# Key, value, topic, partition, offset, as they came from Kafka.
Record = tuple[bytes | None, bytes | None, str, int, int]


class AuditUnavailable(RuntimeError):
    """The AuditDB stayed away too long: the job fails, restarts and gets the same changes again."""


class Recorder:
    """One per task; not shared between threads. `job` names the flow and the attempt that records."""

    def __init__(
        self,
        *,
        trail: Collection[Document],
        live: Database[Document],
        job: str,
        clock: Callable[[], datetime],
        patience: Patience | None = None,
    ) -> None:
        self._trail = trail
        self._live = live
        self._job = job
        self._clock = clock
        self._patience = patience or Patience()
        # Entries of one millisecond stand in the order in which this attempt made them.
        self._numbers = itertools.count()

    def record(self, records: Sequence[Record]) -> list[Document]:
        """Records what the records tell and returns the dead letters among them. Raises AuditUnavailable."""
        started = self._patience.monotonic()
        while True:
            try:
                return self._record(records)
            except (ConnectionFailure, WriteConcernError) as error:
                if self._patience.is_over(started, OUTAGE_SECONDS):
                    raise AuditUnavailable(str(error)) from error
                log.warning("%s waits for MongoDB: %s", self._job, type(error).__name__)
                self._patience.sleep(RETRY_SECONDS)

    def _record(self, records: Sequence[Record]) -> list[Document]:
        letters: list[Document] = []
        changes = list(self._decoded(records, letters))
        entries, record_of = self._entries(changes)
        failpoint("audit.before_insert")
        for entry, fault in self._insert(self._stamped(entries)):
            letters.append(self._letter(record_of[entry["_id"]], "unwritable", fault))
        failpoint("audit.after_insert")
        self._keep(letters)
        if any(change.ends_snapshot for change, _ in changes):
            failpoint("audit.before_missing")
            gone = missing_entries(self._trail, self._live, at=self._clock())
            failpoint("audit.after_missing")
            self._insert(self._stamped(gone))
        return letters

    def _decoded(
        self, records: Sequence[Record], letters: list[Document]
    ) -> Iterator[tuple[Captured, Record]]:
        for record in records:
            key, value, topic, partition, offset = record
            if value is None:
                continue  # a tombstone tells the topic's compaction and nobody else
            try:
                yield captured(Position(topic, partition, offset), key, value), record
            except Undecodable as error:
                letters.append(self._letter(record, error.reason, error.detail))

    def _entries(
        self, changes: Sequence[tuple[Captured, Record]]
    ) -> tuple[list[Document], dict[str, Record]]:
        # What a creation was before is known: nothing.
        asked = {
            (c.collection, c.entity)
            for c, _ in changes
            if c.before is None and c.operation != "created"
        }
        last = newest(self._trail, asked)
        entries: list[Document] = []
        record_of: dict[str, Record] = {}
        for change, record in changes:
            of = (change.collection, change.entity)
            entry = entry_of(change, last=last.get(of))
            if entry is not None:
                last[of] = newer(entry, last.get(of))
                entries.append(entry)
                record_of[entry["_id"]] = record
        return entries, record_of

    def _stamped(self, entries: Sequence[Document]) -> list[Document]:
        now = self._clock()
        return [
            {**entry, "recorded_at": now, "n": next(self._numbers), "job": self._job}
            for entry in entries
        ]

    def _insert(self, entries: Sequence[Document]) -> list[tuple[Document, str]]:
        """Inserts what the trail lacks; answers the entries that MongoDB refuses, each with its reason."""
        if not entries:
            return []
        try:
            self._trail.insert_many(entries, ordered=False)
        except BulkWriteError as error:
            if error.details["writeConcernErrors"]:
                # Written here and not yet by a majority: another primary may not have it, so it is not done.
                raise WriteConcernError(str(error.details["writeConcernErrors"])[:500]) from error
            faults = [f for f in error.details["writeErrors"] if f["code"] != _DUPLICATE_KEY]
            return [(entries[fault["index"]], fault["errmsg"][:500]) for fault in faults]
        except (OperationFailure, *_UNWRITABLE) as error:
            if isinstance(error, OperationFailure) and error.code != _TOO_LARGE:
                raise
            if len(entries) == 1:
                return [(entries[0], f"{type(error).__name__}: {error}"[:500])]
            middle = len(entries) // 2
            return self._insert(entries[:middle]) + self._insert(entries[middle:])
        return []

    def _letter(self, record: Record, reason: str, detail: str) -> Document:
        key, value, topic, partition, offset = record
        log.error("%s buries %s:%s:%s: %s", self._job, topic, partition, offset, reason)
        return {
            "_id": f"{topic}:{partition}:{offset}",
            "topic": topic,
            "partition": partition,
            "offset": offset,
            "key": key,
            "value": value,
            "reason": reason,
            "detail": detail,
            "flow": self._job.partition("#")[0],
            "at": self._clock(),
        }

    def _keep(self, letters: Sequence[Document]) -> None:
        """The first of a kind stays as it is: another flow may have met the same record before."""
        for letter in letters:
            failpoint("audit.before_keep")
            self._live.dead_letters.update_one(
                {"_id": letter["_id"]}, {"$setOnInsert": letter}, upsert=True
            )
            failpoint("audit.after_keep")


def recorder(config: Config, flow: str) -> Recorder:
    quiet_logging()
    job = f"{flow}#{secrets.token_hex(4)}"
    log.info("%s opens", job)
    return Recorder(
        trail=audit_client(config)[config.audit_mongodb_database]["audit_entries"],
        live=mongo_client(config)[config.mongodb_database],
        job=job,
        clock=wall_clock,
    )
