"""Emptying a database between tests: only what holds something, and one wait for all of it."""

from collections.abc import Collection, Iterable
from typing import Any

from pymongo import WriteConcern
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

_AT_ONCE = WriteConcern(w=1)
_DURABLE = WriteConcern(w="majority")


def empty(database: Database[dict[str, Any]], *, but: Collection[str] = ()) -> None:
    """Deletes every document of the database but those of the collections named.

    Nearly all collections are empty after nearly every test, and each deletion that waits for a majority waits for the
    disk: so one question finds out which are not, and only the last deletion waits, for itself and those before it.
    """
    found = list(_holding(database, but))
    for name in found:
        concern = _DURABLE if name == found[-1] else _AT_ONCE
        database.get_collection(name, write_concern=concern).delete_many({})


def _holding(database: Database[dict[str, Any]], but: Collection[str]) -> Iterable[str]:
    names = [
        name
        for name in database.list_collection_names(filter={"type": "collection"})
        if not name.startswith("system.") and name not in but
    ]
    if not names:
        return
    first, *others = names
    pipeline: list[dict[str, Any]] = [
        *_one_told(first),
        *({"$unionWith": {"coll": name, "pipeline": _one_told(name)}} for name in others),
    ]
    as_written = database.get_collection(first, read_concern=ReadConcern("local"))
    for document in as_written.aggregate(pipeline):
        yield document["_id"]


def _one_told(name: str) -> list[dict[str, Any]]:
    """The collection's name, if it holds a document."""
    return [{"$limit": 1}, {"$project": {"_id": {"$literal": name}}}]
