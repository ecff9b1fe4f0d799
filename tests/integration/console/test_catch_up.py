"""A browser that was away …"""

import asyncio
import itertools
import sys
import time
from collections.abc import Callable

import pytest
from django.test import Client

from apps.access.roles import Sight
from apps.console import selectors
from apps.console.filter import EVERYTHING, parsed
from apps.console.rows import ShownRow
from apps.console.subscription import ROWS_MAX
from apps.transactions.domain.order import Order
from streaming.contracts.codec import storable
from tests.integration.console.bank import Bank
from tests.integration.console.builders import an_order, moved, seconds_ago
from tests.integration.console.sockets import Tab, in_tab, opened


def lives(count: int) -> list[list[Order]]:
    """So many orders, each at four moments of its life."""
    now = seconds_ago(60)
    found = []
    for number in range(count):
        way = ("VALIDATED", "FUNDED", "COMPLETED" if number % 3 else "AWAITING_CLAIM")
        life = [an_order(now=now, amount_minor=number + 1)]
        for status in way:
            life.append(moved(life[-1], status))
        found.append(life)
    return found


def happen(bank: Bank, many: list[list[Order]]) -> None:
    """All of it, interleaved as orders are that live at the same time."""
    bank.orders.insert_many([storable(life[-1]) for life in many])
    moments = list(itertools.chain.from_iterable(zip(*many, strict=True)))
    for start in range(0, len(moments), 500):
        bank.number(*moments[start : start + 500])


async def listed(q: str = "") -> list[ShownRow]:
    asked = parsed(q) if q else EVERYTHING
    return await asyncio.to_thread(
        selectors.newest_rows, sight=Sight.MASKED, asked=asked, limit=20_000
    )


@pytest.mark.parametrize("q", ["", "is:open", "status:COMPLETED amount>=5"])
def test_catches_up_with_10_000_events_within_two_seconds(
    q: str, browser: Client, bank: Bank, record_property: Callable[[str, object], None]
) -> None:
    """The quickest of a few times counts: other tests may have the processor. The view is right every time."""
    happen(bank, lives(30))

    async def come_back(gone: Tab) -> float:
        async with opened(browser) as later:
            later.rows, later.gone = dict(gone.rows), dict(gone.gone)
            later.told, later.epoch = dict(gone.told), gone.epoch
            started = time.monotonic()
            after = {"epoch": gone.epoch, "seq": gone.told["feed"]}
            gap = await later.subscribe(q=q, limit=ROWS_MAX, after=after)
            pages = await later.refilled(browser, gap, q)
            seconds = time.monotonic() - started

            assert gap["type"] == "gap"
            assert (later.told["feed"], pages) == (10_120, 2)
            assert later.newest_first() == await listed(q)
            return seconds

    async def play() -> float:
        async with opened(browser) as gone:
            await gone.subscribe(q=q, limit=ROWS_MAX)
        await asyncio.to_thread(happen, bank, lives(2_500))
        seconds = await come_back(gone)
        for _ in range(4):
            if seconds < 2:
                break
            seconds = min(seconds, await come_back(gone))
        return seconds

    seconds = asyncio.run(play())

    sys.stdout.write(f"caught up with 10,000 events in {seconds:.2f} s, filter {q!r}\n")
    record_property("catch_up_seconds", seconds)
    assert seconds < 2


def test_gets_what_the_ring_still_has_as_one_delta(browser: Client, bank: Bank) -> None:
    happen(bank, lives(10))

    async def script(tab: Tab) -> None:
        await tab.subscribe()
        async with opened(browser) as other:
            await other.subscribe()
            await tab.send(type="unsub", sid="feed")
            await asyncio.to_thread(happen, bank, lives(100))
            await other.told_up_to(440)
            delta = await tab.subscribe(after={"epoch": tab.epoch, "seq": 40})

        assert (delta["type"], delta["prev"], delta["seq"]) == ("delta", 40, 440)
        assert tab.newest_first() == await listed()

    in_tab(browser, script)


def test_is_sent_to_the_pages_when_more_came_than_a_table_shows(
    browser: Client, bank: Bank
) -> None:
    """While it watches: the flood itself is not told row by row, and ends in an equal view."""

    async def script(tab: Tab) -> None:
        await tab.subscribe()
        await asyncio.to_thread(happen, bank, lives(600))
        while tab.told["feed"] < bank.feed.head:
            frame = await tab.next_of("delta", "gap", "waiting")
            if frame["type"] == "gap":
                await tab.refilled(browser, frame)
            elif frame["type"] == "delta" and frame["prev"] <= tab.told["feed"]:
                tab.apply(frame["upserts"], frame["removes"])
                tab.told["feed"] = max(tab.told["feed"], frame["seq"])

        assert tab.newest_first() == await listed()

    in_tab(browser, script)


def test_is_not_given_an_old_version_that_came_late(browser: Client, bank: Bank) -> None:
    first, *_, last = lives(1)[0]
    bank.write(last)
    bank.number(last)
    bank.number(first)

    pages = [
        browser.get(f"/console/feed?after={bank.feed.epoch}.{seq}").json() for seq in (0, 1, 2)
    ]

    assert [[row["version"] for row in page["events"]] for page in pages] == [[4], [], []]
    assert [page["seq"] for page in pages] == [2, 2, 2]


def test_of_an_epoch_that_is_over_begins_anew(browser: Client, bank: Bank) -> None:
    happen(bank, lives(5))

    answer = browser.get("/console/feed?after=feed_00000000000000000000000000.3")

    assert (answer.status_code, answer.json()["code"]) == (410, "feed_position_gone")


@pytest.mark.parametrize("query", ["after=3", "q=colour:red", "limit=x", "limit=5001", "more=1"])
def test_is_told_what_is_wrong_with_its_question(query: str, browser: Client, bank: Bank) -> None:
    happen(bank, lives(1))

    answer = browser.get(f"/console/feed?{query}")

    assert answer.status_code == 400
    assert "events" not in answer.json()
