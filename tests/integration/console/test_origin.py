"""The live socket and the page it is opened from …"""

import asyncio
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import Client

from dpms_site.asgi import application


def first_answer(browser: Client, origin: str) -> str:
    """What the site says to a socket that claims to come from a page of `origin`."""

    async def play() -> str:
        cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
        headers = [
            (b"host", b"localhost"),
            (b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode()),
            *([(b"origin", origin.encode())] if origin else []),
        ]
        scope = {
            "type": "websocket",
            "path": "/ws/console/",
            "query_string": b"",
            "headers": headers,
            "subprotocols": [],
        }
        socket: Any = ApplicationCommunicator(application, scope)
        await socket.send_input({"type": "websocket.connect"})
        answer = await socket.receive_output(10)
        await socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await socket.wait(10)
        return str(answer["type"])

    return asyncio.run(play())


@pytest.mark.parametrize("origin", ["http://localhost:8000", "http://127.0.0.1"])
@pytest.mark.usefixtures("bank")
def test_is_opened_from_its_own_site(origin: str, browser: Client) -> None:
    assert first_answer(browser, origin) == "websocket.accept"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost.evil.example", "null", ""]
)
@pytest.mark.usefixtures("bank")
def test_is_not_opened_from_elsewhere_even_with_a_session(origin: str, browser: Client) -> None:
    assert first_answer(browser, origin) == "websocket.close"
