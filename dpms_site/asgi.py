"""The site as an ASGI application: HTTP through Django in one thread hop, websockets through Channels."""

import asyncio
import contextlib
import contextvars
import io
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any, cast

import django
import pymongo
import pymongo.errors
from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.http import HttpResponse, HttpResponseBase
from django.http.request import HttpHeaders
from django.urls import re_path, set_script_prefix

from dpms_site.optional import left_out

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dpms_site.settings")
with left_out("rich", "requests"):
    django.setup()
    # Here, not with the first request: until it is loaded nobody is answered anyway.
    import_module(settings.ROOT_URLCONF)

# Only after setup: these import models.
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator

from apps.console.routing import websocket_urlpatterns
from apps.transactions.express import ExpressOrders
from dpms_site.errors import problem
from dpms_site.request_ids import accepted_or_made
from dpms_site.rest.waiting import Wait, wait_of

# What a request may wait for the database in all; longer than a mongod takes to be writable again after kill -9
# (3.5 s measured), shorter than callers wait.
_DATABASE_SECONDS = 5
# Each thread serves one request. While the database is away each waits for it, hence more than processors.
_THREADS = 24
# How often a request that waits for something looks for it.
_LOOK_SECONDS = 0.3
# A body beyond the limit is read and dropped up to here, so that the caller gets its 413 and not a reset.
_DRAIN_BYTES_MAX = 64 * settings.BODY_BYTES_MAX

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class OneHopHandler(ASGIHandler):
    """Serves a request in one thread of a pool, from the first middleware to the last.

    Django's own handler starts a thread for every request and changes threads at every middleware: half of what
    accepting an order costs.
    """

    def __init__(self) -> None:
        super().__init__()
        self._pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="request")

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        run = asyncio.get_running_loop().run_in_executor
        response: Any = await run(self._pool, self._respond, scope, body)
        if (wait := wait_of(response)) and await self._is_over(wait, receive):
            # Once: the caller asks again anyway.
            await run(self._pool, response.close)
            response = await run(self._pool, self._respond, scope, io.BytesIO())
        if response.streaming and not response.is_async:
            content = iter(response.streaming_content)
            response.streaming_content = self._read_in_pool(content)
        try:
            await self.send_response(response, send)
        finally:
            await run(self._pool, response.close)

    async def _is_over(self, wait: Wait, receive: Receive) -> bool:
        """True when what is waited for came in time; False at once when the caller leaves."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait.seconds
        left = asyncio.ensure_future(receive())
        try:
            while not left.done() and loop.time() < until:
                with contextlib.suppress(pymongo.errors.PyMongoError):
                    if await loop.run_in_executor(self._pool, wait.is_over):
                        return True
                await asyncio.wait({left}, timeout=min(_LOOK_SECONDS, until - loop.time()))
        finally:
            left.cancel()
        return False

    async def _read_in_pool(self, content: Iterator[bytes]) -> AsyncIterator[bytes]:
        """A file piece by piece, so that neither the event loop nor memory takes all of it."""
        run = asyncio.get_running_loop().run_in_executor
        while chunk := await run(self._pool, next, content, b""):
            yield chunk

    def _respond(self, scope: Mapping[str, Any], body: io.BytesIO) -> HttpResponseBase:
        # Each request gets a context of its own, as it would in a task: log fields do not stay in the thread.
        return contextvars.Context().run(self._response, scope, body)

    def _response(self, scope: Mapping[str, Any], body: io.BytesIO) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        made = self.create_request(scope, body)
        with pymongo.timeout(_DATABASE_SECONDS):
            response: Any = self.get_response(made[0]) if made[0] is not None else made[1]
        response._handler_class = self.__class__
        return cast("HttpResponseBase", response)

    async def read_body(self, receive: Receive) -> io.BytesIO:
        """The body, but not more than one byte over the limit of it; the rest is read and dropped."""
        body = io.BytesIO()
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
        self, scope: Mapping[str, Any], body_file: Any
    ) -> tuple[ASGIRequest, None] | tuple[None, HttpResponseBase]:
        size = body_file.seek(0, os.SEEK_END)
        body_file.seek(0)
        if size > settings.BODY_BYTES_MAX:
            return None, _too_large(scope)
        made = super().create_request(scope, body_file)
        if made[0] is not None:
            # A body sent in chunks states no length, and the REST framework takes that for no body.
            made[0].META["CONTENT_LENGTH"] = str(size)
        return made


def _too_large(scope: Mapping[str, Any]) -> HttpResponse:
    names = {name.decode("latin1"): value.decode("latin1") for name, value in scope["headers"]}
    headers = HttpHeaders(
        {f"HTTP_{name.upper().replace('-', '_')}": v for name, v in names.items()}
    )
    return problem(
        path=scope["path"],
        request_id=accepted_or_made(headers),
        code="body_too_large",
        detail="Send at most 1 MB.",
    )


def _socket_origins() -> list[str]:
    """Where sockets may be opened from: the site's own hosts, whatever the scheme and port."""
    return [*settings.ALLOWED_HOSTS, *settings.CSRF_TRUSTED_ORIGINS]


async def _no_socket(_scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """Refuses to open a socket where there is none; the server answers 403."""
    await receive()
    await send({"type": "websocket.close"})


def _application(services: Set[str]) -> Any:
    """What these domains answer: orders have a short way besides the site's own, the console has sockets."""
    http: Any = OneHopHandler()
    sockets: Any = _no_socket
    if "transactions" in services:
        http = ExpressOrders(http)
    if "console" in services:
        addresses = [*websocket_urlpatterns, re_path("", cast("Any", _no_socket))]
        sockets = OriginValidator(AuthMiddlewareStack(URLRouter(addresses)), _socket_origins())
    return ProtocolTypeRouter({"http": http, "websocket": sockets})


application = _application(settings.SERVICES)
