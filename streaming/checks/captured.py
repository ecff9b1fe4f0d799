"""What the captured topics hold, record by record: how far each document is covered, and what may not be in a topic."""

import json
from dataclasses import dataclass, field
from typing import Any

from apps.kernel.findings import Problem
from streaming.contracts.codec import loads_any
from streaming.contracts.collections import CAPTURED
from streaming.contracts.envelope import Change, Undecodable, decode_change
from streaming.contracts.topics import topic_of
from streaming.kafka.reader import Record

COLLECTION_OF = {topic_of(name): name for name in CAPTURED}
# A document that has no version, and one whose deletion was captured last.
UNVERSIONED, DELETED = 0, -1


@dataclass(slots=True)
class Standing:
    """One document in its topic: the newest version in any record, and in a change (no snapshot's row)."""

    partition: int
    version: int = UNVERSIONED
    moved: int = UNVERSIONED


@dataclass
class Captured:
    """Feed it every record of the captured topics, each partition in the order of its offsets."""

    standing: dict[str, dict[str, Standing]] = field(
        default_factory=lambda: {name: {} for name in CAPTURED}
    )
    # Of each order: the history up to a version, as one number, for every version that a record ends at.
    histories: dict[str, dict[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    # Places of what is no change event; each must have its dead letter.
    undecodable: dict[str, str] = field(default_factory=dict)
    records: int = 0
    duplicates: int = 0
    snapshot_rows: int = 0
    _changes: set[int] = field(default_factory=set)
    _offsets: dict[tuple[str, int], int] = field(default_factory=dict)

    def version_of(self, collection: str, entity: str) -> int | None:
        """The newest version that is in Kafka; UNVERSIONED, DELETED, or None when nothing of it is there."""
        found = self.standing[collection].get(entity)
        return None if found is None else found.version

    def add(self, record: Record) -> None:
        """Takes the next record; what it breaks is in `problems`."""
        self.records += 1
        before = self._offsets.get((record.topic, record.partition), -1)
        if record.offset <= before:
            self._tell(record, record.place, "offset_once", f"it comes after offset {before}")
            return
        self._offsets[record.topic, record.partition] = record.offset
        if record.value is None:
            return  # a tombstone tells the topic's compaction and nobody else
        try:
            change = decode_change(record.key, record.value, with_before=False, image_of=loads_any)
        except Undecodable as error:
            self.undecodable[record.place] = f"{error.reason}: {error.detail}"
            return
        self._add(record, change)

    def _add(self, record: Record, change: Change) -> None:
        collection = COLLECTION_OF.get(record.topic)
        name = f"{change.collection}/{change.id}"
        if collection is None or collection != change.collection:
            self._tell(record, name, "topic_of_collection", f"it is in {record.topic}")
            return
        if _key_of(record.key) != change.id:
            self._tell(record, name, "key_is_document", f"the key is {record.key!r:.100}")
        standing = self.standing[collection].setdefault(change.id, Standing(record.partition))
        if standing.partition != record.partition:
            detail = f"it is in partitions {standing.partition} and {record.partition}"
            self._tell(record, name, "one_partition", detail)
        self._move(record, change, standing, name)
        if collection == "orders" and change.after is not None:
            self._add_history(record, change.id, change.after)

    def _move(self, record: Record, change: Change, standing: Standing, name: str) -> None:
        version = (change.after or {}).get("version", UNVERSIONED)
        if not isinstance(version, int):
            self._tell(record, name, "version_is_number", f"it is {version!r}")
            return
        if change.operation == "r":
            self.snapshot_rows += 1
        elif self._is_repeated(change, version):
            self.duplicates += 1
            return
        elif change.operation == "d":
            standing.version = DELETED
            return
        else:
            if version != UNVERSIONED and version <= standing.moved:
                detail = f"version {version} comes first after version {standing.moved}"
                self._tell(record, name, "version_order", detail)
            standing.moved = max(standing.moved, version)
        standing.version = max(standing.version, version)

    def _is_repeated(self, change: Change, version: int) -> bool:
        """Whether this very change came before: capture may deliver it again, all of it or from some place on."""
        source = change.source
        place = source.get("ts_ms"), source.get("ord"), source.get("lsid"), source.get("txnNumber")
        identity = hash((change.collection, change.id, change.operation, version, str(place)))
        is_known = identity in self._changes
        self._changes.add(identity)
        return is_known

    def _add_history(self, record: Record, order: str, after: dict[str, Any]) -> None:
        try:
            history = after["history"]
            version, told = len(history), history_number(history)
        except (KeyError, TypeError) as error:
            self._tell(record, f"orders/{order}", "readable", f"{type(error).__name__}: {error}")
            return
        known = self.histories.setdefault(order, {}).setdefault(version, told)
        if known != told:
            detail = f"two records tell another history up to version {version}"
            self._tell(record, f"orders/{order}", "one_history", detail)

    def _tell(self, record: Record, name: str, rule: str, detail: str) -> None:
        self.problems.append(Problem(name, rule, f"{record.place}: {detail}"))


def history_number(history: list[dict[str, Any]]) -> int:
    """Equal for equal steps in one process. Raises KeyError or TypeError on what is no history."""
    return hash(tuple((step["version"], step["status"], step["cause"]) for step in history))


def _key_of(key: bytes | None) -> str | None:
    try:
        return str(loads_any(json.loads(key or b"")["id"]))
    except (ValueError, KeyError, TypeError):
        return None
