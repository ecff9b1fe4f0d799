"""What every console page says about itself to the browser: nothing inline runs, nothing leaves the host."""

from collections.abc import Callable

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from pymongo.errors import PyMongoError

from dpms_site.request_ids import request_id_of

log = structlog.get_logger(__name__)

PREFIX = "/console"
RETRY_SECONDS = "2"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        # The icon of the page is a data: address, so that it needs no file and no request.
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class ConsoleHeaders:
    """Sets the policy on every answer below /console, errors too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if request.path.startswith(PREFIX):
            response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
            response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A page for the time in which the database is away; without the request, whose session lies there too."""
        if not request.path.startswith(PREFIX) or not isinstance(
            error, PyMongoError | DatabaseError
        ):
            return None
        log.warning("database_error", error=repr(error)[:500])
        context = {"request_id": request_id_of(request), "path": request.get_full_path()}
        page = render_to_string("503.html", context)
        return HttpResponse(page, status=503, headers={"Retry-After": RETRY_SECONDS})
