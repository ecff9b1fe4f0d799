"""The live socket, as to whether it may be believed and when it ends …"""

import asyncio

import pytest
from django.test import Client
from pymongo.errors import ServerSelectionTimeoutError

from apps.console import live, ring, staff
from apps.console.subscription import Subscription
from tests.integration.console.bank import Bank
from tests.integration.console.builders import an_order, seconds_ago
from tests.integration.console.sockets import Socket, Tab, announce, in_tab


@pytest.mark.parametrize("text", ["no json", "[1]", '{"type": "drop"}', "{}", "x" * 5000])
@pytest.mark.usefixtures("bank")
def test_ends_when_it_is_spoken_to_in_another_language(text: str, browser: Client) -> None:
    async def script(tab: Tab) -> None:
        await tab.socket.send(text)
        bye = await tab.next_of("bye")
        code = await tab.socket.close_code()

        assert bye["code"] == code == live.PROTOCOL_ERROR

    in_tab(browser, script)


def test_says_live_only_while_notices_arrive(
    browser: Client, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.2)
    monkeypatch.setattr("apps.console.freshness.CHECK_SECONDS", 0.1)
    monkeypatch.setattr("apps.console.freshness.SILENCE_SECONDS", 0.5)
    bank.happen(an_order())

    async def script(tab: Tab) -> None:
        await tab.subscribe()
        await announce(1)
        assert (await tab.next_of("beat"))["mode"] == "live"
        assert await mode_becomes(tab, "slow")
        bank.lease.release()
        assert await mode_becomes(tab, "stale")

    in_tab(browser, script)


def test_says_stale_when_an_order_is_missing_in_the_feed(
    browser: Client, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.2)
    monkeypatch.setattr("apps.console.freshness.CHECK_SECONDS", 0.1)
    unseen = an_order(now=seconds_ago(5))
    bank.write(unseen)

    async def script(tab: Tab) -> None:
        assert await mode_becomes(tab, "stale")
        bank.number(unseen)
        assert await mode_becomes(tab, "slow", "live")

    in_tab(browser, script)


@pytest.mark.usefixtures("bank")
def test_ends_within_a_beat_of_the_logout(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.2)
    monkeypatch.setattr(live, "RIGHTS_SECONDS", 0.2)

    async def script(tab: Tab) -> None:
        await tab.next_of("beat")
        await asyncio.to_thread(browser.post, "/console/logout/")
        bye = await tab.next_of("bye")
        code = await tab.socket.close_code()

        assert bye["code"] == code == live.SIGNED_OUT

    in_tab(browser, script)


async def mode_becomes(tab: Tab, *modes: str) -> bool:
    """True once a beat says so; the deadline is that of the frames."""
    for _ in range(50):
        if (await tab.next_of("beat"))["mode"] in modes:
            return True
    return False


def test_ends_when_it_can_no_longer_tell_what_happens(
    browser: Client, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket whose work has failed must not go on beating, or it would pass for live."""

    def failing(*_: object, **__: object) -> None:
        raise KeyError("a defect")

    async def script(tab: Tab) -> None:
        await tab.subscribe()
        monkeypatch.setattr(Subscription, "next_frame", failing)
        bank.happen(an_order())
        bye = await tab.next_of("bye")
        code = await tab.socket.close_code()

        assert bye["code"] == code == live.FAILED
        assert await tab.socket.is_silent()

    in_tab(browser, script)


def test_goes_on_when_the_session_cannot_be_asked_for(
    browser: Client, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.2)
    monkeypatch.setattr(live, "RIGHTS_SECONDS", 0.1)

    async def away(_: object) -> None:
        raise ServerSelectionTimeoutError("no primary")

    async def script(tab: Tab) -> None:
        await tab.subscribe()
        monkeypatch.setattr(staff, "signed_in", away)
        await tab.next_of("beat")
        bank.happen(an_order())

        assert (await tab.delta())["seq"] == 1

    in_tab(browser, script)


def test_lets_go_of_the_ring_when_the_browser_leaves_during_an_answer(
    browser: Client, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank.happen(an_order())

    async def gone(*_: object) -> None:
        raise ConnectionResetError

    async def play() -> None:
        socket = Socket(browser)
        await socket.open()
        monkeypatch.setattr(live.LiveSocket, "send_json", gone)
        await socket.send('{"type": "sub", "sid": "feed", "topic": "feed"}')
        await socket.ended()

        assert ring.ring()._users == 0
        assert all(task.done() for task in ring.ring()._tasks)

    asyncio.run(play())
