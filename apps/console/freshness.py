"""Whether the feed may be called live: is the bridge leading, do its notices arrive, does the newest order show."""

import asyncio
import time
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from pymongo import DESCENDING
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from apps.console.cancellation import goes_on
from apps.kernel.clock import wall_clock
from dpms_site.clock import platform_clock
from dpms_site.lease import BRIDGE

log = structlog.get_logger(__name__)

CHECK_SECONDS = 1.0
# The bridge sends a notice every second at least; three missed ones are no accident.
SILENCE_SECONDS = 3.5
# How many of the newest orders are looked for in the feed.
SAMPLED_ORDERS = 10
# A change that is not in the feed after this long means that capture, Kafka or the bridge is behind.
BEHIND = timedelta(seconds=3)
# Feed events live 30 days; an order older than a day says nothing about the present.
RECENT = timedelta(days=1)


class Mode(StrEnum):
    """What the browser's badge may say."""

    LIVE = "live"
    SLOW = "slow"  # the channel layer is silent: the feed is polled every second
    STALE = "stale"  # what is shown may be behind


class Freshness:
    """Checks once a second, for all sockets of the process."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._database = database
        self.heard_at = time.monotonic()
        self.fresh_at: datetime | None = None
        self.lag_ms = 0
        self.mode = Mode.STALE

    async def keep_checking(self) -> None:
        while goes_on():
            await asyncio.sleep(CHECK_SECONDS)
            await self.check()

    async def check(self) -> None:
        self.mode = await self._judged()

    async def _judged(self) -> Mode:
        now = wall_clock()
        try:
            lag = await self._lag(await asyncio.to_thread(platform_clock))
            is_fresh = lag <= BEHIND and await self._is_led()
        except PyMongoError as error:
            log.warning("freshness_unknown", error=repr(error))
            return Mode.STALE
        self.lag_ms = lag // timedelta(milliseconds=1)
        if not is_fresh:
            return Mode.STALE
        self.fresh_at = now
        return Mode.LIVE if time.monotonic() - self.heard_at < SILENCE_SECONDS else Mode.SLOW

    async def _is_led(self) -> bool:
        held = {"_id": BRIDGE, "$expr": {"$gt": ["$until", "$$NOW"]}}
        return await self._database.leases.find_one(held, {"_id": 1}) is not None

    async def _lag(self, now: datetime) -> timedelta:
        """The age of the oldest change of the newest orders that is not in the feed yet."""
        recent = {"created_at": {"$gt": now - RECENT}}
        fields = {"version": 1, "updated_at": 1}
        newest = self._database.orders.find(recent, fields, sort=[("created_at", DESCENDING)])
        changed = {
            (order["_id"], order["version"]): order["updated_at"]
            for order in await newest.limit(SAMPLED_ORDERS).to_list()
        }
        if not changed:
            return timedelta(0)
        about = {"order": {"$in": [order for order, _ in changed]}}
        events = await self._database.feed_events.find(about, {"order": 1, "version": 1}).to_list()
        missing = set(changed) - {(event["order"], event["version"]) for event in events}
        return max((now - changed[each] for each in missing), default=timedelta(0))
