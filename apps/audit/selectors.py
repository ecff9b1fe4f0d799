"""Reads of the audit trail, as the user who may insert and find there and nothing else."""

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection

from dpms_site import mongodb

Document = dict[str, Any]

# The order in which the entries of one document were captured.
CAPTURE_ORDER = {
    "collection": ASCENDING,
    "entity": ASCENDING,
    "recorded_at": ASCENDING,
    "n": ASCENDING,
}
# An order has some ten entries; one that has more than this is shown from its newest.
ORDER_ENTRIES_MAX = 200


def trail() -> Collection[Document]:
    return mongodb.audit_database()["audit_entries"]


def entries_of_order(order_id: str) -> list[Document]:
    """What was captured of the order and of what belongs to it, newest first."""
    found = trail().find({"order": order_id}).sort({"changed_at": DESCENDING, "n": DESCENDING})
    return list(found.limit(ORDER_ENTRIES_MAX))
