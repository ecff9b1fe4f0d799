"""The console's pages; each answers without JavaScript, live updates come on top."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST
from pymongo.errors import ExecutionTimeout

from apps.access.roles import Permission, Sight
from apps.audit.access import Object
from apps.console import appearance, selectors, timeline
from apps.console.guard import Look, look_at_live, needs, page_look
from apps.console.marks import STATUSES, mark_of
from apps.console.rows import ShownRow, grouped, masked, shown_row, stored_row
from apps.console.staff import watcher_of
from apps.console.subscription import ROWS_DEFAULT
from apps.kernel.clock import wall_clock
from apps.kernel.errors import Invalid

Q_CHARACTERS_MAX = 100


def _look_at_orders(request: HttpRequest) -> Look:
    """With a filter it is a search, and what was searched for belongs to it."""
    asked = {name: request.GET[name] for name in ("status", "q", "cursor") if request.GET.get(name)}
    return Look(Object("page", "orders"), "search" if asked else "view", asked)


def _look_at_order(request: HttpRequest, order_id: str) -> Look:  # noqa: ARG001
    return Look(Object("order", order_id))


def _look_at_dead_letters(request: HttpRequest) -> Look:  # noqa: ARG001
    return Look(Object("page", "dead-letters"), "search")


@require_GET
@needs(Permission.SEE_OVERVIEW, looks=page_look("overview"))
def overview(request: HttpRequest) -> HttpResponse:
    return render(request, "console/overview.html", _overview_context(_sight(request)))


@require_GET
@needs(Permission.SEE_OVERVIEW, looks=page_look("overview"), refreshes=True)
def overview_part(request: HttpRequest) -> HttpResponse:
    """The figures alone; the page fetches them when the socket says that something changed."""
    return render(request, "console/_overview.html", _overview_context(_sight(request)))


def _overview_context(sight: Sight) -> dict[str, Any]:
    """Figures for everybody; orders only for who may know the parties."""
    counts = selectors.counts_by_status()
    tiles = [{"status": name, "mark": mark_of(name), "count": counts[name]} for name in counts]
    sees_orders = sight >= Sight.MASKED
    oldest = selectors.oldest_open() if sees_orders else None
    now = wall_clock()
    return {
        "tiles": [tile for tile in tiles if tile["count"] or tile["status"] in _ALWAYS_SHOWN],
        "total": sum(counts.values()),
        "oldest": _shown(oldest, sight) if oldest else None,
        "oldest_age": timeline.duration(now - oldest["created_at"]) if oldest else "",
        "sees_orders": sees_orders,
        "newest": selectors.newest_rows(sight=sight, limit=8) if sees_orders else [],
        "dead_letters": selectors.dead_letter_count(),
        "now": now,
    }


@require_GET
@needs(Permission.SEE_ORDERS, sight=Sight.ANONYMOUS, looks=look_at_live)
def live(request: HttpRequest) -> HttpResponse:
    rows = selectors.newest_rows(sight=_sight(request), limit=ROWS_DEFAULT)
    return render(request, "console/live.html", {"rows": rows, "now": wall_clock()})


@require_GET
@needs(Permission.SEE_ORDERS, sight=Sight.ANONYMOUS, looks=_look_at_orders)
def orders(request: HttpRequest) -> HttpResponse:
    status, q, cursor = (request.GET.get(name, "").strip() for name in ("status", "q", "cursor"))
    context: dict[str, Any] = {
        "status": status,
        "q": q[:Q_CHARACTERS_MAX],
        "filters": _filters(status, q),
        "is_filtered": bool(status or q),
        "now": wall_clock(),
    }
    code = 200
    try:
        if len(q) > Q_CHARACTERS_MAX:
            raise Invalid("search_too_long", f"Search for at most {Q_CHARACTERS_MAX} characters.")
        page = selectors.orders_page(status=status, q=q, cursor=cursor, sight=_sight(request))
        context |= {"page": page, "count": _count_words(status, q, _sight(request))}
        if page.next:
            context["next_url"] = "?" + _query(status=status, q=q, cursor=page.next)
    except Invalid as error:
        context["problem"], code = error.detail, 400
    except ExecutionTimeout:
        context["problem"] = "The search took more than two seconds and was ended. Search by id."
        code = 503
    return render(request, "console/orders.html", context, status=code)


@require_GET
@needs(Permission.SEE_ORDERS, sight=Sight.MASKED, looks=_look_at_order)
def order(request: HttpRequest, order_id: str) -> HttpResponse:
    return render(request, "console/order.html", _order_context(order_id, _sight(request)))


@require_GET
@needs(Permission.SEE_ORDERS, sight=Sight.MASKED, looks=_look_at_order, refreshes=True)
def order_part(request: HttpRequest, order_id: str) -> HttpResponse:
    """The part of the order's page that changes with it; the page fetches it when the socket says so."""
    return render(request, "console/_order.html", _order_context(order_id, _sight(request)))


