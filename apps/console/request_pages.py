"""The list of requests for money; the page of one is the page of its order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.access.roles import Permission, Sight
from apps.audit.access import Object
from apps.console import selectors
from apps.console.customer_search import loggable
from apps.console.guard import Look, needs
from apps.console.marks import STATUSES, Mark, mark_of
from apps.console.paging import counts_by, page_of
from apps.console.record_lists import (
    Asked,
    Context,
    check_choice,
    chips_of,
    choices_of,
    listed,
    number_of,
)
from apps.console.rows import ShownRow
from apps.console.staff import watcher_of
from apps.transactions.domain.lifecycle import LIFECYCLES

_ASKED = ("q", "status", "state")
_STATES = {"": "Every request", "open": "Open", "ended": "Ended", "expired": "Expired"}
_OF_STATE: dict[str, dict[str, Any]] = {
    "open": {"final": False},
    "ended": {"final": True},
    "expired": {"status": "EXPIRED"},
}
_STATUSES = tuple(name for name in STATUSES if name in LIFECYCLES["request"].statuses)


@dataclass(frozen=True)
class ShownRequest:
    """A request in the list: its order's row, until when it can be answered, and what kind of request it is."""

    id: str
    order: ShownRow
    mark: Mark
    note: str
    is_from_afar: bool
    created_at: datetime
    ends_at: datetime
    is_over: bool


def _look(request: HttpRequest) -> Look:
    query = dict(Asked.of(request, *_ASKED).values)
    if "q" in query:
        query["q"] = loggable(query["q"])
    return Look(Object("page", "requests"), "search" if query else "view", query)


@require_GET
@needs(Permission.SEE_ORDERS, sight=Sight.MASKED, looks=_look)
def requests(request: HttpRequest) -> HttpResponse:
    asked = Asked.of(request, *_ASKED)
    context, code = listed(
        asked,
        lambda: _found(asked, watcher_of(request).sight),
        one="request",
        many="requests",
    )
    context |= {"q": asked["q"], "choosers": {"State": choices_of(asked, "state", _STATES)}}
    return render(request, "console/requests.html", context, status=code)


def _found(asked: Asked, sight: Sight) -> Context:
    check_choice(asked, "state", _STATES)
    query = {
        "$and": [{"kind": "request"}, _OF_STATE.get(asked["state"], {}), _query_of(asked["q"])]
    }
    counts = counts_by("status", "orders", query)
    wanted = {"$and": [query, {"status": asked["status"]}]} if asked["status"] else query
    page = page_of(
        "orders",
        wanted,
        at_field="created_at",
        cursor=asked["cursor"],
        oldest_first=asked.oldest_first,
        fields={**selectors.ROW_FIELDS, "expires_at": 1, "shares": 1, "caused_by": 1},
    )
    rows = selectors.shown_rows(page.documents, sight=sight)
    return {
        "rows": [_shown(*each) for each in zip(page.documents, rows, strict=True)],
        "next": page.next,
        "number": number_of(counts, asked["status"]),
        "chips": chips_of(asked, "status", _STATUSES, counts, mark_of=mark_of),
    }


def _shown(document: Mapping[str, Any], order: ShownRow) -> ShownRequest:
    return ShownRequest(
        id=document["_id"],
        order=order,
        mark=mark_of(document["status"]),
        note=_note(document),
        is_from_afar=not document.get("creditor"),
        created_at=document["created_at"],
        ends_at=document["due_at"] or document["expires_at"],
        is_over=document["final"],
    )


def _note(document: Mapping[str, Any]) -> str:
    if document.get("shares"):
        return f"split in {len(document['shares'])}"
    return "share" if document.get("caused_by") else ""


def _query_of(q: str) -> dict[str, Any]:
    """An order's id from its start, a customer on either side, or a whole reference or end-to-end id."""
    if q.startswith("ord_"):
        return {"_id": {"$gte": q, "$lt": f"{q}\uffff"}}
    if q.startswith("cus_"):
        return {"$or": [{"creditor.customer": q}, {"payer": q}]}
    return {"$or": [{"reference": q}, {"end_to_end_id": q}]} if q else {}
