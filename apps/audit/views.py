"""The audit pages of the console: the trail of one order, and everything that was captured, newest first."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.access.roles import Permission
from apps.audit import selectors
from apps.audit.access import Object
from apps.audit.trail_page import shown_entry
from apps.console.guard import Look, needs
from apps.console.staff import watcher_of
from apps.kernel.clock import wall_clock
from apps.kernel.errors import Invalid

ENTITY_CHARACTERS_MAX = 100


def _look_at_order(request: HttpRequest, order_id: str) -> Look:  # noqa: ARG001
    return Look(Object("order", order_id))


def _look_at_entries(request: HttpRequest) -> Look:
    """One document's entries are a search for it."""
    asked = {name: request.GET[name] for name in ("entity", "alarms") if request.GET.get(name)}
    return Look(Object("page", "audit"), "search" if asked else "view", asked)


@require_GET
@needs(Permission.SEE_AUDIT, looks=_look_at_order)
def order_audit(request: HttpRequest, order_id: str) -> HttpResponse:
    """The tab of an order's page: all that was captured of it and of what belongs to it."""
    entries = selectors.entries_of_order(order_id)
    if not entries and not selectors.is_order(order_id):
        raise Http404(f"There is no order {order_id[:80]}.")
    sight = watcher_of(request).sight
    context = {
        "order_id": order_id,
        "entries": [shown_entry(entry, sight) for entry in entries],
        "alarms": sum(1 for entry in entries if entry["is_alarm"]),
        "is_cut": len(entries) == selectors.ORDER_ENTRIES_MAX,
        "sight": sight,
        "now": wall_clock(),
    }
    return render(request, "audit/order.html", context)


@require_GET
@needs(Permission.SEE_AUDIT, looks=_look_at_entries)
def entries(request: HttpRequest) -> HttpResponse:
    """Everything captured; `alarms=1` leaves what a person must look at, `entity` one document."""
    alarms, entity, cursor = (
        request.GET.get(n, "").strip() for n in ("alarms", "entity", "cursor")
    )
    sight = watcher_of(request).sight
    context: dict[str, Any] = {
        "alarms": alarms == "1",
        "entity": entity[:ENTITY_CHARACTERS_MAX],
        "sight": sight,
        "now": wall_clock(),
    }
    code = 200
    try:
        if len(entity) > ENTITY_CHARACTERS_MAX:
            detail = f"Ids have at most {ENTITY_CHARACTERS_MAX} characters."
            raise Invalid("entity_too_long", detail)
        page = selectors.entries_page(alarms=alarms == "1", entity=entity, cursor=cursor)
        context["entries"] = [shown_entry(entry, sight) for entry in page.entries]
        context["alarm_count"] = selectors.alarm_count()
        if page.next:
            parameters = {"alarms": alarms, "entity": entity, "cursor": page.next}
            given = {name: value for name, value in parameters.items() if value}
            context["next_url"] = f"?{urlencode(given)}"
    except Invalid as error:
        context["problem"], code = error.detail, 400
    return render(request, "audit/entries.html", context, status=code)
