"""Tells the web processes that the feed moved: often enough to be quick, seldom enough for the channel layer."""

import asyncio
import contextlib
import threading
from types import TracebackType
from typing import Any

import structlog

from apps.kernel.failpoint import failpoint

log = structlog.get_logger(__name__)

GROUP = "feed"
# A burst of changes is one notice: readers fetch everything up to the newest number anyway.
GAP_SECONDS = 0.05
# Said without news too: readers that hear nothing for longer know that the layer, or the bridge, is down.
BEAT_SECONDS = 1.0
SEND_TIMEOUT_SECONDS = 1.0


class Notifier:
    """Sends the newest number from a thread of its own: a channel layer that is down never holds up the numbering."""

    def __init__(self, layer: Any) -> None:
        self._layer = layer
        self._seq = 0
        self._loop = asyncio.new_event_loop()
        self._moved = asyncio.Event()
        self._stopping = False
        self._heard = True
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)

    def __enter__(self) -> "Notifier":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping = True
        self._loop.call_soon_threadsafe(self._moved.set)
        self._thread.join(timeout=2 * SEND_TIMEOUT_SECONDS)

    def moved_to(self, seq: int) -> None:
        self._seq = seq
        self._loop.call_soon_threadsafe(self._moved.set)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._tell())
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _tell(self) -> None:
        while not self._stopping:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await self._moved.wait()
            self._moved.clear()
            await self._send()
            await asyncio.sleep(GAP_SECONDS)

    async def _send(self) -> None:
        notice = {"type": "feed.moved", "seq": self._seq}
        try:
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                failpoint("notices.before_send")
                await self._layer.group_send(GROUP, notice)
                failpoint("notices.after_send")
        except Exception as error:
            # Each layer raises its own; readers fall back to polling meanwhile.
            if self._heard:
                log.warning("channel_layer_unreachable", error=repr(error))
            self._heard = False
        else:
            if not self._heard:
                log.info("channel_layer_reachable")
            self._heard = True
