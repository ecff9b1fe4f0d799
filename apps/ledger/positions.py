"""Reads of the networks' positions on a business day, from their settlement accounts, in one snapshot."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from pymongo.client_session import ClientSession

from apps.kernel.errors import Invalid
from apps.ledger.domain.position import BusinessDays, Movement, Position, positions
from apps.ledger.domain.statement import is_provisional
from dpms_site.mongodb import Document, client, collection


@dataclass(frozen=True)
class Report:
    """Positions of one business day, which is from `since` until `until`; provisional while entries may still come."""

    day: date
    zone: str
    since: datetime
    until: datetime
    is_provisional: bool
    positions: list[Position]


def business_days() -> BusinessDays:
    """As `DPMS_BUSINESS_ZONE` and `DPMS_BUSINESS_DAY_ENDS` say."""
    return BusinessDays(settings.BUSINESS_ZONE, settings.BUSINESS_DAY_ENDS)


def report(day: date, *, now: datetime, network: str | None = None) -> Report:
    """The positions of `day`. Raises Invalid (`query_invalid`) when the day has not begun or is no day that can be."""
    try:
        since, until = business_days().bounds(day)
    except (OverflowError, ValueError):
        raise Invalid("query_invalid", f"The parameter date is out of range: {day}.") from None
    if since > now:
        raise Invalid("query_invalid", f"The parameter date is a day that has not begun: {day}.")
    with client().start_session(snapshot=True) as session:
        balances = _balances(network, session)
        rows = _movements(sorted(balances), since, until, session)
    return Report(
        day=day,
        zone=str(settings.BUSINESS_ZONE),
        since=since,
        until=until,
        is_provisional=is_provisional(until, now),
        positions=positions(balances, [Movement(**row) for row in rows]),
    )


def _balances(network: str | None, session: ClientSession) -> dict[str, int]:
    asked = {"customer": None, "purpose": "settlement"}
    found = collection("accounts").find(asked, {"posted_minor": 1}, session=session)
    wanted = f"acc_int_settlement_{network}_" if network else "acc_int_settlement_"
    return {row["_id"]: row["posted_minor"] for row in found if row["_id"].startswith(wanted)}


def _movements(
    accounts: list[str], since: datetime, until: datetime, session: ClientSession
) -> list[Document]:
    meant: Document = {"lines.account": {"$in": accounts}}
    pipeline: list[Document] = [
        {"$match": {**meant, "at": {"$gte": since}}},
        {"$unwind": "$lines"},
        {"$match": {**meant, "lines.layer": "posted"}},
        {
            "$group": {
                "_id": {
                    "account": "$lines.account",
                    "kind": "$kind",
                    "is_after": {"$gte": ["$at", until]},
                },
                "amount_minor": {"$sum": "$lines.amount_minor"},
                "entries": {"$sum": 1},
            }
        },
        {"$replaceWith": {"$mergeObjects": ["$_id", "$$ROOT"]}},
        {"$unset": "_id"},
    ]
    return list(collection("entries").aggregate(pipeline, session=session))
