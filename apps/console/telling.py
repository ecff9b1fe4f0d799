"""Tells the subscriptions of one socket what the ring has for them, each at its own pace."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from apps.console.cancellation import goes_on
from apps.console.ring import Ring
from apps.console.subscription import Frame, Subscription

log = structlog.get_logger(__name__)

# A browser that takes no frame, or acknowledges none, for so long is let go; it resumes from its number later.
STALLED_SECONDS = 10.0
# The pause between two looks at the ring: the first change after quiet does not wait for it.
ROUND_SECONDS = 0.05


class Stalled(Exception):
    """The browser does not take, or not acknowledge, what it is sent."""


class Teller:
    """Reads the ring at its socket's own pace, so a slow browser costs nobody memory."""

    def __init__(self, ring: Ring, send: Callable[[Frame], Awaitable[None]]) -> None:
        self.subscriptions: dict[str, Subscription] = {}
        self._ring = ring
        self._send = send
        self._changed = asyncio.Event()
        self._counting: dict[str, asyncio.Task[None]] = {}

    def add(self, subscription: Subscription) -> None:
        self.subscriptions[subscription.sid] = subscription
        self._changed.set()

    def remove(self, sid: str) -> None:
        self.subscriptions.pop(sid, None)

    def wake(self) -> None:
        """Something about a subscription changed."""
        self._changed.set()

    def end(self) -> None:
        for task in self._counting.values():
            task.cancel()

    async def tell(self) -> None:
        """Until it is cancelled. Raises Stalled."""
        while goes_on():
            self._changed.clear()
            for subscription in list(self.subscriptions.values()):
                # During the send before, the browser may have asked for another view under this name.
                if self.subscriptions.get(subscription.sid) is subscription:
                    await self._tell_one(subscription)
            await self._wait()
            await asyncio.sleep(ROUND_SECONDS)

    async def _tell_one(self, subscription: Subscription) -> None:
        now = time.monotonic()
        subscription.take(self._ring, now=now)
        if subscription.stalled_for(now=now) > STALLED_SECONDS:
            raise Stalled("This connection does not acknowledge its frames.")
        frame = subscription.next_frame(now=now)
        if frame is not None:
            if frame["type"] == "reset":
                self.remove(subscription.sid)
            await self._send_in_time(frame)
            done = time.monotonic()
            subscription.sent_in(done - now, now=done)
        self._count_when_stale(subscription)

    async def _send_in_time(self, frame: Frame) -> None:
        try:
            async with asyncio.timeout(STALLED_SECONDS):
                await self._send(frame)
        except TimeoutError:
            raise Stalled("This connection did not take its frames.") from None

    async def _wait(self) -> None:
        """Until a frame is due, the ring has more, or a subscription changed; nothing else costs a round."""
        dues = [each.due_at() for each in self.subscriptions.values()]
        next_at = min((due for due in dues if due is not None), default=None)
        wait = None if next_at is None else max(0.0, next_at - time.monotonic())
        waiting: set[asyncio.Future[Any]] = {asyncio.ensure_future(self._changed.wait())}
        quiet = [
            each for each, due in zip(self.subscriptions.values(), dues, strict=True) if due is None
        ]
        if quiet:
            behind = min(quiet, key=lambda each: each.seen)
            waiting.add(asyncio.ensure_future(self._ring.wait_beyond(behind.seen, behind.epoch)))
        try:
            await asyncio.wait(waiting, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for future in waiting:
                future.cancel()

    def _count_when_stale(self, subscription: Subscription) -> None:
        sid, stale_at = subscription.sid, subscription.counts_stale_at
        if stale_at is None or subscription.is_paused or sid in self._counting:
            return
        task = asyncio.create_task(self._count(subscription, stale_at))
        self._counting[sid] = task
        task.add_done_callback(lambda _: self._counting.pop(sid, None))

    async def _count(self, subscription: Subscription, stale_at: float) -> None:
        subscription.counts_stale_at = None
        counts = await self._ring.counts.since(subscription.counted, stale_at)
        if counts is not None:
            subscription.counted_anew(counts)
        self._changed.set()
