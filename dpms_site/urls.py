"""Every address of the site: the REST API, its documentation, health, and the console."""

from collections.abc import Set
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from apps.access.api import TokenView
from apps.console import urls as console
from apps.ledger.urls import api_urls as ledger_urls
from apps.parties.urls import api_urls as parties_urls
from apps.profiles.urls import api_urls as profiles_urls
from apps.rails.urls import api_urls as rails_urls
from apps.transactions.urls import api_urls as transactions_urls
from dpms_site import errors, health, problems
from dpms_site.clock_api import ClockAdvanceView, ClockView

# The documentation is public: it shows shapes, no data.
_public: dict[str, Any] = {"authentication_classes": [], "permission_classes": []}

API_OF = {
    "profiles": profiles_urls,
    "ledger": ledger_urls,
    "parties": parties_urls,
    "transactions": [*transactions_urls, *rails_urls],
}

sandbox_urls = [
    path("sandbox/clock", ClockView.as_view()),
    path("sandbox/clock/advance", ClockAdvanceView.as_view()),
]

# Of no domain, so every process answers them: whoever reaches one gets a token, its description and its health.
_everywhere = [
    path("oauth/token", TokenView.as_view()),
    path("api/v1/", include(sandbox_urls)),
    path("api/schema/", SpectacularAPIView.as_view(**_public), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema", **_public)),
    path("api/problems/", problems.problem_page),
    path("api/problems/<str:code>", problems.problem_page),
    path("health/live", health.live),
    path("health/ready", health.ready),
]


def addresses(services: Set[str]) -> list[URLPattern | URLResolver]:
    """The addresses of these domains and those of none; the description of the API lists the same."""
    api = [address for name, urls in API_OF.items() if name in services for address in urls]
    found = [path("api/v1/", include(api)), *_everywhere]
    if "console" in services:
        found.append(path("", RedirectView.as_view(url="/console/")))
    if console.PAGES_OF.keys() & services:
        found.append(path("console/", include((console.pages(services), console.app_name))))
    return found


urlpatterns = addresses(settings.SERVICES)

handler400 = errors.bad_request
handler404 = errors.not_found
handler500 = errors.server_error
