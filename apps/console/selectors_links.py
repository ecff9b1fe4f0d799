"""What an order's page reads beside the order: orders before and after it, cases, messages of networks."""

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo import ASCENDING, DESCENDING

from apps.console.selectors import ROW_FIELDS
from apps.rails.selectors import about
from dpms_site import mongodb

Document = dict[str, Any]

# A split has at most 50 shares; an order that caused more has a list.
PART_ROWS = 60
_NEWEST_FIRST = [("created_at", DESCENDING), ("_id", DESCENDING)]
_LINK_FIELDS = {**ROW_FIELDS, "caused_by": 1}


def cause_of(order: Mapping[str, Any]) -> Document | None:
    """The order that caused this one, if one did."""
    cause = order.get("caused_by")
    return mongodb.collection("orders").find_one({"_id": cause}, _LINK_FIELDS) if cause else None


def orders_caused_by(order_id: str) -> list[Document]:
    """The newest first, at most PART_ROWS."""
    found = mongodb.collection("orders").find({"caused_by": order_id}, _LINK_FIELDS)
    return list(found.sort(_NEWEST_FIRST).limit(PART_ROWS))


def cases_of(order_id: str) -> list[Document]:
    found = mongodb.collection("cases").find({"order": order_id})
    return list(found.sort("opened_at", DESCENDING).limit(PART_ROWS))


def messages_of(order: Mapping[str, Any]) -> list[Document]:
    """Those that the order sent, those about it and the one that it came from, oldest first, without their XML."""
    found = mongodb.collection("rail_messages").find(about(order), {"xml": 0})
    return list(found.sort([("created_at", ASCENDING), ("_id", ASCENDING)]).limit(PART_ROWS))


def message(message_id: str) -> Document | None:
    return mongodb.collection("rail_messages").find_one({"_id": message_id})


def receipts_of(message_ids: Iterable[str]) -> dict[str, Document]:
    """What the networks said on the wire, by message."""
    found = mongodb.collection("rail_receipts").find({"_id": {"$in": list(message_ids)}})
    return {receipt["_id"]: receipt for receipt in found}
