"""Pages of a collection by time: the cursor names the last row seen, so that rows of one instant are not lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import ExecutionTimeout

from apps.kernel.errors import Invalid
from dpms_site import mongodb

Document = dict[str, Any]

PAGE_ROWS = 50
# A search that no index serves ends here, and the page says so.
SEARCH_MILLISECONDS_MAX = 2_000
# Beyond this many the page says "more than": an exact count would read every key.
COUNTED_MAX = 10_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Found:
    """One page of documents; `next` is the cursor of the following one."""

    documents: list[Document]
    next: str | None


@dataclass(frozen=True)
class Place:
    """Where a page before ended."""

    at: datetime
    id: str

    def behind(self, at_field: str, *, oldest_first: bool = False) -> Document:
        """The query for what comes after this place."""
        beyond = "$gt" if oldest_first else "$lt"
        return {
            "$or": [{at_field: {beyond: self.at}}, {at_field: self.at, "_id": {beyond: self.id}}]
        }


def page_of(
    name: str,
    query: Document,
    *,
    at_field: str,
    cursor: str,
    oldest_first: bool = False,
    fields: Document | None = None,
) -> Found:
    """Raises Invalid (`cursor_malformed`), and ExecutionTimeout when the search takes too long."""
    place = place_of(cursor)
    wanted = [query, place.behind(at_field, oldest_first=oldest_first)] if place else [query]
    direction = ASCENDING if oldest_first else DESCENDING
    found = mongodb.collection(name).find({"$and": wanted}, fields)
    found = found.sort([(at_field, direction), ("_id", direction)])
    documents = list(found.limit(PAGE_ROWS + 1).max_time_ms(SEARCH_MILLISECONDS_MAX))
    shown = documents[:PAGE_ROWS]
    return Found(shown, cursor_of(shown[-1], at_field) if len(documents) > PAGE_ROWS else None)


def counts_by(field: str, name: str, query: Document) -> dict[str, int] | None:
    """How many documents answer to the query, by a field; None when counting takes too long."""
    stages = [
        {"$match": query},
        {"$sort": {field: 1}},
        {"$group": {"_id": f"${field}", "count": {"$sum": 1}}},
    ]
    try:
        groups = list(mongodb.collection(name).aggregate(stages, maxTimeMS=SEARCH_MILLISECONDS_MAX))
    except ExecutionTimeout:
        return None
    return {str(group["_id"]): group["count"] for group in groups}


def place_of(cursor: str) -> Place | None:
    """None for the first page. Raises Invalid (`cursor_malformed`)."""
    if not cursor:
        return None
    digits, point, row_id = cursor.partition(".")
    if not point or not digits.isascii() or not digits.isdigit() or len(digits) > 14:
        raise Invalid("cursor_malformed", "This page address is not one that the console made.")
    return Place(_EPOCH + timedelta(milliseconds=int(digits)), row_id)


def cursor_of(document: Mapping[str, Any], at_field: str) -> str:
    """The place of this document as an address keeps it; `place_of` reads it."""
    milliseconds = (document[at_field] - _EPOCH) // timedelta(milliseconds=1)
    return f"{milliseconds}.{document['_id']}"
