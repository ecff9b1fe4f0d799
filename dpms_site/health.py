"""Is the process alive, and can it do its work: MongoDB decides; every other part is named, also when it is away."""

import socket
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as CheckTimeout
from typing import Any
from urllib.parse import urlsplit

import pymongo
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dpms_site import mongodb
from dpms_site.rest.views import answer

_SECONDS = 1.0
Check = Callable[[], None]

# Its own threads: a part that hangs holds a check, never a request.
_pool = ThreadPoolExecutor(max_workers=10, thread_name_prefix="health")


@require_safe
def live(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return answer({"status": "live"})


@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """200 while the database takes writes; `degraded` when something that makes orders final is away."""
    started = time.monotonic()
    running = {name: _pool.submit(_timed, check) for name, check in _checks().items()}
    deadline = started + 2 * _SECONDS
    parts = {}
    for name, future in running.items():
        try:
            parts[name] = future.result(timeout=max(0.0, deadline - time.monotonic()))
        except CheckTimeout:
            future.cancel()
            parts[name] = {"state": "down", "detail": "no answer in time"}
    is_able = parts["mongodb"]["state"] == "up"
    all_up = all(part["state"] == "up" for part in parts.values())
    body = {
        "status": "ready" if all_up else "degraded" if is_able else "down",
        "services": sorted(settings.SERVICES),
        "accepts_orders": is_able and "transactions" in settings.SERVICES,
        "dependencies": parts,
    }
    return answer(body, status=200 if is_able else 503)


def _timed(check: Check) -> dict[str, Any]:
    started = time.monotonic()
    try:
        check()
    except (OSError, ValueError, pymongo.errors.PyMongoError) as error:
        # The kind only: messages name hosts and ports, and this address is open to anybody.
        return {"state": "down", "detail": type(error).__name__}
    return {"state": "up", "milliseconds": round((time.monotonic() - started) * 1000, 1)}


def _checks() -> dict[str, Check]:
    config = settings.CONFIG
    return {
        "mongodb": _mongodb,
        "kafka": lambda: _connects(config.kafka_bootstrap.split(",")[0]),
        "connect": lambda: _answers(config.connect_url, "/"),
        "flink": lambda: _answers(config.flink_url, "/overview"),
        "valkey": lambda: _valkey(config.valkey_url),
    }


def _mongodb() -> None:
    with pymongo.timeout(_SECONDS):
        hello = mongodb.client().admin.command("hello")
    if not hello.get("isWritablePrimary"):
        raise ValueError("no primary takes writes")


def _connects(address: str) -> None:
    host, _, port = address.rpartition(":")
    if not host:
        raise ValueError("no address is set")
    with socket.create_connection((host, int(port)), timeout=_SECONDS):
        return


def _answers(url: str, path: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise ValueError("no address is set")
    with urllib.request.urlopen(url.rstrip("/") + path, timeout=_SECONDS) as response:  # noqa: S310
        response.read(1)


def _valkey(url: str) -> None:
    address = urlsplit(url)
    if not address.hostname:
        raise ValueError("no address is set")
    with socket.create_connection((address.hostname, address.port or 6379), _SECONDS) as wire:
        wire.sendall(b"PING\r\n")
        # A server that wants a password answers too, with an error: it is up.
        if not wire.recv(64):
            raise ValueError("it closed the connection")
