"""Reads of the audit trail, as the user who may insert and find there and nothing else."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import DESCENDING
from pymongo.collection import Collection

from apps.kernel.errors import Invalid
from dpms_site import mongodb
from streaming.contracts.collections import CAPTURED

Document = dict[str, Any]

# An order has some ten entries; one that has more than this is shown from its newest.
ORDER_ENTRIES_MAX = 200
PAGE_ENTRIES = 50
COUNTED_MAX = 10_000


def trail() -> Collection[Document]:
    return mongodb.audit_database()["audit_entries"]


def entries_of_order(order_id: str) -> list[Document]:
    """What was captured of the order and of what belongs to it, newest first."""
    order = dict.fromkeys(("changed_at", "captured_at", "position.offset"), DESCENDING)
    found = trail().find({"order": order_id}).sort(order)
    return list(found.limit(ORDER_ENTRIES_MAX))


@dataclass(frozen=True)
class EntriesPage:
    """One page of entries, newest first; `next` is the cursor of the following one."""

    entries: list[Document]
    next: str | None


def entries_page(*, alarms: bool, entity: str, cursor: str) -> EntriesPage:
    """Raises Invalid (`cursor_malformed`)."""
    query: Document = {"is_alarm": True} if alarms else {}
    if entity:
        # The collection comes first in the index, and an id does not tell which it is of.
        query |= {"collection": {"$in": list(CAPTURED)}, "entity": entity}
    query |= _after(cursor)
    found = trail().find(query).sort({"recorded_at": DESCENDING, "_id": DESCENDING})
    entries = list(found.limit(PAGE_ENTRIES + 1))
    shown = entries[:PAGE_ENTRIES]
    following = _cursor(shown[-1]) if len(entries) > PAGE_ENTRIES else None
    return EntriesPage(shown, following)


def alarm_count() -> int:
    return trail().count_documents({"is_alarm": True}, limit=COUNTED_MAX + 1)


def is_order(order_id: str) -> bool:
    return mongodb.collection("orders").find_one({"_id": order_id}, {"_id": 1}) is not None


def _cursor(entry: Document) -> str:
    milliseconds = (entry["recorded_at"] - _EPOCH) // timedelta(milliseconds=1)
    return f"{milliseconds}.{entry['_id']}"


def _after(cursor: str) -> Document:
    if not cursor:
        return {}
    digits, point, entry_id = cursor.partition(".")
    if not point or not digits.isascii() or not digits.isdigit() or len(digits) > 14:
        raise Invalid("cursor_malformed", "This page address is not one that the console made.")
    recorded_at = _EPOCH + timedelta(milliseconds=int(digits))
    later = [
        {"recorded_at": {"$lt": recorded_at}},
        {"recorded_at": recorded_at, "_id": {"$lt": entry_id}},
    ]
    return {"$or": later}


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
