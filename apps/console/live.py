"""The console's websocket: one per tab, every subscription over it; a frame is a hint with data and a number.

The browser sends `hello`, `sub` and `unsub`. It gets `welcome`, `snapshot`, `delta`, `reset`, `refused`, `beat`
and `bye`.
"""

import asyncio
import contextlib
import json
from collections.abc import Coroutine
from typing import Any

import structlog
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import DatabaseError
from pymongo.errors import PyMongoError

from apps.console import selectors, staff
from apps.console.cancellation import goes_on
from apps.console.ring import Ring, ring
from apps.console.subscription import (
    ROWS_MAX,
    SID_CHARACTERS_MAX,
    Refused,
    Subscription,
    asked_subscription,
    folded,
)
from apps.kernel.clock import rfc3339, wall_clock

log = structlog.get_logger(__name__)

PROTOCOL = 1
BEAT_SECONDS = 5.0
# The first change after quiet goes out at once, the next ones together: the more there are, the longer they gather.
FLUSH_SECONDS = {20: 0.1, 100: 0.25}
FLUSH_SECONDS_BUSY = 0.5
# A browser that takes no frame for so long is let go; it resumes from its number later.
STALLED_SECONDS = 10.0
BYE_SECONDS = 1.0
SUBSCRIPTIONS_MAX = 16
MESSAGE_CHARACTERS_MAX = 4_096

SIGNED_OUT, TOO_SLOW, PROTOCOL_ERROR, FAILED, TRY_LATER = 4401, 4408, 4409, 1011, 1013
# What the driver and Django's models raise while the database is not there.
AWAY = (PyMongoError, DatabaseError)


