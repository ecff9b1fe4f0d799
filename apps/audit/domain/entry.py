"""An entry of the audit trail: one change of one document, with what it was before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.audit.domain.attribution import (
    Attribution,
    Operation,
    Written,
    attribute,
    explains_itself,
)
from apps.audit.domain.difference import changed_paths, same
from apps.kernel.ids import derived_id

Document = dict[str, Any]
Image = Mapping[str, Any]

# By these fields, ascending, the entries of one document stand in the order in which they were captured: when capture
# read the change, then its place in Kafka. Two recorders of one change know both alike, whoever of them stores it and
# when. What has no place in Kafka (a gap) comes before what was captured in the same millisecond.
CAPTURE_ORDER = {"collection": 1, "entity": 1, "captured_at": 1, "position.offset": 1}

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Position:
    """Where the change stands in Kafka."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True)
class Captured:
    """A change as capture tells it. `transaction` is None for a write outside one."""

    collection: str
    entity: str
    operation: Operation
    before: Image | None
    after: Image | None
    changed_at: datetime
    captured_at: datetime
    order_in_second: int | None
    transaction: str | None
    position: Position
    ends_snapshot: bool = False


def entry_id(change: Captured) -> str:
    """The same for every delivery of one change, another for every other change.

    A row of a snapshot has no place in the database's log; its place in Kafka tells a redelivery from a later snapshot.
    """
    milliseconds = str(round(change.changed_at.timestamp() * 1000))
    what = (change.collection, change.entity, change.operation, milliseconds)
    if change.operation == "snapshot":
        place = change.position
        return derived_id("aud", *what, f"{place.topic}:{place.partition}:{place.offset}")
    return derived_id("aud", *what, str(change.order_in_second), change.transaction or "")


def entry_of(change: Captured, *, last: Image | None) -> Document | None:
    """The entry that a change adds to the trail; None when a snapshot shows what the trail knows already.

    `last` is the newest entry of the same document, if there is one. It stands in for an image that was lost, and is
    what a row of a snapshot is compared with.
    """
    before, is_reconstructed = change.before, False
    if change.operation == "snapshot":
        if last is not None and not _tells_more(change, last):
            return None
        before, is_reconstructed = (last["after"], True) if last else (None, False)
    elif change.operation != "created" and before is None:
        before, is_reconstructed = (last["after"] if last else None), True
    maker = attribute(
        change.collection,
        Written(change.operation, change.before, change.after, change.transaction is not None),
    )
    return {
        "_id": entry_id(change),
        "collection": change.collection,
        "entity": change.entity,
        "order": _order_of(change),
        "version": (change.after or before or {}).get("version"),
        "operation": change.operation,
        "before": before,
        "after": change.after,
        "is_reconstructed": is_reconstructed,
        "changed": _changed(before, change.after),
        **_made_by(maker),
        **_alarm(change, maker, last, is_reconstructed=is_reconstructed),
        "changed_at": change.changed_at,
        "captured_at": change.captured_at,
        "position": {
            "topic": change.position.topic,
            "partition": change.position.partition,
            "offset": change.position.offset,
        },
    }


def newer(entry: Document, last: Document | None) -> Document:
    """Which of both shows the document as it stands: a change that comes again is older than what followed it."""
    if last is None:
        return entry
    own, known = entry["version"], last["version"]
    is_older = isinstance(own, int) and isinstance(known, int) and own < known
    return last if is_older else entry


def missing_entry(last: Image, *, at: datetime) -> Document:
    """What the trail says of a document that it knows and the live collection lacks, though no deletion was seen.

    It stands behind `last`, whatever the clocks of capture and recorder say of each other.
    """
    detail = "The document is gone and its deletion was not captured."
    return {
        "_id": derived_id("aud", "gap", last["_id"]),
        "collection": last["collection"],
        "entity": last["entity"],
        "order": last["order"],
        "version": last["version"],
        "operation": "gap",
        "before": last["after"],
        "after": None,
        "is_reconstructed": True,
        "changed": _changed(last["after"], None),
        "actor": {"kind": "unknown", "id": "out of band"},
        "reason": None,
        "request_id": None,
        "cause": None,
        "is_alarm": True,
        "alarm": {"code": "gap", "detail": detail},
        "changed_at": at,
        "captured_at": max(at, last["captured_at"] + _MILLISECOND),
        "position": None,
    }


def _changed(before: Image | None, after: Image | None) -> list[str]:
    """The paths of what changed; of a document that came or went, its fields."""
    if before is None or after is None:
        return sorted(after or before or {})
    return changed_paths(before, after)


def _tells_more(change: Captured, last: Image) -> bool:
    """False for what the trail holds, and for a row older than it: a snapshot may be read again long after."""
    known = last["after"]
    if known is None:
        return True
    if same(change.after, known):
        return False
    versions = ((change.after or {}).get("version"), known.get("version"))
    return not (all(isinstance(v, int) for v in versions) and versions[0] < versions[1])


def _made_by(maker: Attribution) -> Document:
    return {
        "actor": {"kind": maker.actor_kind, "id": maker.actor_id},
        "reason": maker.reason,
        "request_id": maker.request_id,
        "cause": maker.cause,
    }


def _alarm(
    change: Captured, maker: Attribution, last: Image | None, *, is_reconstructed: bool
) -> Document:
    """What a person must look at: a write that the platform never makes, or changes that were not seen."""
    if maker.out_of_band:
        return _alarmed("out_of_band", maker.out_of_band)
    if last is not None and explains_itself(change.collection, last["after"], change.after):
        return {"is_alarm": False, "alarm": None}
    if change.operation == "snapshot" and last is not None:
        return _alarmed(
            "gap", "It changed while changes were not captured; a snapshot shows it as it is now."
        )
    if is_reconstructed:
        return _alarmed("gap", "What it was before was not captured.")
    return {"is_alarm": False, "alarm": None}


def _alarmed(code: str, detail: str) -> Document:
    return {"is_alarm": True, "alarm": {"code": code, "detail": detail}}


def _order_of(change: Captured) -> str | None:
    """The order that the document is about, so that the order's page shows its whole trail."""
    document = change.after or change.before or {}
    if change.collection == "orders":
        return change.entity
    if change.collection == "access_log":
        about = document.get("object") or {}
        return about.get("id") if about.get("type") == "order" else None
    order = document.get("order")
    return order if isinstance(order, str) else None
