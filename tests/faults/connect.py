"""Kafka Connect's REST interface, as an operator uses it."""

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from tests.support.waiting import wait_until

CONNECTOR = "/connectors/dpms"


def ask_connect(url: str, method: str, path: str, body: Any = None) -> Any:
    """Raises AssertionError on an answer that is no success, and OSError."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        content = json.dumps(body) if body is not None else None
        connection.request(method, path, content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        raw = answer.read()
        assert answer.status < 300, (method, path, answer.status, raw)
        return json.loads(raw or b"null")
    finally:
        connection.close()


def stop_capture(url: str) -> None:
    ask_connect(url, "PUT", f"{CONNECTOR}/stop")
    wait_until(lambda: _state(url) == "STOPPED", 60, "capture has stopped")


def resume_capture(url: str) -> None:
    ask_connect(url, "PUT", f"{CONNECTOR}/resume")


def offsets(url: str) -> Any:
    """What capture would go on from; the same shape is taken by `move_to`."""
    return ask_connect(url, "GET", f"{CONNECTOR}/offsets")


def move_to(url: str, place: Any) -> None:
    """Only while it is stopped."""
    ask_connect(url, "PATCH", f"{CONNECTOR}/offsets", place)


def forget_place(url: str) -> None:
    ask_connect(url, "DELETE", f"{CONNECTOR}/offsets")


def _state(url: str) -> str:
    return str(ask_connect(url, "GET", f"{CONNECTOR}/status")["connector"]["state"])
