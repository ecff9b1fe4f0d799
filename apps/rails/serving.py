"""A small HTTP server for machines: whole requests in, whole answers out; handlers are plain functions in threads."""

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import uvicorn

# More than any message; what is larger is not even read.
BODY_BYTES_MAX = 4 * 1024 * 1024

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    """`path` in parts, each decoded: ("aliases", "email:ann@example.com")."""

    method: str
    path: tuple[str, ...]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises ValueError."""
        found = json.loads(self.body or b"{}")
        if not isinstance(found, dict):
            raise ValueError("Write a JSON object.")
        return found


@dataclass(frozen=True)
class Response:
    status: int
    content: dict[str, Any] = field(default_factory=dict)


Handler = Callable[[Request], Response]


def problem(status: int, code: str, detail: str) -> Response:
    """A refusal as RFC 9457 has it, cut to what machines need."""
    return Response(status, {"status": status, "code": code, "detail": detail})


def application(handle: Handler) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The ASGI application of one handler."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _body(receive)
        if body is None:
            response = problem(413, "too_large", f"Send at most {BODY_BYTES_MAX} bytes.")
        else:
            parts = scope["raw_path"].decode("ascii", "replace").strip("/").split("/")
            path = tuple(unquote(part) for part in parts if part)
            response = await asyncio.to_thread(handle, Request(scope["method"], path, body))
        await _answer(send, response)

    return serve


async def _body(receive: Receive) -> bytes | None:
    """None for a body that is too large; the rest of it is not read."""
    body = bytearray()
    while True:
        event = await receive()
        body += event.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            return None
        if not event.get("more_body"):
            return bytes(body)


async def _answer(send: Send, response: Response) -> None:
    body = json.dumps(response.content).encode()
    is_problem = response.status >= 400
    kind = b"application/problem+json" if is_problem else b"application/json"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def serve_at(url: str, handle: Handler) -> None:
    """Serves until SIGTERM or SIGINT and returns then; needs the main thread."""
    address = urlsplit(url)
    # uvicorn raises the signal again when it has ended, which would cut off what the caller still has to do.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    uvicorn.run(
        application(handle),
        host=address.hostname,
        port=address.port,
        lifespan="off",
        access_log=False,
        proxy_headers=False,
        log_level="warning",
        timeout_graceful_shutdown=3,
    )
