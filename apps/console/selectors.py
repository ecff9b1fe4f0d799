"""What the console's pages read: across subjects, straight from the collections, never cached."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, DESCENDING

from apps.access.roles import Sight
from apps.console.filter import EVERYTHING, Filter, parsed_for
from apps.console.marks import STATUSES
from apps.console.paging import COUNTED_MAX, SEARCH_MILLISECONDS_MAX, page_of
from apps.console.rows import ShownRow, StoredRow, customers_unnamed, shown_row, stored_row
from dpms_site import mongodb

Document = dict[str, Any]

ROW_FIELDS = {
    "product": 1,
    "kind": 1,
    "payee_name": 1,
    "debtor": 1,
    "debtor_name": 1,
    "debtor_bank": 1,
    "creditor": 1,
    "creditor_name": 1,
    "creditor_bank": 1,
    "creditor_alias": 1,
    "payer": 1,
    "account": 1,
    "direction": 1,
    "route": 1,
    "alias_key": 1,
    "reference": 1,
    "amount_minor": 1,
    "currency": 1,
    "status": 1,
    "iso_status": 1,
    "reason": 1,
    "final": 1,
    "version": 1,
    "due_at": 1,
    "execute_on": 1,
    "created_at": 1,
    "updated_at": 1,
    "history": {"$slice": -1},
}
_NEWEST_FIRST = [("created_at", DESCENDING), ("_id", DESCENDING)]


@dataclass(frozen=True)
class OrdersPage:
    """One page of orders, newest first; `next` is the cursor of the following one."""

    rows: list[ShownRow]
    next: str | None


def newest_rows(*, sight: Sight, asked: Filter = EVERYTHING, limit: int) -> list[ShownRow]:
    """The newest of the orders asked for, as the feed shows them. Raises ExecutionTimeout."""
    if sight is Sight.NONE:
        return []
    found = mongodb.collection("orders").find(
        asked.query, ROW_FIELDS, sort=_NEWEST_FIRST, limit=limit
    )
    return shown_rows(found.max_time_ms(SEARCH_MILLISECONDS_MAX), sight=sight)


def orders_page(*, q: str, cursor: str, sight: Sight, oldest_first: bool = False) -> OrdersPage:
    """Raises Invalid (`cursor_malformed`, `q_malformed`, `q_not_allowed`).

    Raises ExecutionTimeout when the search takes too long.
    """
    query = parsed_for(q, sight).query
    return orders_where(query, cursor=cursor, sight=sight, oldest_first=oldest_first)


def orders_where(
    query: Document, *, cursor: str, sight: Sight, oldest_first: bool = False
) -> OrdersPage:
    """One page of the orders that answer to a query of ours. Raises as `orders_page` does."""
    page = page_of(
        "orders",
        query,
        at_field="created_at",
        cursor=cursor,
        oldest_first=oldest_first,
        fields=ROW_FIELDS,
    )
    if sight is Sight.NONE:
        return OrdersPage([], None)
    return OrdersPage(shown_rows(page.documents, sight=sight), page.next)


def shown_rows(documents: Iterable[Document], *, sight: Sight) -> list[ShownRow]:
    """The orders as rows, with the names of all their customers by one read."""
    rows = [stored_row(document) for document in documents]
    names = names_for(rows, sight=sight)
    return [shown_row(row, sight=sight, names=names) for row in rows]


def rows_by_id(ids: set[str], *, sight: Sight) -> dict[str, ShownRow]:
    """The rows of these orders."""
    found = mongodb.collection("orders").find({"_id": {"$in": sorted(ids)}}, ROW_FIELDS)
    return {row["id"]: row for row in shown_rows(found, sight=sight)}


def names_for(rows: Iterable[StoredRow], *, sight: Sight) -> dict[str, str]:
    """The names of the customers whom the rows do not name; none for a sight that is shown no names."""
    ids = customers_unnamed(rows) if sight >= Sight.MASKED else set()
    return customer_names(ids) if ids else {}


def count(asked: Filter) -> int:
    """How many match, counted up to COUNTED_MAX + 1. Raises ExecutionTimeout."""
    return mongodb.collection("orders").count_documents(
        asked.query, limit=COUNTED_MAX + 1, maxTimeMS=SEARCH_MILLISECONDS_MAX
    )


def counts_of(asked: Filter) -> dict[str, int]:
    """The orders asked for by status; a status that none has is left out. Raises ExecutionTimeout."""
    groups = mongodb.collection("orders").aggregate(
        [
            {"$match": asked.query},
            {"$sort": {"status": 1}},
            {"$group": {"_id": "$status", "count": {"$sum": 1}}},
        ],
        maxTimeMS=SEARCH_MILLISECONDS_MAX,
    )
    return {str(group["_id"]): group["count"] for group in groups}


def counts_by_status() -> dict[str, int]:
    """Every status of the lifecycle with the number of orders in it, zero too."""
    counted = counts_of(EVERYTHING)
    return {name: counted.get(name, 0) for name in dict.fromkeys([*STATUSES, *sorted(counted)])}


def oldest_open() -> Document | None:
    """The order that has waited longest of all that are not final."""
    return mongodb.collection("orders").find_one(
        {"final": False}, ROW_FIELDS, sort=[("created_at", ASCENDING)]
    )


def order(order_id: str) -> Document | None:
    return mongodb.collection("orders").find_one({"_id": order_id})


def entries_of(order_id: str) -> list[Document]:
    found = mongodb.collection("entries").find({"order": order_id})
    return list(found.sort("order_version", ASCENDING))


def commands_of(order_id: str) -> list[Document]:
    """What was asked of the order, oldest first, each with its outcome or None while it is pending."""
    commands = list(
        mongodb.collection("commands").find({"order": order_id}).sort("created_at", ASCENDING)
    )
    ids = [command["_id"] for command in commands]
    found = mongodb.collection("outcomes").find({"_id": {"$in": ids}})
    outcomes = {outcome["_id"]: outcome for outcome in found}
    return [{**command, "outcome": outcomes.get(command["_id"])} for command in commands]


def customer_names(ids: set[str]) -> dict[str, str]:
    found = mongodb.collection("customers").find({"_id": {"$in": sorted(ids)}}, {"name": 1})
    return {document["_id"]: document.get("name", "") for document in found}


def account_digits(ids: set[str]) -> dict[str, str]:
    """The last four digits of the accounts that have a number."""
    found = mongodb.collection("accounts").find({"_id": {"$in": sorted(ids)}}, {"number_last4": 1})
    return {
        document["_id"]: document["number_last4"]
        for document in found
        if document.get("number_last4")
    }


def dead_letters(*, limit: int = 100) -> list[Document]:
    return list(mongodb.collection("dead_letters").find().sort("at", DESCENDING).limit(limit))


def dead_letter_count() -> int:
    return mongodb.collection("dead_letters").count_documents({}, limit=COUNTED_MAX + 1)