class LiveSocket(AsyncJsonWebsocketConsumer):
    """Serves one tab. It reads the ring at its own pace, so a slow browser costs nobody memory."""

    # No layer bears this name: the ring listens for the whole process, and a channel of its own would make each socket
    # fail while Valkey is down.
    channel_layer_alias = "none"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._subscriptions: dict[str, Subscription] = {}
        self._ring: Ring = ring()
        self._watching = contextlib.AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self._subscribed = asyncio.Event()
        self._user: staff.Watcher | None = None
        self._is_over = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Lets go of the ring however the socket ends: a browser that leaves during an answer ends it by an OSError."""
        try:
            await super().__call__(scope, receive, send)
        except OSError:
            log.debug("browser_left")
        finally:
            self._is_over = True
            self._end_tasks()
            await self._watching.aclose()

    async def connect(self) -> None:
        # Accepted first: only then can a close code, and so the reason, reach the browser.
        await self.accept()
        try:
            self._user = await staff.signed_in(self.scope.get("session"))
            if self._user is None:
                await self._bye(SIGNED_OUT, "Sign in as staff to watch.")
                return
            await self._watching.enter_async_context(self._ring.watched())
        except AWAY as error:
            log.warning("socket_refused", error=repr(error))
            await self._bye(TRY_LATER, "The database does not answer.")
            return
        self._tasks = [
            asyncio.create_task(self._guarded(work))
            for work in (self._flush_forever(), self._beat_forever())
        ]

    async def receive(
        self,
        text_data: str | None = None,
        bytes_data: bytes | None = None,  # noqa: ARG002 - the base class calls it so
    ) -> None:
        if self._is_over:
            return
        try:
            if text_data is None or len(text_data) > MESSAGE_CHARACTERS_MAX:
                raise ValueError("send text of at most 4,096 characters")
            message = json.loads(text_data)
            if not isinstance(message, dict):
                raise ValueError("send a JSON object")
        except (ValueError, RecursionError) as error:
            await self._bye(PROTOCOL_ERROR, f"Not understood: {error}")
            return
        await self._answer(message)

    async def _answer(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "hello":
                await self._welcome()
            case "sub":
                await self._subscribe(message)
            case "unsub":
                self._subscriptions.pop(str(message.get("sid")), None)
            case unknown:
                await self._bye(PROTOCOL_ERROR, f"Unknown message type {str(unknown)[:40]!r}.")

    async def _welcome(self) -> None:
        await self.send_json(
            {
                "type": "welcome",
                "protocol": PROTOCOL,
                "at": rfc3339(wall_clock()),
                "user": self._user.username if self._user else None,
                "limits": {"rows": ROWS_MAX, "subscriptions": SUBSCRIPTIONS_MAX},
                "beat_seconds": BEAT_SECONDS,
                **self._liveness(),
            }
        )

    async def _subscribe(self, message: dict[str, Any]) -> None:
        try:
            subscription = asked_subscription(message)
            self._subscriptions.pop(subscription.sid, None)
            if len(self._subscriptions) >= SUBSCRIPTIONS_MAX:
                raise Refused("too_many", f"At most {SUBSCRIPTIONS_MAX} subscriptions a socket.")
            if not self._resume(subscription, message.get("after")):
                await self._snapshot(subscription)
        except Refused as refusal:
            sid = str(message.get("sid"))[:SID_CHARACTERS_MAX]
            answer = {"type": "refused", "sid": sid, "code": refusal.code, "detail": str(refusal)}
            await self.send_json(answer)
        except PyMongoError as error:
            log.warning("snapshot_failed", error=repr(error))
            await self._bye(TRY_LATER, "The database does not answer.")
        else:
            self._subscriptions[subscription.sid] = subscription
            self._subscribed.set()

    def _resume(self, subscription: Subscription, after: Any) -> bool:
        """True when the ring still holds everything after what the browser has."""
        if not isinstance(after, dict) or after.get("epoch") != self._ring.epoch:
            return False
        seq = after.get("seq")
        if not isinstance(seq, int) or isinstance(seq, bool):
            return False
        events = self._ring.since(seq)
        if events is None or len(folded(events, subscription)) > ROWS_MAX:
            return False
        subscription.begin(self._ring.epoch, seq)
        subscription.owes_delta = True
        return True

    async def _snapshot(self, subscription: Subscription) -> None:
        """The number is taken before the rows are read; what changes meanwhile comes as a delta, and versions tell."""
        subscription.begin(self._ring.epoch, self._ring.head)
        rows = await asyncio.to_thread(
            selectors.newest_rows, order=subscription.order, limit=subscription.limit
        )
        await self.send_json(
            {
                "type": "snapshot",
                "sid": subscription.sid,
                "epoch": subscription.epoch,
                "seq": subscription.seq,
                "rows": rows,
            }
        )

    async def _flush_forever(self) -> None:
        while goes_on() and not self._is_over:
            if not self._subscriptions:
                self._subscribed.clear()
                await self._subscribed.wait()
            rows = 0
            for subscription in list(self._subscriptions.values()):
                rows += await self._flush(subscription)
            await (asyncio.sleep(_gap(rows)) if rows else self._until_moved())

    async def _until_moved(self) -> None:
        """Until the ring, or the set of subscriptions, is not what the last flush saw."""
        self._subscribed.clear()
        if any(item.owes_delta for item in self._subscriptions.values()):
            return
        oldest = min(self._subscriptions.values(), key=lambda item: item.seq, default=None)
        if oldest is None:
            return
        moved = asyncio.ensure_future(self._ring.wait_beyond(oldest.seq, oldest.epoch))
        subscribed = asyncio.ensure_future(self._subscribed.wait())
        try:
            await asyncio.wait({moved, subscribed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            moved.cancel()
            subscribed.cancel()

    async def _flush(self, subscription: Subscription) -> int:
        """How many rows went out."""
        frame = subscription.next_frame(self._ring)
        if frame is None:
            return 0
        if frame["type"] == "reset":
            self._subscriptions.pop(subscription.sid, None)
        try:
            async with asyncio.timeout(STALLED_SECONDS):
                await self.send_json(frame)
        except TimeoutError:
            await self._bye(TOO_SLOW, "This connection did not take its frames.")
        return len(frame.get("upserts", ()))

    async def _beat_forever(self) -> None:
        while goes_on() and not self._is_over:
            await asyncio.sleep(BEAT_SECONDS)
            # While the database is away nobody can be asked, and there is nothing to show: the beat says stale.
            with contextlib.suppress(*AWAY):
                self._user = await staff.signed_in(self.scope.get("session"))
            if self._user is None:
                await self._bye(SIGNED_OUT, "The session has ended.")
                return
            await self.send_json(
                {"type": "beat", "at": rfc3339(wall_clock()), **self._liveness()},
            )

    def _liveness(self) -> dict[str, Any]:
        fresh_at = self._ring.fresh_at
        return {
            "epoch": self._ring.epoch,
            "seq": self._ring.head,
            "mode": self._ring.mode.value,
            "fresh_at": rfc3339(fresh_at) if fresh_at else None,
        }

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Ends the socket when its work fails: one that only beats would pass for live."""
        try:
            await work
        except OSError:
            log.debug("browser_left")  # the server's way to say that nobody takes what is sent
        except Exception:
            log.exception("socket_failed")
            await self._bye(FAILED, "The server failed. Connect again.")

    def _end_tasks(self) -> None:
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()

    async def _bye(self, code: int, detail: str) -> None:
        self._is_over = True
        self._end_tasks()
        # The other side may have closed meanwhile, or take nothing any more.
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            async with asyncio.timeout(BYE_SECONDS):
                await self.send_json({"type": "bye", "code": code, "detail": detail})
                await self.close(code)


def _gap(rows: int) -> float:
    """The pause after a flush of so many rows."""
    return next((gap for most, gap in FLUSH_SECONDS.items() if rows <= most), FLUSH_SECONDS_BUSY)
