"""Around every request: its id in answer and log lines, and one log line when it is done."""

import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponseBase

from dpms_site.request_ids import request_id_of

log = structlog.get_logger("dpms.request")


class RequestLine:
    """Outermost, so that the id and the log line also cover what other middleware answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        request_id = request_id_of(request)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self._get_response(request)
        response["Request-Id"] = request_id
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )
        return response
