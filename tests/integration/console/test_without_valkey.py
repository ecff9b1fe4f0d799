"""The live socket over a real Valkey that goes away …"""

import asyncio
import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.test import Client

from apps.console import live
from apps.console.notices import Notifier
from devstack import valkey
from tests.integration.console.bank import Bank
from tests.integration.console.builders import an_order
from tests.integration.console.sockets import Tab, in_tab
from tests.support.mongod import free_port
from tests.support.waiting import wait_until


@pytest.fixture
def server(tmp_path: Path, settings: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A Valkey that is the site's channel layer."""
    port = free_port()
    command = [str(valkey._program()), "--port", str(port), "--bind", "127.0.0.1"]
    process = subprocess.Popen(
        [*command, "--dir", str(tmp_path), "--save", ""], stdout=subprocess.DEVNULL
    )
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [valkey.url(port)]},
        }
    }
    try:
        wait_until(lambda: answers(port), 10, "valkey answers")
        yield process
    finally:
        process.kill()
        process.wait(10)


def answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        return valkey._answers(port)
    return False


def test_goes_slow_within_five_seconds_and_still_tells_changes_within_one(
    browser: Client,
    bank: Bank,
    server: subprocess.Popen[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.2)

    async def becomes(tab: Tab, mode: str) -> float:
        started = time.monotonic()
        while (await tab.next_of("beat"))["mode"] != mode:
            bank.lease.hold()
        return time.monotonic() - started

    async def script(tab: Tab) -> None:
        with Notifier(get_channel_layer()) as notifier:
            await tab.subscribe()
            bank.happen(an_order())
            notifier.moved_to(1)
            assert (await tab.delta(seconds=0.9))["seq"] == 1
            await becomes(tab, "live")

            server.kill()
            await asyncio.to_thread(server.wait)

            assert await becomes(tab, "slow") < 5
            bank.happen(an_order())
            assert (await tab.delta(seconds=1.5))["seq"] == 2

    in_tab(browser, script)
