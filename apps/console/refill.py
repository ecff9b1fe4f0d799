"""Pages of the feed for a browser that missed more than its socket tells: the same rows, filter and sight."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET
from pymongo.errors import PyMongoError

from apps.access.roles import Permission, Sight
from apps.console import selectors
from apps.console.filter import parsed_for
from apps.console.guard import look_at_live, needs
from apps.console.rows import StoredRow
from apps.console.staff import watcher_of
from apps.console.subscription import split
from apps.kernel.errors import DomainError, Forbidden, Gone
from apps.transactions.feed import FeedPage, feed_page, position_of
from dpms_site.mongodb import Document
from dpms_site.rest import query

# A page costs mostly its round trip, so a smaller limit than this is not worth having.
EVENTS_LEAST, EVENTS_MAX = 1_000, 5_000


@require_GET
@needs(
    Permission.SEE_ORDERS,
    sight=Sight.ANONYMOUS,
    looks=look_at_live,
    refreshes=True,
    is_data=True,
)
def refill(request: HttpRequest) -> HttpResponse:
    """What happened after `after`, each order once, as the filter `q` and the asker's sight show it."""
    try:
        return JsonResponse(_page(request))
    except DomainError as refusal:
        status = {Gone: 410, Forbidden: 403}.get(type(refusal), 400)
        return JsonResponse({"code": refusal.code, "detail": refusal.detail}, status=status)
    except PyMongoError:
        detail = "The database does not answer."
        return JsonResponse({"code": "temporarily_unavailable", "detail": detail}, status=503)


def _page(request: HttpRequest) -> dict[str, Any]:
    sight = watcher_of(request).sight
    values = query.query_of(
        request, after=position_of, q=str, limit=query.whole_number(1, EVENTS_MAX)
    )
    asked = parsed_for(values.get("q", ""), sight)
    limit = max(EVENTS_LEAST, values.get("limit", EVENTS_LEAST))
    page = feed_page(values.get("after"), limit=limit, row=True)
    rows = _latest(page)
    names = selectors.names_for(filter(asked.holds, rows), sight=sight)
    shown = split(rows, asked=asked, sight=sight, names=names)
    return {
        "epoch": page.next.epoch,
        "seq": page.next.seq,
        "events": shown["upserts"],
        "removes": shown["removes"],
        "next": str(page.next),
        "has_more": page.has_more,
    }


def _latest(page: FeedPage) -> list[StoredRow]:
    latest: dict[str, Document] = {}
    for event in page.events:
        known = latest.get(event["order"])
        is_newest = known is None or event["version"] >= known["version"]
        if is_newest and not event["row"].get("late"):
            latest[event["order"]] = event
    return [event["row"] for event in latest.values()]
