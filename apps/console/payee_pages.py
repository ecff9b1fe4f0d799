"""The page of one payee: where money for it goes, how far it is trusted, and the orders to it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.access.roles import Permission, Sight
from apps.audit.access import Object
from apps.console import selectors
from apps.console import selectors_customers as customers_read
from apps.console.customers_shown import shown_names, shown_payee
from apps.console.guard import Look, needs
from apps.console.record_lists import Asked, Context, listed
from apps.console.staff import watcher_of
from apps.parties.selectors import trusts_of


def _look_at_payee(request: HttpRequest, payee_id: str) -> Look:
    cursor = Asked.of(request)["cursor"]
    return Look(Object("payee", payee_id), "view", {"cursor": cursor} if cursor else {})


@require_GET
@needs(Permission.SEE_CUSTOMERS, sight=Sight.MASKED, looks=_look_at_payee)
def payee(request: HttpRequest, payee_id: str) -> HttpResponse:
    sight = watcher_of(request).sight
    document = customers_read.payee(payee_id)
    if document is None:
        raise Http404(f"There is no payee {payee_id[:80]}.")
    asked = Asked.of(request)

    def found() -> Context:
        page = customers_read.orders_to(
            document, cursor=asked["cursor"], sight=sight, oldest_first=asked.oldest_first
        )
        return {"rows": page.rows, "next": page.next}

    context, code = listed(asked, found)
    owner = document["customer"]
    context |= {
        "payee": shown_payee(document, sight, trust=trusts_of([document])[payee_id]),
        "owner": shown_names(selectors.customer_names({owner}), sight).get(owner, ""),
    }
    return render(request, "console/payee.html", context, status=code)
