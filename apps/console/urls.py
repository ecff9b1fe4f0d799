"""The console's addresses, below /console/."""

from collections.abc import Set
from typing import Any, NoReturn

from django.http import Http404, HttpRequest
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from apps.audit import views as audit_views
from apps.console import (
    account_pages,
    customer_pages,
    message_pages,
    order_pages,
    payee_pages,
    refill,
    request_pages,
    session_pages,
    signing_in,
    views,
)

app_name = "console"

_console_pages = [
    path("", views.overview, name="overview"),
    path("part", views.overview_part, name="overview-part"),
    path("login/", signing_in.sign_in, name="login"),
    path("login/code", signing_in.give_code, name="login-code"),
    path("logout/", signing_in.sign_out, name="logout"),
    path("second-step", signing_in.enrol, name="second-step"),
    path("live", views.live, name="live"),
    path("feed", refill.refill, name="feed"),
    path("orders", views.orders, name="orders"),
    path("orders/<str:order_id>", order_pages.order, name="order"),
    path("orders/<str:order_id>/part", order_pages.order_part, name="order-part"),
    path("requests", request_pages.requests, name="requests"),
    path("messages", message_pages.messages, name="messages"),
    path("messages/<str:message_id>", message_pages.message, name="message"),
    path("customers", customer_pages.customers, name="customers"),
    path("customers/find", customer_pages.find_customers, name="find-customers"),
    path("customers/<str:customer_id>", customer_pages.customer, name="customer"),
    path("customers/<str:customer_id>/payees", customer_pages.payees, name="payees"),
    path("payees/<str:payee_id>", payee_pages.payee, name="payee"),
    path("accounts", account_pages.accounts, name="accounts"),
    path("accounts/<str:account_id>", account_pages.account, name="account"),
    path("accounts/<str:account_id>/orders", account_pages.account_orders, name="account-orders"),
    path("dead-letters", views.dead_letters, name="dead-letters"),
    path("sessions", session_pages.sessions, name="sessions"),
    path("sessions/end-others", session_pages.end_other_sessions, name="end-other-sessions"),
    path("sessions/<str:handle>/end", session_pages.end_session, name="end-session"),
    path("access-log", session_pages.access_log, name="access-log"),
    path("appearance", views.change_appearance, name="appearance"),
]
_audit_pages = [
    path("orders/<str:order_id>/audit", audit_views.order_audit, name="order-audit"),
    path("audit", audit_views.entries, name="audit"),
]

# By the service that answers them.
PAGES_OF = {"console": _console_pages, "audit": _audit_pages}
urlpatterns = [*_console_pages, *_audit_pages]


def pages(services: Set[str]) -> list[URLPattern]:
    """Every page has its name, so that one links to what another process answers; here that is not found."""
    return [
        page if name in services else URLPattern(page.pattern, elsewhere, name=page.name)
        for name, pages in PAGES_OF.items()
        for page in pages
    ]


# Exempt: a form sent to the wrong process hears that nothing is here, as at any unknown address.
@csrf_exempt
def elsewhere(_request: HttpRequest, **_: Any) -> NoReturn:
    raise Http404
