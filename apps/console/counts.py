"""Orders by status, counted for all sockets of the process together: one filter is counted at most once a second."""

import asyncio
import json
import time
from dataclasses import dataclass, field

import structlog
from pymongo.errors import PyMongoError

from apps.console import selectors
from apps.console.filter import Filter

log = structlog.get_logger(__name__)

EVERY_SECONDS = 1.0
# A count that takes long is made seldom: at most a tenth of the time goes into it.
COST_FACTOR = 10.0
# Filters whose counts are remembered.
KEPT_MAX = 200


@dataclass
class _Entry:
    counts: dict[str, int] | None = None
    began_at: float = float("-inf")
    next_at: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Counts:
    """The counts of each filter that somebody watches."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}

    async def recent(self, asked: Filter) -> tuple[dict[str, int] | None, float]:
        """What is known already, however old, else counted now; and when, by the monotonic clock."""
        entry = self._entry(asked)
        if entry.counts is None:
            await self.since(asked, time.monotonic())
        return entry.counts, entry.began_at

    async def since(self, asked: Filter, instant: float) -> dict[str, int] | None:
        """Counted no earlier than `instant` of the monotonic clock; None when the database could not say."""
        entry = self._entry(asked)
        async with entry.lock:
            if entry.began_at < instant:
                await asyncio.sleep(entry.next_at - time.monotonic())
                await self._count(entry, asked)
            return entry.counts

    async def _count(self, entry: _Entry, asked: Filter) -> None:
        entry.began_at = time.monotonic()
        try:
            entry.counts = await asyncio.to_thread(selectors.counts_of, asked)
        except PyMongoError as error:
            log.warning("not_counted", error=repr(error)[:200])
            entry.counts = None
        took = time.monotonic() - entry.began_at
        entry.next_at = entry.began_at + max(EVERY_SECONDS, COST_FACTOR * took)

    def _entry(self, asked: Filter) -> _Entry:
        key = json.dumps(asked.query, sort_keys=True, default=str)
        if key not in self._entries and len(self._entries) >= KEPT_MAX:
            idle = [name for name, entry in self._entries.items() if not entry.lock.locked()]
            del self._entries[min(idle, key=lambda name: self._entries[name].began_at)]
        return self._entries.setdefault(key, _Entry())
