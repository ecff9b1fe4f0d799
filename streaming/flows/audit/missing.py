"""At the end of a snapshot: documents that the trail knows, the live collection lacks, and nobody saw go."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from apps.audit.domain.entry import CAPTURE_ORDER, missing_entry
from streaming.contracts.collections import CAPTURED
from streaming.flows.audit.trail import newest

_CHUNK = 1000
_BATCH = 2000

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
    """Each document that still stands as far as the trail knows, with its own `_id`, which need not be text.

    The entries come a few thousand at a time, by the index: MongoDB's own `$group` answers only when it has walked them
    all, and of a large bank that takes longer than a socket waits for an answer.
    """
    entries = trail.aggregate(
        [
            {"$match": {"collection": collection}},
            {"$sort": CAPTURE_ORDER},
            {"$project": {"_id": 0, "entity": 1, "after._id": 1}},
        ],
        batchSize=_BATCH,
    )
    for entity, its_own in groupby(entries, key=itemgetter("entity")):
        *_, last = its_own
        key = (last.get("after") or {}).get("_id")
        if key is not None:
            yield entity, key


def _gone_among(
    trail: Collection[Document], live: Database[Document], collection: str, known: dict[str, Any]
) -> list[Document]:
    if not known:
        return []
    asked = {"_id": {"$in": list(known.values())}}
    present = {str(found["_id"]) for found in live[collection].find(asked, {"_id": 1})}
    gone = {(collection, entity) for entity in known if entity not in present}
    return list(newest(trail, gone).values())
