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
