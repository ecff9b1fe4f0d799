"""Pages of what networks and the platform told each other: the list, and one message with its XML."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.access.roles import Permission, Sight
from apps.audit.access import Object
from apps.console import selectors, selectors_links
from apps.console.customer_search import loggable
from apps.console.guard import Look, needs
from apps.console.message_xml import shown_xml
from apps.console.messages_shown import (
    DIRECTIONS,
    TYPES,
    aliases_in,
    network_title,
    shown_fields,
    shown_message,
)
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
from apps.console.staff import watcher_of
from apps.rails.networks.registry import NETWORKS
from apps.rails.selectors import about
from dpms_site.clock import platform_clock

_ASKED = ("q", "type", "network", "direction")
_NETWORKS = {"": "Every network", **{name: network_title(name) for name in NETWORKS}}
_DIRECTIONS = {"": "Both ways", **DIRECTIONS}
_TYPE_WORDS = {name: f"{plain} {name}" for name, plain in TYPES.items()}


def _look_at_messages(request: HttpRequest) -> Look:
    query = dict(Asked.of(request, *_ASKED).values)
    if "q" in query:
        query["q"] = loggable(query["q"])
    return Look(Object("page", "messages"), "search" if query else "view", query)


def _look_at_message(request: HttpRequest, message_id: str) -> Look:  # noqa: ARG001
    return Look(Object("message", message_id))


@require_GET
@needs(Permission.SEE_ORDERS, sight=Sight.MASKED, looks=_look_at_messages)
def messages(request: HttpRequest) -> HttpResponse:
    asked = Asked.of(request, *_ASKED)
    context, code = listed(asked, lambda: _found(asked), one="message", many="messages")
    context |= {
        "q": asked["q"],
        "choosers": {
            "Network": choices_of(asked, "network", _NETWORKS),
            "Direction": choices_of(asked, "direction", _DIRECTIONS),
        },
        "chips_label": "Type",
        "table_class": "rows-times",
    }
    return render(request, "console/messages.html", context, status=code)


@require_GET
@needs(Permission.SEE_ORDERS, sight=Sight.MASKED, looks=_look_at_message)
def message(request: HttpRequest, message_id: str) -> HttpResponse:
    found = selectors_links.message(message_id)
    if found is None:
        raise Http404(f"There is no message {message_id[:80]}.")
    sight = watcher_of(request).sight
    receipt = selectors_links.receipts_of([message_id]).get(message_id)
    context = {
        "message": shown_message(found, receipt),
        "fields": shown_fields(found, sight),
        "xml": shown_xml(found["xml"], sight=sight, aliases=aliases_in(found)),
        "now": platform_clock(),
    }
    return render(request, "console/message.html", context)


def _found(asked: Asked) -> Context:
    check_choice(asked, "network", _NETWORKS)
    check_choice(asked, "direction", _DIRECTIONS)
    check_choice(asked, "type", {"": "", **TYPES})
    query = _query_of(asked["q"]) | {
        name: asked[name] for name in ("network", "direction") if asked[name]
    }
    counts = counts_by("type", "rail_messages", query)
    wanted = {**query, "type": asked["type"]} if asked["type"] else query
    page = page_of(
        "rail_messages",
        wanted,
        at_field="created_at",
        cursor=asked["cursor"],
        oldest_first=asked.oldest_first,
        fields={"xml": 0},
    )
    receipts = selectors_links.receipts_of([each["_id"] for each in page.documents])
    return {
        "rows": [shown_message(each, receipts.get(each["_id"])) for each in page.documents],
        "next": page.next,
        "number": number_of(counts, asked["type"]),
        "chips": chips_of(asked, "type", TYPES, counts, mark_of=lambda _: None, words=_TYPE_WORDS),
    }


def _query_of(q: str) -> dict[str, Any]:
    """An order's whole id, a message's id from its start, or a whole end-to-end id."""
    if q.startswith("ord_"):
        return about(selectors.order(q) or {"_id": q})
    if q.startswith("msg_"):
        return {"_id": {"$gte": q, "$lt": f"{q}\uffff"}}
    return {"end_to_end_id": q} if q else {}
