"""The console's pages; each answers without JavaScript, live updates come on top."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
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
from apps.console.rows import ShownRow, grouped, shown_row, stored_row, without
from apps.console.sides import Side, Sides, sides_of
from apps.console.staff import watcher_of
from apps.transactions.domain.lifecycle import REASONS
from dpms_site.clock import platform_clock


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
@needs(Permission.SEE_ORDERS, sight=Sight.MASKED, looks=_look_at_order)
def order(request: HttpRequest, order_id: str) -> HttpResponse:
    return render(
        request, "console/order.html", _order_context(order_id, watcher_of(request).sight)
    )


@require_GET
@needs(Permission.SEE_ORDERS, sight=Sight.MASKED, looks=_look_at_order, refreshes=True)
def order_part(request: HttpRequest, order_id: str) -> HttpResponse:
    """The part of the order's page that changes with it; the page fetches it when the socket says so."""
    return render(
        request, "console/_order.html", _order_context(order_id, watcher_of(request).sight)
    )


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


def _order_context(order_id: str, sight: Sight) -> dict[str, Any]:
    found = selectors.order(order_id)
    if found is None:
        raise Http404(f"There is no order {order_id[:80]}.")
    found = _as_seen(found, sight)
    sides = sides_of(found)
    digits = selectors.account_digits(sides.accounts)
    return {
        "order": found,
        "row": _shown(found, sight),
        "words": _SIDE_WORDS.get(found["kind"], ("From", "To")),
        "payee": found.get("payee", "") if found.get("payee", "").startswith("pay_") else "",
        "return_words": REASONS.get(found.get("return_reason") or "", ""),
        "amount": grouped(found["amount_minor"], found["currency"]),
        "steps": timeline.steps(found),
        "entries": timeline.ledger(found, selectors.entries_of(order_id), digits),
        "commands": timeline.asked(selectors.commands_of(order_id)),
        "sides": _named(sides, selectors.customer_names(sides.customers), sight),
        "digits": digits,
        "took": timeline.duration(found["updated_at"] - found["created_at"]),
        "now": platform_clock(),
    }


def _as_seen(found: dict[str, Any], sight: Sight) -> dict[str, Any]:
    """The order without e-mail addresses and phone numbers where people wrote them into a text."""
    keys = (found.get("alias_key"), found.get("creditor_alias"))
    aliases = [key.partition(":")[2] for key in keys if key]
    if not aliases or sight >= Sight.FULL:
        return found
    hidden = {name: found[name] for name in _WRITTEN if found.get(name)}
    for alias in aliases:
        hidden = {name: without(alias, text) for name, text in hidden.items()}
    return {**found, **hidden}


_SIDE_WORDS = {"request": ("Asked to pay", "Asked by")}
_WRITTEN = ("payee_name", "debtor_name", "creditor_name", "reference", "memo")


def _named(sides: Sides, names: Mapping[str, str], sight: Sight) -> Sides:
    """With the customers' own names where the order tells none; a far alias only as the sight shows it."""

    def named(side: Side) -> Side:
        name = side.name or names.get(side.customer, "") or ("Customer" if side.customer else "")
        return replace(side, name=name, alias=masking.contact(side.alias, sight))

    return Sides(named(sides.payer), named(sides.paid))


def _shown(found: Mapping[str, Any], sight: Sight) -> ShownRow | None:
    return shown_row(stored_row(found), sight=sight) if sight else None


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
