"""The ring …"""

import asyncio

import pytest

from apps.console.ring import Ring, ring


@pytest.mark.usefixtures("database")
def test_ends_with_its_last_watcher_even_while_a_notice_comes() -> None:
    """A cancellation that meets a notice must not get lost: the next watcher would wait for ever."""

    async def play() -> None:
        for _ in range(5):
            async with asyncio.timeout(5), ring().watched() as watched:
                await asyncio.sleep(0.02)
                watched._heard()
            assert all(task.done() for task in watched._tasks)

    asyncio.run(play())


@pytest.mark.usefixtures("database")
def test_is_one_for_all_who_watch() -> None:
    async def play() -> Ring:
        async with ring().watched() as first, ring().watched() as second:
            tasks = list(first._tasks)
            assert first is second
        assert first._tasks == tasks
        return first

    ended = asyncio.run(play())

    assert all(task.done() for task in ended._tasks)


def test_keeps_no_more_than_its_share_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.console.ring.KEPT_EVENTS", 3)
    full = Ring()

    full._take([{"_id": n, "epoch": "feed_1", "row": {"id": "ord_1"}} for n in range(1, 6)])

    assert [event.seq for event in full.since(2) or ()] == [3, 4, 5]
    assert full.since(1) is None


def test_forgets_what_is_older_than_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.console.ring.KEPT_SECONDS", -1)
    full = Ring()

    full._take([{"_id": 1, "epoch": "feed_1", "row": {"id": "ord_1"}}])

    assert full.since(0) is None
    assert (full.since(1), full.head) == ([], 1)
