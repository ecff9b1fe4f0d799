"""Pages of customers: the list, the search by a contact point, one customer, and the customer's payees."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from apps.access.roles import Permission, Sight
from apps.audit.access import Object
from apps.console import customer_search, selectors, selectors_accounts
from apps.console import selectors_customers as customers_read
from apps.console.accounts_shown import shown_account
from apps.console.customers_shown import shown_alias, shown_customer, shown_payee
from apps.console.filter import parsed
from apps.console.guard import Look, needs
from apps.console.paging import counts_by
from apps.console.record_lists import Asked, Context, chips_of, listed, number_of
from apps.console.staff import watcher_of
from apps.parties.selectors import trusts_of
from dpms_site.clock import platform_clock

STATUSES = ("PENDING", "ACTIVE", "SUSPENDED", "UNENROLLING", "UNENROLLED")
PAYEE_STATUSES = ("ACTIVE", "SUSPENDED", "REMOVED")
RECENT_ORDERS = 10
_WORDS = {"one": "customer", "many": "customers"}


def _look_at_customers(request: HttpRequest) -> Look:
    asked = Asked.of(request, "q", "status")
    query = {**asked.values}
    if "q" in query:
        query["q"] = customer_search.loggable(query["q"])
    return Look(Object("page", "customers"), "search" if query else "view", query)


def _look_for_contact(request: HttpRequest) -> Look | None:
    """Other searches are written down by the list that they lead to."""
    q = _posted(request)
    if not customer_search.is_contact(q):
        return None
    return Look(Object("page", "customers"), "search", {"q": customer_search.loggable(q)})


def look_at_customer(request: HttpRequest, customer_id: str) -> Look:  # noqa: ARG001
    return Look(Object("customer", customer_id))


def _look_at_payees(request: HttpRequest, customer_id: str) -> Look:
    asked = Asked.of(request, "status")
    return Look(Object("customer", customer_id), "view", {"part": "payees", **asked.values})


@require_GET
@needs(Permission.SEE_CUSTOMERS, sight=Sight.MASKED, looks=_look_at_customers)
def customers(request: HttpRequest) -> HttpResponse:
    asked = Asked.of(request, "q", "status")
    context, code = listed(
        asked,
        lambda: _found(asked, customer_search.query_of(asked["q"]), watcher_of(request).sight),
        **_WORDS,
    )
    return _page_of_list(request, context, code)


@require_POST
@needs(Permission.SEE_CUSTOMERS, sight=Sight.MASKED, looks=_look_for_contact)
def find_customers(request: HttpRequest) -> HttpResponse:
    """Where the search field is sent to: a contact point is looked for here, all else in the list's address."""
    q = _posted(request)
    if not customer_search.is_contact(q):
        kept = {
            "q": q,
            "status": request.POST.get("status", ""),
            "sort": request.POST.get("sort", ""),
        }
        query = urlencode({name: value for name, value in kept.items() if value})
        return HttpResponseRedirect(reverse("console:customers") + (f"?{query}" if query else ""))
    sight = watcher_of(request).sight
    asked = Asked({})
    context, code = listed(
        asked, lambda: _found(asked, customer_search.query_of_contact(q, sight), sight), **_WORDS
    )
    rows = context.get("rows", ())
    if len(rows) == 1:
        return redirect("console:customer", customer_id=rows[0].id)
    found = {**context, "q": q, "is_filtered": True, "by_contact": True, "chips": ()}
    return _page_of_list(request, found, code)


def _found(asked: Asked, query: Context, sight: Sight) -> Context:
    counts = counts_by("status", "customers", query)
    wanted = {"$and": [query, {"status": asked["status"]}]} if asked["status"] else query
    page = customers_read.customers_page(
        wanted, cursor=asked["cursor"], oldest_first=asked.oldest_first
    )
    return {
        "rows": [shown_customer(document, sight) for document in page.documents],
        "next": page.next,
        "number": number_of(counts, asked["status"]),
        "chips": chips_of(asked, "status", STATUSES, counts),
    }


def _page_of_list(request: HttpRequest, context: Context, code: int) -> HttpResponse:
    shown = {
        "q": context["asked"].get("q", ""),
        **context,
        "sight": watcher_of(request).sight.name,
        # The answer to a search by a contact point stands at another address.
        "list_url": reverse("console:customers"),
    }
    return render(request, "console/customers.html", shown, status=code)


@require_GET
@needs(Permission.SEE_CUSTOMERS, sight=Sight.MASKED, looks=look_at_customer)
def customer(request: HttpRequest, customer_id: str) -> HttpResponse:
    sight = watcher_of(request).sight
    found = _customer(customer_id)
    q = f"customer:{customer_id}"
    aliases = customers_read.aliases_of(customer_id)
    accounts = selectors_accounts.accounts_of(customer_id)
    context: dict[str, Any] = {
        "customer": shown_customer(found, sight),
        "aliases": [shown_alias(document, sight) for document in aliases],
        "accounts": [shown_account(document) for document in accounts],
        "payee_count": customers_read.payee_count(customer_id),
        "q": q,
        "rows": selectors.newest_rows(sight=sight, asked=parsed(q), limit=RECENT_ORDERS),
        "order_count": selectors.count(parsed(q)),
        "recent": RECENT_ORDERS,
        "part_rows": customers_read.PART_ROWS,
        "now": platform_clock(),
    }
    return render(request, "console/customer.html", context)


@require_GET
@needs(Permission.SEE_CUSTOMERS, sight=Sight.MASKED, looks=_look_at_payees)
def payees(request: HttpRequest, customer_id: str) -> HttpResponse:
    """The payees of one customer, removed ones too, since orders name them."""
    sight = watcher_of(request).sight
    owner = shown_customer(_customer(customer_id), sight)
    asked = Asked.of(request, "status")

    def found() -> Context:
        counts = counts_by("status", "payees", {"customer": customer_id})
        page = customers_read.payees_page(
            customer_id,
            status=asked["status"],
            cursor=asked["cursor"],
            oldest_first=asked.oldest_first,
        )
        trusts = trusts_of(page.documents)
        return {
            "rows": [
                shown_payee(document, sight, trust=trusts[document["_id"]])
                for document in page.documents
            ],
            "next": page.next,
            "number": number_of(counts, asked["status"]),
            "chips": chips_of(asked, "status", PAYEE_STATUSES, counts),
        }

    context, code = listed(asked, found, one="payee", many="payees")
    return render(request, "console/payees.html", {**context, "customer": owner}, status=code)


def _customer(customer_id: str) -> dict[str, Any]:
    found = customers_read.customer(customer_id)
    if found is None:
        raise Http404(f"There is no customer {customer_id[:80]}.")
    return found


def _posted(request: HttpRequest) -> str:
    return request.POST.get("q", "").strip()
