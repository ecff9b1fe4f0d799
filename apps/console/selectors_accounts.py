"""What the pages of accounts read: accounts, and an account's entries with the balance after each."""

from dataclasses import dataclass
from typing import Any

from pymongo import DESCENDING
from pymongo.client_session import ClientSession
from pymongo.errors import ExecutionTimeout

from apps.access.roles import Sight
from apps.console.paging import (
    PAGE_ROWS,
    SEARCH_MILLISECONDS_MAX,
    Found,
    Place,
    cursor_of,
    page_of,
    place_of,
)
from apps.console.selectors import OrdersPage, orders_where
from apps.console.selectors_customers import PART_ROWS
from apps.ledger.selectors import orders_on
from dpms_site import mongodb

Document = dict[str, Any]
Balances = dict[str, int]

# Entries of one millisecond by their order's version: a hold stands before its capture.
_NEWEST_ENTRY_FIRST = [("at", DESCENDING), ("order_version", DESCENDING), ("_id", DESCENDING)]


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
    place = place_of(cursor)
    with mongodb.client().start_session(snapshot=True) as session:
        found = mongodb.collection("accounts").find_one({"_id": account_id}, session=session)
        if found is None:
            return None
        entries, following = _entries_behind(place, account_id, session)
        try:
            newer = _sums_up_to(place, account_id, session)
        except ExecutionTimeout:
            return Statement(found, entries, None, following)
    now = {"posted": found["posted_minor"], "held": found["held_minor"]}
    after_first = {layer: now[layer] - newer.get(layer, 0) for layer in now}
    return Statement(found, entries, after_first, following)


def orders_of(
    account: Document, *, cursor: str, sight: Sight, oldest_first: bool = False
) -> OrdersPage:
    """The orders that the account pays or is paid by. Raises as `orders_page` does."""
    return orders_where(orders_on(account), cursor=cursor, sight=sight, oldest_first=oldest_first)


def _entries_behind(
    place: Place | None, account_id: str, session: ClientSession
) -> tuple[list[Document], str | None]:
    """One page of the account's entries, newest first, and the cursor of the following one."""
    asked: Document = {"lines.account": account_id}
    if place is not None:
        asked["$or"] = _older(place)
    found = mongodb.collection("entries").find(asked, session=session).sort(_NEWEST_ENTRY_FIRST)
    entries = list(found.limit(PAGE_ROWS + 1).max_time_ms(SEARCH_MILLISECONDS_MAX))
    shown = entries[:PAGE_ROWS]
    return shown, cursor_of(shown[-1], "at") if len(entries) > PAGE_ROWS else None


def _sums_up_to(place: Place | None, account_id: str, session: ClientSession) -> Balances:
    """What the entries on the pages before changed in each layer, that at this place too."""
    if place is None:
        return {}
    at, version = place.at, _version_in(place.id)
    later: Any = {"$type": "number"} if version is None else {"$gt": version}
    newer = [
        {"at": {"$gt": at}},
        {"at": at, "order_version": later},
        {"at": at, "order_version": version, "_id": {"$gte": place.id}},
    ]
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


def _older(place: Place) -> list[Document]:
    """Conditions of the entries behind this place; what no order caused comes first in its millisecond."""
    at, version = place.at, _version_in(place.id)
    found: list[Document] = [
        {"at": {"$lt": at}},
        {"at": at, "order_version": version, "_id": {"$lt": place.id}},
    ]
    if version is not None:
        found += [{"at": at, "order_version": {"$lt": version}}, {"at": at, "order_version": None}]
    return found


def _version_in(entry_id: str) -> int | None:
    """The order's version that the id of an entry names: 3 in `ord_…:3`; None in `acc_…:opening`."""
    _, _, rest = entry_id.partition(":")
    text = rest.partition(":")[0]
    return int(text) if text.isascii() and text.isdigit() else None
