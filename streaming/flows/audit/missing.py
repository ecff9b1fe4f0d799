"""At the end of a snapshot: documents that the trail knows, the live collection lacks, and nobody saw go."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from apps.audit.domain.entry import CAPTURE_ORDER, missing_entry
from streaming.contracts.collections import CAPTURED
from streaming.flows.audit.trail import newest

_CHUNK = 1000

Document = dict[str, Any]


def missing_entries(
    trail: Collection[Document], live: Database[Document], *, at: datetime
) -> list[Document]:
    """A gap entry for each such document. Safe to repeat: its id derives from the last entry of the document."""
    return [
        missing_entry(last, at=at)
        for collection in CAPTURED
        for last in _gone(trail, live, collection)
    ]


def _gone(
    trail: Collection[Document], live: Database[Document], collection: str
) -> Iterator[Document]:
    known: dict[str, Any] = {}
    for entity, key in _standing(trail, collection):
        known[entity] = key
        if len(known) == _CHUNK:
            yield from _gone_among(trail, live, collection, known)
            known.clear()
    yield from _gone_among(trail, live, collection, known)


def _standing(trail: Collection[Document], collection: str) -> Iterator[tuple[str, Any]]:
    """Each document that still stands as far as the trail knows, with its own `_id`, which need not be text."""
    groups = trail.aggregate(
        [
            {"$match": {"collection": collection}},
            {"$sort": CAPTURE_ORDER},
            {"$group": {"_id": "$entity", "key": {"$last": "$after._id"}}},
            {"$match": {"key": {"$ne": None}}},
        ],
        allowDiskUse=True,
    )
    for group in groups:
        yield group["_id"], group["key"]


def _gone_among(
    trail: Collection[Document], live: Database[Document], collection: str, known: dict[str, Any]
) -> list[Document]:
    if not known:
        return []
    asked = {"_id": {"$in": list(known.values())}}
    present = {str(found["_id"]) for found in live[collection].find(asked, {"_id": 1})}
    gone = {(collection, entity) for entity in known if entity not in present}
    return list(newest(trail, gone).values())
