"""The ASGI side of the API: what the test client does not pass through."""

import asyncio
import json
from typing import Any

import pytest
from django.conf import settings

from dpms_site.asgi import application
from dpms_site.mongodb import close_async
from tests.support.site_client import SiteClient

JSON = (b"content-type", b"application/json")


def _exchange(
    chunks: list[bytes], *headers: tuple[bytes, bytes], path: str = "/api/v1/orders"
) -> tuple[int, dict[str, str], bytes, int]:
    """Status, headers, body, and how many chunks of the request were read."""
    return asyncio.run(_exchanged(chunks, headers, path))


async def _exchanged(
    chunks: list[bytes], headers: tuple[tuple[bytes, bytes], ...], path: str
) -> tuple[int, dict[str, str], bytes, int]:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost"), JSON, *headers],
        "server": ("localhost", 80),
    }
    waiting, sent = list(chunks), []

    async def receive() -> dict[str, Any]:
        if waiting:
            chunk = waiting.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}
        await asyncio.sleep(3600)
        raise AssertionError("nobody reads past the end")

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    try:
        await application(scope, receive, send)
    finally:
        await close_async()
    names = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], names, body, len(chunks) - len(waiting)


def test_serves_the_api(api: SiteClient) -> None:
    bearer = (b"authorization", f"Bearer {api.token()}".encode())

    status, headers, body, _ = _exchange([b"{}"], bearer)

    assert status == 400
    assert json.loads(body)["code"] == "idempotency_key_missing"
    assert headers["request-id"].startswith("req_")


@pytest.mark.parametrize("size", [settings.BODY_BYTES_MAX + 1, 10_000_000])
@pytest.mark.usefixtures("api")
def test_reads_a_body_that_is_too_large_to_its_end_and_refuses_it(size: int) -> None:
    chunks = [b"x" * 65_536] * (size // 65_536) + [b"x" * (size % 65_536)]

    status, headers, body, read = _exchange(chunks, (b"request-id", b"mine"))

    assert (status, json.loads(body)["code"]) == (413, "body_too_large")
    assert headers["request-id"] == "mine"
    assert headers["content-type"] == "application/problem+json"
    assert read == len(chunks)


def test_takes_a_body_of_just_the_limit(api: SiteClient) -> None:
    bearer = (b"authorization", f"Bearer {api.token()}".encode())

    text = b'{"memo":"' + b"m" * (settings.BODY_BYTES_MAX - 11) + b'"}'

    status, _, body, _ = _exchange([text], bearer, (b"idempotency-key", b"k1"))

    assert len(text) == settings.BODY_BYTES_MAX
    assert status == 400
    assert "field_too_long" in {error["code"] for error in json.loads(body)["errors"]}


def test_takes_a_body_in_chunks_of_unstated_length(api: SiteClient) -> None:
    bearer = (b"authorization", f"Bearer {api.token()}".encode())

    status, _, body, _ = _exchange(
        [b'{"surp', b"rise", b'":1}'], bearer, (b"idempotency-key", b"k1")
    )

    assert status == 400
    assert "/surprise" in {error["pointer"] for error in json.loads(body)["errors"]}
