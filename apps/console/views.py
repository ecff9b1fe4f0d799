"""The console's pages; each answers without JavaScript, live updates come on top."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from apps.access.roles import Permission, Sight
from apps.audit.access import Object
from apps.console import appearance, lists, masking, selectors, timeline
from apps.console.chips import chips
from apps.console.filter import EVERYTHING
from apps.console.guard import Look, look_at_live, needs, page_look
from apps.console.rows import ShownRow, shown_row, stored_row
from apps.console.staff import watcher_of
from dpms_site.clock import platform_clock


def _look_at_orders(request: HttpRequest) -> Look:
    """With a filter it is a search, and what was searched for belongs to it."""
    asked = {name: request.GET[name] for name in ("status", "q", "cursor") if request.GET.get(name)}
    return Look(Object("page", "orders"), "search" if asked else "view", asked)


def _look_at_dead_letters(request: HttpRequest) -> Look:  # noqa: ARG001
    return Look(Object("page", "dead-letters"), "search")


@require_GET
@needs(Permission.SEE_OVERVIEW, looks=page_look("overview"))
def overview(request: HttpRequest) -> HttpResponse:
    return render(request, "console/overview.html", _overview_context(watcher_of(request).sight))


@require_GET
@needs(Permission.SEE_OVERVIEW, looks=page_look("overview"), refreshes=True)
def overview_part(request: HttpRequest) -> HttpResponse:
    """The figures alone; the page fetches them when the socket says that something changed."""
    return render(request, "console/_overview.html", _overview_context(watcher_of(request).sight))


def _overview_context(sight: Sight) -> dict[str, Any]:
    oldest = selectors.oldest_open() if sight else None
    now = platform_clock()
    return {
        "tiles": chips(EVERYTHING, selectors.counts_by_status()),
        "oldest": _shown(oldest, sight) if oldest else None,
        "oldest_age": timeline.duration(now - oldest["created_at"]) if oldest else "",
        "sees_orders": sight > Sight.NONE,
        "newest": selectors.newest_rows(sight=sight, limit=8) if sight else [],
        "dead_letters": selectors.dead_letter_count(),
        "now": now,
    }


@require_GET
@needs(Permission.SEE_ORDERS, sight=Sight.ANONYMOUS, looks=look_at_live)
def live(request: HttpRequest) -> HttpResponse:
    context, code = lists.live(request.GET, sight=watcher_of(request).sight)
    return render(request, "console/live.html", context, status=code)


@require_GET
@needs(Permission.SEE_ORDERS, sight=Sight.ANONYMOUS, looks=_look_at_orders)
def orders(request: HttpRequest) -> HttpResponse:
    context, code = lists.orders(request.GET, sight=watcher_of(request).sight)
    return render(request, "console/orders.html", context, status=code)


@require_GET
@needs(Permission.SEE_DEAD_LETTERS, looks=_look_at_dead_letters)
def dead_letters(request: HttpRequest) -> HttpResponse:
    sight = watcher_of(request).sight
    letters = [_letter(document, sight) for document in selectors.dead_letters()]
    count = selectors.dead_letter_count()
    return render(
        request,
        "console/dead_letters.html",
        {"letters": letters, "count": count, "now": platform_clock()},
    )


@require_POST
@needs(None)
def change_appearance(request: HttpRequest) -> HttpResponse:
    """Remembers theme and density in the session, and goes back to the page it was asked from."""
    appearance.remember(request)
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(back if is_ours else reverse("console:overview"))


def _shown(found: Mapping[str, Any], sight: Sight) -> ShownRow | None:
    return shown_row(stored_row(found), sight=sight) if sight else None


# A dead letter's key and value are whatever bytes came; shown as text as far as they are text.
_SHOWN_BYTES_MAX = 2_000
_OF_A_NETWORK = "rail:"


def _letter(document: Mapping[str, Any], sight: Sight) -> dict[str, Any]:
    """The record itself is a customer's data unmasked, and the detail may quote it."""
    is_whole = sight >= Sight.FULL
    value = _text(document.get("value")) if is_whole else ""
    if document["_id"].startswith(_OF_A_NETWORK):
        value = masking.numbers(value)  # account numbers of messages that nobody could read
    return {
        "place": document["_id"],
        "flow": document.get("flow", ""),
        "reason": document.get("reason", ""),
        "detail": document.get("detail", "") if sight >= Sight.MASKED else "",
        "at": document.get("at"),
        "is_whole": is_whole,
        "key": _text(document.get("key")) if is_whole else "",
        "value": value,
    }


def _text(value: bytes | str | None) -> str:
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value or ""
    return text if len(text) <= _SHOWN_BYTES_MAX else text[:_SHOWN_BYTES_MAX] + "…"
