"""Every address of the site: the REST API, its documentation, health, and the console."""

from typing import Any

from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from apps.access.api import TokenView
from apps.ledger.urls import api_urls as ledger_urls
from apps.parties.urls import api_urls as parties_urls
from apps.profiles.urls import api_urls as profiles_urls
from apps.transactions.urls import api_urls as transactions_urls
from dpms_site import errors, health, problems
from dpms_site.clock_api import ClockAdvanceView, ClockView

# The documentation is public: it shows shapes, no data.
_public: dict[str, Any] = {"authentication_classes": [], "permission_classes": []}

sandbox_urls = [
    path("sandbox/clock", ClockView.as_view()),
    path("sandbox/clock/advance", ClockAdvanceView.as_view()),
]

urlpatterns = [
    path("", RedirectView.as_view(url="/console/")),
    path("oauth/token", TokenView.as_view()),
    path(
        "api/v1/",
        include([*profiles_urls, *ledger_urls, *parties_urls, *transactions_urls, *sandbox_urls]),
    ),
    path("api/schema/", SpectacularAPIView.as_view(**_public), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema", **_public)),
    path("api/problems/", problems.problem_page),
    path("api/problems/<str:code>", problems.problem_page),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("console/", include("apps.console.urls")),
]

handler400 = errors.bad_request
handler404 = errors.not_found
handler500 = errors.server_error
