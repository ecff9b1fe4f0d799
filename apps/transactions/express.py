"""The short way of accepting one order: what is plainly right is inserted without leaving the event loop.

Everything else goes the long way from its beginning, through Django and the REST framework: the short way gives up
before it has answered anything. Its one effect, the insert, is safe to repeat, because the order's id derives from the
client and its key; an insert whose outcome is unknown is found by the long way and answered as the replay that it is.
Both ways use the same checks; `tests/integration/api/test_express.py` holds their answers to each other.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any

import structlog
from django.conf import settings
from django.http.request import HttpHeaders, split_domain_port, validate_host
from pymongo.errors import PyMongoError
from rest_framework.exceptions import ValidationError

from apps.access import tokens
from apps.kernel.errors import DomainError
from apps.transactions import serializers
from apps.transactions.orders_out import order_json
from apps.transactions.submission import Requester
from apps.transactions.together import NotInserted, Plain, Together
from dpms_site.clock import platform_clock_async
from dpms_site.mongodb import Document
from dpms_site.request_ids import accepted_or_made
from dpms_site.rest.fields import checked
from dpms_site.rest.parsing import strict_object
from dpms_site.rest.views import json_bytes

log = structlog.get_logger("dpms.request")

PATH = "/api/v1/orders"
# A body that is larger than any order's is for the long way, which refuses it with care.
_BODY_BYTES_MAX = 16_384
# What the long way's middleware says of every answer of the API.
_HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"allow", b"GET, HEAD, POST"),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]


class NotPlain(Exception):
    """The request is not one for the short way; the long way says what is wrong with it, if anything is."""


class ExpressOrders:
    """An ASGI application before the site's own: takes `POST /api/v1/orders` if it can, and hands on all else."""

    def __init__(self, long_way: Application) -> None:
        self._long_way = long_way
        self._together = Together()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] != PATH or scope["method"] != "POST" or scope["scheme"] != "http":
            await self._long_way(scope, receive, send)
            return
        started = time.perf_counter()
        messages: list[Message] = []
        try:
            headers = _headers(scope)
            body = await _body(receive, messages)
            request_id = _request_id(headers)
            document = await self._accepted(headers, body, request_id)
        except (NotPlain, NotInserted, DomainError, ValidationError, PyMongoError):
            await self._long_way(scope, _again(messages, receive), send)
            return
        await _answer(send, document, request_id)
        log.info(
            "request",
            request_id=request_id,
            method="POST",
            path=PATH,
            status=201,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )

    async def _accepted(self, headers: Mapping[str, str], body: bytes, request_id: str) -> Document:
        """The order, inserted. Whatever it raises, no answer was given and the long way may begin."""
        caller = _caller(headers.get("authorization", ""))
        if "orders:write" not in caller.scopes:
            raise NotPlain
        key = serializers.idempotency_key(headers.get("idempotency-key"))
        order = checked(serializers.OrderIn, strict_object(body))
        submission = serializers.submission_of(order, key)
        requester = Requester(client=caller.client_id, request_id=request_id)
        plain = Plain(submission, requester, await platform_clock_async())
        return await self._together.insert(plain)


def _headers(scope: Mapping[str, Any]) -> dict[str, str]:
    """By name in lower case. Raises NotPlain for a query, a name that stands twice, another host or another type."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        headers[name.decode("latin1").lower()] = value.decode("latin1")
    if (
        scope["query_string"]
        or len(headers) != len(scope["headers"])
        or headers.get("content-type", "").lower() != "application/json"
        or not _is_own_host(headers.get("host", ""))
    ):
        raise NotPlain
    return headers


@lru_cache(maxsize=256)
def _is_own_host(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _request_id(headers: Mapping[str, str]) -> str:
    return accepted_or_made(HttpHeaders({"HTTP_REQUEST_ID": headers.get("request-id", "")}))


def _caller(authorization: str) -> tokens.Caller:
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer":
        raise NotPlain
    return tokens.decode(token.strip())


async def _body(receive: Receive, messages: list[Message]) -> bytes:
    """The whole body; what was read of it stands in `messages`, whatever happens. Raises NotPlain."""
    size = 0
    while True:
        message = await receive()
        messages.append(message)
        if message["type"] != "http.request":
            raise NotPlain
        size += len(message.get("body", b""))
        if size > _BODY_BYTES_MAX:
            raise NotPlain
        if not message.get("more_body", False):
            return b"".join(each.get("body", b"") for each in messages)


def _again(messages: list[Message], receive: Receive) -> Receive:
    """What was received before comes once more, and then what follows."""
    waiting = iter(messages)

    async def replayed() -> Message:
        for message in waiting:
            return message
        return await receive()

    return replayed


async def _answer(send: Send, document: Document, request_id: str) -> None:
    body = json_bytes(order_json(document))
    headers = [
        *_HEADERS,
        (b"location", f"{PATH}/{document['_id']}".encode()),
        (b"request-id", request_id.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": body})
