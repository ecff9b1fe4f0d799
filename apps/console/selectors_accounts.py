"""What the pages of accounts read: accounts, and an account's entries with the balance after each."""

from dataclasses import dataclass
from typing import Any

from pymongo import DESCENDING
from pymongo.client_session import ClientSession
from pymongo.errors import ExecutionTimeout

from apps.access.roles import Sight
from apps.console.paging import SEARCH_MILLISECONDS_MAX, Found, page_of, place_of
from apps.console.selectors import OrdersPage, orders_where
from apps.console.selectors_customers import PART_ROWS
from dpms_site import mongodb

Document = dict[str, Any]
Balances = dict[str, int]


@dataclass(frozen=True)
class Statement:
    """An account and one page of its entries, read in one snapshot.

    `after_first` is what was posted and held after the page's first entry, in minor units; None when so many entries
    are newer that their sum was not there in time.
    """

    account: Document
    entries: list[Document]
    after_first: Balances | None
    next: str | None


def accounts_page(query: Document, *, cursor: str, oldest_first: bool) -> Found:
    """Raises Invalid (`cursor_malformed`), and ExecutionTimeout when the search takes too long."""
    return page_of(
        "accounts", query, at_field="opened_at", cursor=cursor, oldest_first=oldest_first
    )


def accounts_of(customer_id: str) -> list[Document]:
    """The newest first, one more than are shown when there are more."""
    newest_first = [("opened_at", DESCENDING), ("_id", DESCENDING)]
    found = mongodb.collection("accounts").find({"customer": customer_id}, sort=newest_first)
    return list(found.limit(PART_ROWS + 1))


def account(account_id: str) -> Document | None:
    return mongodb.collection("accounts").find_one({"_id": account_id})


def statement(account_id: str, *, cursor: str) -> Statement | None:
    """None when there is no such account. Raises Invalid (`cursor_malformed`) and ExecutionTimeout."""
    # One snapshot, or an entry that comes between the reads would make every balance wrong by its amount.
    with mongodb.client().start_session(snapshot=True) as session:
        found = mongodb.collection("accounts").find_one({"_id": account_id}, session=session)
        if found is None:
            return None
        page = page_of(
            "entries",
            {"lines.account": account_id},
            at_field="at",
            cursor=cursor,
            session=session,
        )
        try:
            newer = _sums_newer_than(cursor, account_id, session)
        except ExecutionTimeout:
            return Statement(found, page.documents, None, page.next)
    now = {"posted": found["posted_minor"], "held": found["held_minor"]}
    after_first = {layer: now[layer] - newer.get(layer, 0) for layer in now}
    return Statement(found, page.documents, after_first, page.next)


def orders_of(account: Document, *, cursor: str, sight: Sight) -> OrdersPage:
    """The orders that the account pays or is paid by. Raises as `orders_page` does."""
    sides = [
        # The customers' indexes carry the query; an index of its own would cost every order an insert.
        {"debtor.customer": account["customer"], "debtor.account": account["_id"]},
        {"creditor.customer": account["customer"], "creditor.account": account["_id"]},
    ]
    return orders_where({"$or": sides}, cursor=cursor, sight=sight)


def _sums_newer_than(cursor: str, account_id: str, session: ClientSession) -> Balances:
    """What the entries on the pages before changed in each layer."""
    place = place_of(cursor)
    if place is None:
        return {}
    newer = [{"at": {"$gt": place.at}}, {"at": place.at, "_id": {"$gte": place.id}}]
    stages: list[Document] = [
        {"$match": {"lines.account": account_id, "$or": newer}},
        {"$unwind": "$lines"},
        {"$match": {"lines.account": account_id}},
        {"$group": {"_id": "$lines.layer", "sum": {"$sum": "$lines.amount_minor"}}},
    ]
    groups = mongodb.collection("entries").aggregate(
        stages, session=session, maxTimeMS=SEARCH_MILLISECONDS_MAX
    )
    return {group["_id"]: group["sum"] for group in groups}
