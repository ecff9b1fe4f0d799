"""The page of one order of any kind, and the part of it that changes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.access.roles import Permission, Sight
from apps.audit.access import Object
from apps.console import masking, order_links, selectors, selectors_links, timeline
from apps.console.guard import Look, needs
from apps.console.messages_shown import shown_message
from apps.console.rows import grouped, shown_row, stored_row, without
from apps.console.sides import Side, Sides, sides_of
from apps.console.staff import watcher_of
from apps.transactions.domain.lifecycle import LIFECYCLES, REASONS
from dpms_site.clock import platform_clock

Context = dict[str, Any]


def _look(request: HttpRequest, order_id: str) -> Look:  # noqa: ARG001
    return Look(Object("order", order_id))


@require_GET
@needs(Permission.SEE_ORDERS, sight=Sight.MASKED, looks=_look)
def order(request: HttpRequest, order_id: str) -> HttpResponse:
    return render(request, "console/order.html", _context(order_id, watcher_of(request).sight))


@require_GET
@needs(Permission.SEE_ORDERS, sight=Sight.MASKED, looks=_look, refreshes=True)
def order_part(request: HttpRequest, order_id: str) -> HttpResponse:
    """The part of the order's page that changes with it; the page fetches it when the socket says so."""
    return render(request, "console/_order.html", _context(order_id, watcher_of(request).sight))


def _context(order_id: str, sight: Sight) -> Context:
    found = selectors.order(order_id)
    if found is None:
        raise Http404(f"There is no order {order_id[:80]}.")
    found = _as_seen(found, sight)
    sides = sides_of(found)
    digits = selectors.account_digits(sides.accounts)
    payee = found.get("payee") or ""
    return {
        "order": found,
        "row": shown_row(stored_row(found), sight=sight),
        "words": _SIDE_WORDS.get(found["kind"], ("From", "To")),
        "sides": _named(sides, selectors.customer_names(sides.customers), sight),
        "payee": payee if payee.startswith("pay_") else "",
        "return_words": REASONS.get(found.get("return_reason") or "", ""),
        "amount": grouped(found["amount_minor"], found["currency"]),
        "steps": timeline.steps(found),
        "entries": timeline.ledger(found, selectors.entries_of(order_id), digits),
        "commands": timeline.asked(selectors.commands_of(order_id)),
        "taken": _taken(found),
        "digits": digits,
        "took": timeline.duration(found["updated_at"] - found["created_at"]),
        "now": platform_clock(),
        **_around(found, sight),
    }


def _around(found: Mapping[str, Any], sight: Sight) -> Context:
    """What else there is about the order: other orders, cases, messages of networks."""
    order_id = found["_id"]
    caused = selectors_links.orders_caused_by(order_id)
    messages = selectors_links.messages_of(found)
    receipts = selectors_links.receipts_of([message["_id"] for message in messages])
    return {
        "shares": order_links.shares(found, caused, sight),
        "links": order_links.links(found, selectors_links.cause_of(found), caused, sight),
        "cases": [order_links.shown_case(case) for case in selectors_links.cases_of(order_id)],
        "messages": [shown_message(each, receipts.get(each["_id"])) for each in messages],
        "part_rows": selectors_links.PART_ROWS,
    }


def _taken(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Which commands the order takes as it stands, and of whom."""
    lifecycle = LIFECYCLES.get(found["kind"])
    if lifecycle is None:
        return []
    return [
        (command, ", ".join(sorted(drivers)))
        for command, drivers in lifecycle.commands.items()
        if lifecycle.takes(command, found["status"])
    ]


def _as_seen(found: dict[str, Any], sight: Sight) -> dict[str, Any]:
    """The order without e-mail addresses and phone numbers where people wrote them into a text."""
    far = found.get("creditor_alias") or ""
    keys = (found.get("alias_key"), far if ":" in far else f":{far}")
    aliases = [alias for key in keys if key and (alias := key.partition(":")[2])]
    if not aliases or sight >= Sight.FULL:
        return found
    hidden = {name: found[name] for name in _WRITTEN if found.get(name)}
    for alias in aliases:
        hidden = {name: without(alias, text) for name, text in hidden.items()}
    return {**found, **hidden}


_WRITTEN = ("payee_name", "debtor_name", "creditor_name", "reference", "memo")
_SIDE_WORDS = {"request": ("Asked to pay", "Asked by")}


def _named(sides: Sides, names: Mapping[str, str], sight: Sight) -> Sides:
    """With the customers' own names where the order tells none; a far alias only as the sight shows it."""

    def named(side: Side) -> Side:
        name = side.name or names.get(side.customer, "") or ("Customer" if side.customer else "")
        return replace(side, name=name, alias=masking.contact(side.alias, sight))

    return Sides(named(sides.payer), named(sides.paid))
