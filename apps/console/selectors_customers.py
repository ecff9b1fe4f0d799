"""What the pages of customers and payees read, straight from the collections, never cached."""

from typing import Any

from pymongo import DESCENDING

from apps.access.roles import Sight
from apps.console.paging import COUNTED_MAX, Found, page_of
from apps.console.selectors import OrdersPage, orders_where
from apps.transactions.sides import paid_by
from dpms_site import mongodb

Document = dict[str, Any]

# A customer has few of these; whoever has more sees that the rest is left out.
PART_ROWS = 20
_NEWEST_FIRST = [("created_at", DESCENDING), ("_id", DESCENDING)]


def customers_page(query: Document, *, cursor: str, oldest_first: bool) -> Found:
    """Raises Invalid (`cursor_malformed`), and ExecutionTimeout when the search takes too long."""
    return page_of(
        "customers", query, at_field="created_at", cursor=cursor, oldest_first=oldest_first
    )


def customer(customer_id: str) -> Document | None:
    return mongodb.collection("customers").find_one({"_id": customer_id})


def aliases_of(customer_id: str) -> list[Document]:
    """The newest first, removed ones after all others; one more than are shown when there are more."""
    found = mongodb.collection("aliases").find({"customer": customer_id}, sort=_NEWEST_FIRST)
    newest = list(found.limit(PART_ROWS + 1))
    return sorted(newest, key=lambda alias: alias["status"] == "REMOVED")


def payees_page(customer_id: str, *, status: str, cursor: str, oldest_first: bool) -> Found:
    """Raises Invalid (`cursor_malformed`)."""
    query = {"customer": customer_id, **({"status": status} if status else {})}
    return page_of("payees", query, at_field="created_at", cursor=cursor, oldest_first=oldest_first)


def payee_count(customer_id: str) -> int:
    """Those that are not removed, up to COUNTED_MAX + 1."""
    query = {"customer": customer_id, "status": {"$ne": "REMOVED"}}
    return mongodb.collection("payees").count_documents(query, limit=COUNTED_MAX + 1)


def payee(payee_id: str) -> Document | None:
    return mongodb.collection("payees").find_one({"_id": payee_id})


def orders_to(
    payee: Document, *, cursor: str, sight: Sight, oldest_first: bool = False
) -> OrdersPage:
    """The customer's orders to the payee. Raises as `orders_page` does."""
    query = {**paid_by(payee["customer"]), "payee": payee["_id"]}
    return orders_where(query, cursor=cursor, sight=sight, oldest_first=oldest_first)
