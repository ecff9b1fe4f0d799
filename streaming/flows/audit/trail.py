"""Reading the audit trail from the streams' side: the newest entry of a document."""

from collections.abc import Collection as Some
from typing import Any

from pymongo.collection import Collection

from apps.audit.domain.entry import CAPTURE_ORDER

Document = dict[str, Any]


def newest(
    trail: Collection[Document], of: Some[tuple[str, str]]
) -> dict[tuple[str, str], Document]:
    """The newest entry of each of the documents, by collection and id; one that has no entry is left out."""
    found: dict[tuple[str, str], Document] = {}
    for collection in {name for name, _ in of}:
        entities = sorted(entity for name, entity in of if name == collection)
        asked = {"collection": collection, "entity": {"$in": entities}}
        groups = trail.aggregate(
            [
                {"$match": asked},
                {"$sort": CAPTURE_ORDER},
                {"$group": {"_id": "$entity", "last": {"$last": "$$ROOT"}}},
            ]
        )
        found |= {(collection, group["_id"]): group["last"] for group in groups}
    return found
