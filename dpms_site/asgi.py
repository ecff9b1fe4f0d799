"""The site as an ASGI application: HTTP through Django in one thread hop, websockets of the console through Channels."""

import os
import tempfile
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import HttpHeaders

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dpms_site.settings")
django.setup()

# Only after setup: these import models.
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import OriginValidator  # noqa: E402

from apps.console.routing import websocket_urlpatterns  # noqa: E402
from dpms_site.errors import described, problem  # noqa: E402
from dpms_site.request_ids import accepted_or_made  # noqa: E402

# Each thread serves one request. While the database is away each waits up to 4 s for it, hence more than processors.
_THREADS = 24
# A body beyond the limit is read and dropped up to here, so that the caller gets its 413 and not a reset.
_DRAIN_BYTES_MAX = 64 * settings.BODY_BYTES_MAX

Receive = Callable[[], Awaitable[dict[str, Any]]]


class OneHopHandler(ASGIHandler):
    """Runs all middleware and the view in one thread: Django's own handler changes threads at every middleware."""

    def __init__(self) -> None:
        super().__init__()
        self._pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="request")

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        respond = sync_to_async(
            lambda: BaseHandler.get_response(self, request),
            thread_sensitive=False,
            executor=self._pool,
        )
        response: HttpResponseBase = await respond()
        return response

    async def read_body(self, receive: Receive) -> Any:
        """The body, but not more than one byte over the limit of it; the rest is read and dropped."""
        body = tempfile.SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE)
        kept = seen = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                body.close()
                raise RequestAborted
            chunk = message.get("body", b"")
            seen += len(chunk)
            chunk = chunk[: max(0, settings.BODY_BYTES_MAX + 1 - kept)]
            kept += body.write(chunk)
            if not message.get("more_body", False) or seen > _DRAIN_BYTES_MAX:
                body.seek(0)
                return body

    def create_request(
        self, scope: dict[str, Any], body_file: Any
    ) -> tuple[HttpRequest | None, HttpResponse | None]:
        size = body_file.seek(0, os.SEEK_END)
        body_file.seek(0)
        if size > settings.BODY_BYTES_MAX:
            return None, _too_large(scope)
        return super().create_request(scope, body_file)


def _too_large(scope: dict[str, Any]) -> HttpResponse:
    names = {name.decode("latin1"): value.decode("latin1") for name, value in scope["headers"]}
    headers = HttpHeaders({f"HTTP_{name.upper().replace('-', '_')}": v for name, v in names.items()})
    return problem(
        path=scope["path"],
        request_id=accepted_or_made(headers),
        code="body_too_large",
        detail="Send at most 1 MB.",
    )


def _socket_origins() -> list[str]:
    """Where sockets may be opened from: the site's own hosts, whatever the scheme and port."""
    return [*settings.ALLOWED_HOSTS, *settings.CSRF_TRUSTED_ORIGINS]


application = ProtocolTypeRouter(
    {
        "http": OneHopHandler(),
        "websocket": OriginValidator(
            AuthMiddlewareStack(URLRouter(websocket_urlpatterns)), _socket_origins()
        ),
    }
)