@require_GET
@needs(Permission.SEE_DEAD_LETTERS, looks=_look_at_dead_letters)
def dead_letters(request: HttpRequest) -> HttpResponse:
    sight = _sight(request)
    letters = [_letter(document, sight) for document in selectors.dead_letters()]
    count = selectors.dead_letter_count()
    return render(
        request,
        "console/dead_letters.html",
        {"letters": letters, "count": count, "now": wall_clock()},
    )


@require_POST
@needs(None)
def change_appearance(request: HttpRequest) -> HttpResponse:
    """Remembers theme and density in the session, and goes back to the page it was asked from."""
    appearance.remember(request)
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(back if is_ours else reverse("console:overview"))


def _order_context(order_id: str, sight: Sight) -> dict[str, Any]:
    found = selectors.order(order_id)
    if found is None:
        raise Http404(f"There is no order {order_id[:80]}.")
    found = _as_seen(found, sight)
    parties = {found["debtor"]["customer"], *_creditor(found, "customer")}
    accounts = {found["debtor"]["account"], *_creditor(found, "account")}
    digits = selectors.account_digits(accounts)
    return {
        "order": found,
        "row": _shown(found, sight),
        "amount": grouped(found["amount_minor"], found["currency"]),
        "steps": timeline.steps(found),
        "entries": timeline.ledger(found, selectors.entries_of(order_id), digits),
        "commands": timeline.asked(selectors.commands_of(order_id)),
        "names": selectors.customer_names(parties),
        "digits": digits,
        "took": timeline.duration(found["updated_at"] - found["created_at"]),
        "now": wall_clock(),
    }


def _as_seen(found: dict[str, Any], sight: Sight) -> dict[str, Any]:
    """The order without the payee's e-mail address or phone number where people wrote it into a text."""
    alias = (found["alias_key"] or "").partition(":")[2]
    if not alias or sight >= Sight.FULL:
        return found
    shown = masked(alias)
    texts = {name: found[name] for name in ("payee_name", "reference", "memo") if found[name]}
    hidden = {
        name: re.sub(re.escape(alias), lambda _: shown, text, flags=re.IGNORECASE)
        for name, text in texts.items()
    }
    return {**found, **hidden}


def _sight(request: HttpRequest) -> Sight:
    """How much whoever asks may see of a payment."""
    return watcher_of(request).sight


def _shown(found: Mapping[str, Any], sight: Sight) -> ShownRow | None:
    return shown_row(stored_row(found), sight=sight) if sight else None


def _creditor(found: Mapping[str, Any], field: str) -> list[str]:
    return [found["creditor"][field]] if found["creditor"] else []


# A dead letter's key and value are whatever bytes came; shown as text as far as they are text.
_SHOWN_BYTES_MAX = 2_000


def _letter(document: Mapping[str, Any], sight: Sight) -> dict[str, Any]:
    """The record itself is a customer's data unmasked, and the detail may quote it."""
    is_whole = sight >= Sight.FULL
    return {
        "place": document["_id"],
        "flow": document.get("flow", ""),
        "reason": document.get("reason", ""),
        "detail": document.get("detail", "") if sight >= Sight.MASKED else "",
        "at": document.get("at"),
        "is_whole": is_whole,
        "key": _text(document.get("key")) if is_whole else "",
        "value": _text(document.get("value")) if is_whole else "",
    }


def _text(value: bytes | str | None) -> str:
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value or ""
    return text if len(text) <= _SHOWN_BYTES_MAX else text[:_SHOWN_BYTES_MAX] + "…"


_ALWAYS_SHOWN = {"RECEIVED", "AWAITING_CLAIM", "HELD", "COMPLETED", "REJECTED", "CANCELLED"}


def _filters(status: str, q: str) -> list[dict[str, Any]]:
    """The chips above the list, derived from the query alone; counts come from where the rows come from."""
    counts = selectors.counts_by_status()
    names = [name for name in counts if counts[name] or name in STATUSES[:1] or name == status]
    chips = [
        {
            "word": mark_of(name).word,
            "mark": mark_of(name),
            "count": counts[name],
            "is_on": name == status,
            "url": "?" + _query(status=name, q=q),
        }
        for name in names
    ]
    everything = {"word": "All", "count": sum(counts.values()), "is_on": not status}
    return [{**everything, "url": "?" + _query(q=q)}, *chips]


def _count_words(status: str, q: str, sight: Sight) -> str:
    count = selectors.orders_count(status=status, q=q, sight=sight)
    if count > selectors.COUNTED_MAX:
        return f"more than {selectors.COUNTED_MAX:,} orders"
    return f"{count:,} order" + ("" if count == 1 else "s")


def _query(**parameters: str) -> str:
    return urlencode({name: value for name, value in parameters.items() if value})
