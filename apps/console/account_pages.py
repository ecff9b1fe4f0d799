"""Pages of accounts: the list, one account with its entries, and the orders that it pays or is paid by."""

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.access.roles import Permission, Sight
from apps.audit.access import Object
from apps.console import selectors, selectors_accounts
from apps.console.accounts_shown import shown_account, statement_lines
from apps.console.customer_search import loggable
from apps.console.customers_shown import shown_names
from apps.console.guard import Look, needs
from apps.console.paging import counts_by
from apps.console.record_lists import Asked, Context, chips_of, choices_of, listed, number_of
from apps.console.staff import watcher_of
from apps.kernel.errors import Invalid

STATUSES = ("OPEN", "CLOSED")
KINDS = ("checking", "savings", "internal")


def _look_at_accounts(request: HttpRequest) -> Look:
    query = dict(Asked.of(request, "q", "status", "kind").values)
    if "q" in query:
        query["q"] = loggable(query["q"])
    return Look(Object("page", "accounts"), "search" if query else "view", query)


def _look_at_account(request: HttpRequest, account_id: str) -> Look:
    cursor = Asked.of(request)["cursor"]
    return Look(Object("account", account_id), "view", {"cursor": cursor} if cursor else {})


def _look_at_orders(request: HttpRequest, account_id: str) -> Look:
    asked = {"part": "orders", **Asked.of(request).values}
    return Look(Object("account", account_id), "view", asked)


@require_GET
@needs(Permission.SEE_CUSTOMERS, sight=Sight.MASKED, looks=_look_at_accounts)
def accounts(request: HttpRequest) -> HttpResponse:
    asked = Asked.of(request, "q", "status", "kind")
    sight = watcher_of(request).sight

    def found() -> Context:
        query = {"$and": [_query_of(asked["q"]), _kind(asked["kind"])]}
        counts = counts_by("status", "accounts", query)
        wanted = {**query, "status": asked["status"]} if asked["status"] else query
        page = selectors_accounts.accounts_page(
            wanted, cursor=asked["cursor"], oldest_first=asked.oldest_first
        )
        rows = [shown_account(document) for document in page.documents]
        owners = {row.customer for row in rows if row.customer}
        return {
            "rows": rows,
            "names": shown_names(selectors.customer_names(owners), sight),
            "next": page.next,
            "number": number_of(counts, asked["status"]),
            "chips": chips_of(asked, "status", STATUSES, counts),
        }

    context, code = listed(asked, found, one="account", many="accounts")
    kinds = {"": "Every kind", **{kind: kind.capitalize() for kind in KINDS}}
    context |= {"q": asked["q"], "choosers": {"Kind": choices_of(asked, "kind", kinds)}}
    return render(request, "console/accounts.html", context, status=code)


@require_GET
@needs(Permission.SEE_CUSTOMERS, sight=Sight.MASKED, looks=_look_at_account)
def account(request: HttpRequest, account_id: str) -> HttpResponse:
    """The account with its entries, newest first, and the balances after each."""
    # Each balance follows from the newer one, so entries stand newest first only.
    asked = Asked({"cursor": Asked.of(request)["cursor"]})
    head = _account(account_id)

    def found() -> Context:
        read = selectors_accounts.statement(account_id, cursor=asked["cursor"])
        if read is None:
            raise Http404(f"There is no account {account_id[:80]}.")
        entries, before = statement_lines(
            read.account, read.entries, after_first=read.after_first, named=_named(read.entries)
        )
        # Every account begins with nothing: what is left before its first entry was never entered.
        adds_up = read.next is not None or before is None or not any(before.values())
        return {
            "account": shown_account(read.account),
            "entries": entries,
            "orders": selectors.rows_by_id(
                {entry.order for entry in entries if entry.order}, sight=watcher_of(request).sight
            ),
            "adds_up": adds_up,
            "has_balances": before is not None,
            "next": read.next,
        }

    context, code = listed(asked, found)
    return _page_of_account(request, "console/account.html", head, context, code)


@require_GET
@needs(Permission.SEE_CUSTOMERS, sight=Sight.MASKED, looks=_look_at_orders)
def account_orders(request: HttpRequest, account_id: str) -> HttpResponse:
    """The orders of a customer's account; an internal one stands in the entries of all of them."""
    asked = Asked.of(request)
    head = _account(account_id)
    if head["customer"] is None:
        raise Http404("The bank's own accounts have entries, not orders.")

    def found() -> Context:
        page = selectors_accounts.orders_of(
            head,
            cursor=asked["cursor"],
            sight=watcher_of(request).sight,
            oldest_first=asked.oldest_first,
        )
        return {"rows": page.rows, "next": page.next}

    context, code = listed(asked, found)
    return _page_of_account(request, "console/account_orders.html", head, context, code)


def _page_of_account(
    request: HttpRequest, template: str, head: dict[str, Any], context: Context, code: int
) -> HttpResponse:
    owner = head["customer"]
    names = selectors.customer_names({owner}) if owner else {}
    names = shown_names(names, watcher_of(request).sight)
    shown = {
        "account": shown_account(head),
        "owner": names.get(owner, ""),
        "purpose": head.get("purpose") or "",
        **context,
    }
    return render(request, template, shown, status=code)


def _account(account_id: str) -> dict[str, Any]:
    found = selectors_accounts.account(account_id)
    if found is None:
        raise Http404(f"There is no account {account_id[:80]}.")
    return found


def _named(entries: list[dict[str, Any]]) -> dict[str, str]:
    """Words for the customers' accounts in these entries' lines."""
    ids = {line["account"] for entry in entries for line in entry["lines"]}
    digits = selectors.account_digits(ids)
    return {account_id: f"••••{last}" for account_id, last in digits.items()}


def _query_of(q: str) -> dict[str, Any]:
    """An account's or a customer's id, or the last four digits of a number. Raises Invalid (`q_malformed`)."""
    if not q:
        return {}
    if q.startswith("cus_"):
        return {"customer": q}
    if q.startswith("acc_"):
        return {"_id": {"$gte": q, "$lt": f"{q}\uffff"}}
    if re.fullmatch(r"[0-9]{4}", q, re.ASCII):
        return {"number_last4": q}
    raise Invalid(
        "q_malformed",
        f"{q!r} is nothing that accounts are found by. Write acc_… from its start, a whole cus_…, or the last "
        "four digits of a number.",
    )


def _kind(kind: str) -> dict[str, Any]:
    if not kind:
        return {}
    if kind not in KINDS:
        raise Invalid("kind_unknown", f"There is no kind {kind!r}; there are {', '.join(KINDS)}.")
    return {"kind": kind}
