"""The teller of a socket …"""

import asyncio

import pytest

from apps.console import telling
from apps.console.filter import parsed
from apps.console.ring import Ring
from apps.console.subscription import Frame, Subscription
from apps.console.telling import Stalled, Teller
from tests.unit.console.test_subscription import a_ring, an_event, happen


def view(sid: str, q: str = "") -> Subscription:
    subscription = Subscription(sid=sid, asked=parsed(q))
    subscription.begin("feed_1", 0)
    subscription.counts_told = {}
    return subscription


class Line:
    """Takes every frame at once and keeps it."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.sent = asyncio.Event()

    async def send(self, frame: Frame) -> None:
        self.frames.append(frame)
        self.sent.set()
        await asyncio.sleep(0)

    async def has(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.frames) < count:
                self.sent.clear()
                await self.sent.wait()


@pytest.fixture(autouse=True)
def _no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is none to count in, and what was counted is no news."""
    monkeypatch.setattr("apps.console.selectors.counts_of", lambda _: {})


def test_tells_every_view_of_a_change_and_then_rests() -> None:
    async def play() -> list[Frame]:
        line, ring = Line(), a_ring(an_event(1))
        teller = Teller(ring, line.send)
        teller.add(view("a"))
        teller.add(view("b", "status:HELD"))
        task = asyncio.create_task(teller.tell())
        await line.has(1)
        happen(ring, an_event(2, version=2))
        ring._wake()
        await line.has(2)
        task.cancel()
        await asyncio.wait({task})
        return line.frames

    frames = asyncio.run(play())

    assert [(frame["sid"], frame["prev"], frame["seq"]) for frame in frames] == [
        ("a", 0, 1),
        ("a", 1, 2),
    ]


def test_does_not_tell_a_view_that_was_replaced_during_a_send() -> None:
    """Rows of the old filter, sent after the new snapshot, would stay."""

    async def play() -> list[Frame]:
        line = Line()

        async def send(frame: Frame) -> None:
            if frame["sid"] == "a":
                new = view("b", "status:HELD")
                new.begin("feed_1", 1)
                teller.remove("b")
                teller.add(new)
            await line.send(frame)

        teller = Teller(a_ring(an_event(1)), send)
        teller.add(view("a"))
        teller.add(view("b"))
        task = asyncio.create_task(teller.tell())
        await line.has(1)
        await asyncio.sleep(4 * telling.ROUND_SECONDS)
        task.cancel()
        await asyncio.wait({task})
        return line.frames

    assert [frame["sid"] for frame in asyncio.run(play())] == ["a"]


def test_gives_up_on_a_browser_that_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "STALLED_SECONDS", 0.1)

    async def never(_: Frame) -> None:
        await asyncio.sleep(60)

    async def play(ring: Ring) -> None:
        teller = Teller(ring, never)
        teller.add(view("a"))
        await teller.tell()

    with pytest.raises(Stalled):
        asyncio.run(play(a_ring(an_event(1))))
