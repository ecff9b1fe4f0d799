"""The newest feed events in this process's memory: read from MongoDB once, however many sockets watch."""

import asyncio
import contextlib
import itertools
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from channels.layers import get_channel_layer
from django.db import connections
from pymongo import ASCENDING, DESCENDING, AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from apps.console.cancellation import goes_on
from apps.console.counts import Counts
from apps.console.freshness import Freshness, Mode
from apps.console.names import KnownNames
from apps.console.notices import GROUP
from apps.console.rows import StoredRow, customers_unnamed

log = structlog.get_logger(__name__)

# Whichever is less. An event takes 1.5 KB (measured), so a full ring takes some 75 MB of the process, and no more.
KEPT_EVENTS = 50_000
KEPT_SECONDS = 600.0
READ_MAX = 1_000
# Without a notice the feed is read this often, so a lost notice costs a second and no more.
POLL_SECONDS = 1.0
RETRY_SECONDS = 1.0
END_SECONDS = 2.0

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One numbered change of one order; `taken_at` is of the monotonic clock."""

    seq: int
    row: StoredRow
    taken_at: float = 0.0


class Ring:
    """A window on the feed that ends at `head`; sockets wait on it and take what lies after their own number.

    It holds 50,000 events or those of ten minutes, whichever is less: some 75 MB at its fullest, one for the process.
    """

    def __init__(self) -> None:
        self.epoch = ""
        self.head = 0
        self._floor = 0
        self.counts = Counts()
        self.names = KnownNames()
        self._events: deque[Event] = deque()
        self._users = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._begun = asyncio.Lock()
        self._notice = asyncio.Event()
        self._notices = 0
        self._moved = asyncio.Event()
        self._client: AsyncMongoClient[Document] | None = None
        self._freshness: Freshness | None = None

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator["Ring"]:
        """Keeps the ring turning while at least one socket is inside; raises PyMongoError when it cannot begin."""
        async with self._begun:
            if self._users == 0:
                await self._begin()
            self._users += 1
        try:
            yield self
        finally:
            async with self._begun:
                self._users -= 1
                if self._users == 0:
                    await self._end()

    @property
    def mode(self) -> Mode:
        if self._freshness is None or any(task.done() for task in self._tasks):
            return Mode.STALE
        return self._freshness.mode

    @property
    def fresh_at(self) -> datetime | None:
        return self._freshness.fresh_at if self._freshness else None

    @property
    def lag_ms(self) -> int:
        """The age of the oldest change known to be missing in the feed, 0 when none is."""
        return self._freshness.lag_ms if self._freshness else 0

    async def wait_beyond(self, seq: int, epoch: str) -> None:
        """Returns once the ring stands elsewhere than at `seq` of `epoch`."""
        while self.head == seq and self.epoch == epoch:
            await self._moved.wait()

    def since(self, seq: int) -> Sequence[Event] | None:
        """The events after `seq`, oldest first; None when the ring no longer, or not yet, reaches there."""
        if seq < self._floor or seq > self.head:
            return None
        # From the end: who keeps up asks for few of many.
        newest_first = itertools.takewhile(lambda event: event.seq > seq, reversed(self._events))
        return list(newest_first)[::-1]

    async def reaches(self, epoch: str, seq: int) -> bool:
        """Whether the stored feed has everything after `seq`, which this ring may not. Raises PyMongoError."""
        if epoch != self.epoch or not 0 <= seq <= self.head or self._client is None:
            return False
        database = self._client[connections["default"].settings_dict["NAME"]]
        at = {"_id": max(seq, 1), "epoch": epoch}
        return await database.feed_events.find_one(at, {"_id": 1}) is not None

    async def _begin(self) -> None:
        settings = connections["default"].settings_dict
        self._client = AsyncMongoClient(
            settings["HOST"],
            tz_aware=True,
            readConcernLevel="majority",
            timeoutMS=4000,
            connectTimeoutMS=2000,
            appname="dpms-live",
        )
        database = self._client[settings["NAME"]]
        self._freshness = Freshness(database)
        self._forget()
        try:
            await self._start_at_head(database)
            await self._freshness.check()
        except PyMongoError:
            await self._client.close()
            raise
        self._tasks = [
            asyncio.create_task(self._follow(database)),
            asyncio.create_task(self._listen()),
            asyncio.create_task(self._freshness.keep_checking()),
        ]

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        # A layer whose server is silent may take long to let go; the next watcher does not wait for that.
        await asyncio.wait(self._tasks, timeout=END_SECONDS)
        if self._client is not None:
            await self._client.close()

    async def _start_at_head(self, database: AsyncDatabase[Document]) -> None:
        last = await database.feed_events.find_one({}, {"epoch": 1}, sort=[("_id", DESCENDING)])
        if last is not None:
            self.epoch, self.head = last["epoch"], last["_id"]
        self._floor = self.head

    async def _follow(self, database: AsyncDatabase[Document]) -> None:
        while goes_on():
            try:
                await self._catch_up(database)
            except PyMongoError as error:
                log.warning("feed_not_readable", error=repr(error))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._notice.wait()
            self._notice.clear()

    async def _catch_up(self, database: AsyncDatabase[Document]) -> None:
        while True:
            # The head itself is read again: when it is gone or of another epoch, the sequence began anew.
            cursor = database.feed_events.find(
                {"_id": {"$gte": self.head}}, {"epoch": 1, "row": 1}, sort=[("_id", ASCENDING)]
            )
            found = await cursor.limit(READ_MAX + 1).to_list()
            if self.head and (not found or found[0]["epoch"] != self.epoch):
                await self._begin_anew(database)
                return
            new = [document for document in found if document["_id"] > self.head]
            if not new:
                return
            unnamed = customers_unnamed(document["row"] for document in new)
            await self.names.learn(database, unnamed)
            self._take(new)
            if len(found) <= READ_MAX:
                return

    async def _begin_anew(self, database: AsyncDatabase[Document]) -> None:
        log.warning("feed_began_anew", epoch=self.epoch, head=self.head)
        self._forget()
        await self._start_at_head(database)
        self._wake()

    def _take(self, documents: Sequence[Document]) -> None:
        self.epoch = documents[0]["epoch"]
        now = time.monotonic()
        for document in documents:
            self._events.append(Event(document["_id"], _compact(document["row"]), now))
        while self._events and self._is_over(self._events[0], now):
            self._floor = self._events.popleft().seq
        self.head = documents[-1]["_id"]
        self._wake()

    def _is_over(self, event: Event, now: float) -> bool:
        return len(self._events) > KEPT_EVENTS or event.taken_at < now - KEPT_SECONDS

    def _forget(self) -> None:
        self.epoch, self.head, self._floor = "", 0, 0
        self._events.clear()

    def _wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

    async def _listen(self) -> None:
        """Hears the bridge's notices; when the layer is down, `_follow` goes on by polling."""
        is_known_down = False
        while goes_on():
            try:
                await self._hear_notices()
            except Exception as error:
                # Each layer raises its own. Said once an outage, which a notice ends.
                if not is_known_down or self._notices:
                    log.warning("channel_layer_unreachable", error=repr(error))
                is_known_down, self._notices = True, 0
                await asyncio.sleep(RETRY_SECONDS)

    async def _hear_notices(self) -> None:
        layer: Any = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(GROUP, channel)
        try:
            while goes_on():
                await layer.receive(channel)
                self._heard()
        finally:
            await layer.group_discard(GROUP, channel)

    def _heard(self) -> None:
        self._notices += 1
        self._notice.set()
        if self._freshness is not None:
            self._freshness.heard_at = time.monotonic()


def _compact(row: Document) -> StoredRow:
    """The row with each name, and each value that few rows do not share, in memory once."""
    compact: Any = {sys.intern(name): value for name, value in row.items()}
    for name in _SHARED:
        if compact.get(name):
            compact[name] = sys.intern(compact[name])
    return compact


_SHARED = ("product", "kind", "currency", "status", "iso_status", "reason")

_rings: WeakKeyDictionary[asyncio.AbstractEventLoop, Ring] = WeakKeyDictionary()


def ring() -> Ring:
    """The ring of the running event loop; a web process has one loop and so one ring."""
    return _rings.setdefault(asyncio.get_running_loop(), Ring())
