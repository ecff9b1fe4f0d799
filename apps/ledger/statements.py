"""Reads of the ledger as it stood: an account's balance at a past time, and its statement, from entries alone.

Both stand on the index `account_lines` of `entries`, whose order is the statement's. What one answer needs is read in
one snapshot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.client_session import ClientSession

from apps.ledger.domain.statement import Balance, Totals, running
from dpms_site.mongodb import Document, client, collection
from dpms_site.rest.pages import Page, Position

OLDEST_FIRST = [("at", ASCENDING), ("order_version", ASCENDING), ("_id", ASCENDING)]
NEWEST_FIRST = [(field, DESCENDING) for field, _ in OLDEST_FIRST]


@dataclass(frozen=True)
class Statement:
    """A period of one account; `rows` are a page of its entries (one more when more follow), each with its balance."""

    opening: Balance
    closing: Balance
    totals: Totals
    rows: Sequence[tuple[Document, Balance]]


def balance_at(account_id: str, at: datetime) -> Balance:
    """What every entry from before `at` adds up to."""
    return _totals(_lines_of(account_id, until=at)).change


def statement(account_id: str, page: Page, *, since: datetime, until: datetime) -> Statement:
    """The account's entries with since <= `at` < until, oldest first, and what stood before and after them."""
    with client().start_session(snapshot=True) as session:
        opening = _totals(_lines_of(account_id, until=since), session).change
        totals = _totals(_lines_of(account_id, since=since, until=until), session)
        asked, brought = _lines_of(account_id, since=since, until=until), opening
        if page.after is not None:
            read = {**asked, "$or": [*_before(page.after), {"_id": page.after.id}]}
            brought = opening.plus(_totals(read, session).change)
            asked = {**asked, "$or": _behind(page.after)}
        found = collection("entries").find(asked, session=session).sort(OLDEST_FIRST)
        entries = list(found.limit(page.limit + 1))
    rows = list(zip(entries, running(brought, entries, account_id), strict=True))
    return Statement(opening, opening.plus(totals.change), totals, rows)


def entries_page(account_id: str, page: Page) -> list[Document]:
    """The account's entries, newest first: the statement's order the other way round."""
    asked = _lines_of(account_id, page.filters.get("from"), page.filters.get("to"))
    asked |= {name: page.filters[name] for name in ("kind", "order") if name in page.filters}
    if page.after is not None:
        asked["$or"] = _before(page.after)
    return list(collection("entries").find(asked).sort(NEWEST_FIRST).limit(page.limit + 1))


def _lines_of(
    account_id: str, since: datetime | None = None, until: datetime | None = None
) -> Document:
    bounds = {"$gte": since, "$lt": until}
    given = {bound: instant for bound, instant in bounds.items() if instant is not None}
    return {"lines.account": account_id, **({"at": given} if given else {})}


def _totals(asked: Document, session: ClientSession | None = None) -> Totals:
    account_id = asked["lines.account"]
    posted, held = _change(account_id, "posted"), _change(account_id, "held")
    pipeline: list[Document] = [
        {"$match": asked},
        {"$project": {"_id": 0, "posted": posted, "held": held}},
        {
            "$group": {
                "_id": None,
                "entries": {"$sum": 1},
                "credits_minor": {"$sum": {"$max": ["$posted", 0]}},
                "debits_minor": {"$sum": {"$max": [{"$multiply": ["$posted", -1]}, 0]}},
                "set_aside_minor": {"$sum": {"$max": ["$held", 0]}},
                "freed_minor": {"$sum": {"$max": [{"$multiply": ["$held", -1]}, 0]}},
            }
        },
        {"$unset": "_id"},
    ]
    for found in collection("entries").aggregate(pipeline, session=session):
        return Totals(**found)
    return Totals()


def _change(account_id: str, layer: str) -> Document:
    """The aggregation's form of `change_in`."""
    is_meant = {"$and": [{"$eq": ["$$line.account", account_id]}, {"$eq": ["$$line.layer", layer]}]}
    lines = {"$filter": {"input": "$lines", "as": "line", "cond": is_meant}}
    return {"$sum": {"$map": {"input": lines, "as": "line", "in": "$$line.amount_minor"}}}


def _behind(place: Position) -> list[Document]:
    """Conditions of the entries that come after this one, oldest first."""
    at, version = place.at, _version_in(place.id)
    later: Any = {"$type": "number"} if version is None else {"$gt": version}
    return [
        {"at": {"$gt": at}},
        {"at": at, "order_version": later},
        {"at": at, "order_version": version, "_id": {"$gt": place.id}},
    ]


def _before(place: Position) -> list[Document]:
    """Conditions of the entries that come before this one; what no order caused comes first in its millisecond."""
    at, version = place.at, _version_in(place.id)
    found: list[Document] = [
        {"at": {"$lt": at}},
        {"at": at, "order_version": version, "_id": {"$lt": place.id}},
    ]
    if version is not None:
        found += [{"at": at, "order_version": {"$lt": version}}, {"at": at, "order_version": None}]
    return found


def _version_in(entry_id: str) -> int | None:
    """The order's version, which every id of an entry names: `ord_…:3`, `ord_…:3:fee`; None in `acc_…:opening`."""
    text = entry_id.split(":")[1]
    return int(text) if text.isdecimal() else None
