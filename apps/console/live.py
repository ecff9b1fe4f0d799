"""The console's websocket: one per tab, every subscription over it; a frame is a hint with data and a number.

The whole protocol is in docs/reference/live-protocol.md.
"""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Coroutine
from typing import Any

import structlog
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import DatabaseError
from pymongo.errors import ExecutionTimeout, PyMongoError

from apps.console import selectors, staff
from apps.console.build import build
from apps.console.cancellation import goes_on
from apps.console.ring import Ring, ring
from apps.console.subscription import (
    GAP_EVENTS_MAX,
    ROWS_MAX,
    SID_CHARACTERS_MAX,
    Refused,
    Subscription,
    asked_subscription,
    total_of,
)
from apps.console.telling import Stalled, Teller
from apps.kernel.clock import rfc3339, wall_clock
from apps.kernel.ids import new_id

log = structlog.get_logger(__name__)

PROTOCOL = 2
BEAT_SECONDS = 5.0
# Whose session ended or whose rights changed is sent away within 5 s: this, and what asking and closing take.
RIGHTS_SECONDS = 2.0
BYE_SECONDS = 1.0
SUBSCRIPTIONS_MAX = 16
MESSAGE_CHARACTERS_MAX = 4_096

SIGNED_OUT, RIGHTS_CHANGED, TOO_SLOW, PROTOCOL_ERROR, FAILED, TRY_LATER = (
    *(4401, 4403, 4408, 4409),
    *(1011, 1013),
)
# Seconds until it makes sense to come back, spread so that not all come at once.
RETRY_SECONDS = {TOO_SLOW: (1.0, 3.0), FAILED: (1.0, 5.0), TRY_LATER: (2.0, 6.0)}
# What the driver and Django's models raise while the database is not there.
AWAY = (PyMongoError, DatabaseError)


class LiveSocket(AsyncJsonWebsocketConsumer):
    """Serves one tab."""

    # No layer bears this name: the ring listens for the whole process, and a channel of its own would make each socket
    # fail while Valkey is down.
    channel_layer_alias = "none"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ring: Ring = ring()
        self._teller = Teller(self._ring, self.send_json)
        self._watching = contextlib.AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
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
            for work in (self._teller.tell(), self._beat_forever(), self._check_rights_forever())
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
        subscription = self._teller.subscriptions.get(str(message.get("sid")))
        match message.get("type"):
            case "hello" if message.get("protocol") == PROTOCOL:
                await self._welcome()
            case "hello":
                await self._bye(PROTOCOL_ERROR, f"Speak protocol {PROTOCOL}: reload the page.")
            case "sub":
                await self._subscribe(message)
            case "unsub":
                self._teller.remove(str(message.get("sid")))
            case "pause" | "resume" | "ack" if subscription is None:
                pass  # it was let go of meanwhile
            case "pause" if subscription:
                subscription.is_paused = True
            case "resume" if subscription:
                subscription.resume()
                self._teller.wake()
            case "ack" if subscription:
                self._acknowledge(subscription, message.get("seq"))
            case unknown:
                await self._bye(PROTOCOL_ERROR, f"Unknown message type {str(unknown)[:40]!r}.")

    def _acknowledge(self, subscription: Subscription, seq: Any) -> None:
        if isinstance(seq, int) and not isinstance(seq, bool):
            subscription.acknowledged(seq, now=time.monotonic())

    async def _welcome(self) -> None:
        user = self._user
        if user is None:
            return
        await self.send_json(
            {
                "type": "welcome",
                "conn": new_id("con", wall_clock()),
                "protocol": PROTOCOL,
                "at": rfc3339(wall_clock()),
                "user": user.username,
                "roles": sorted(user.roles),
                "permissions": sorted(user.permissions),
                "sight": user.sight.name,
                "build": build(),
                "limits": {"rows": ROWS_MAX, "subscriptions": SUBSCRIPTIONS_MAX},
                "beat_seconds": BEAT_SECONDS,
                **self._liveness(),
            }
        )

    async def _subscribe(self, message: dict[str, Any]) -> None:
        if self._user is None:
            return
        try:
            subscription = asked_subscription(message, self._user)
            self._teller.remove(subscription.sid)
            if len(self._teller.subscriptions) >= SUBSCRIPTIONS_MAX:
                raise Refused("too_many", f"At most {SUBSCRIPTIONS_MAX} subscriptions a socket.")
            if not await self._resume(subscription, message.get("after")):
                await self._snapshot(subscription)
        except ExecutionTimeout:
            detail = "The database looked too long for what the filter asks. Ask for less."
            await self._refuse(message, Refused("too_slow", detail))
        except Refused as refusal:
            await self._refuse(message, refusal)
        except PyMongoError as error:
            log.warning("snapshot_failed", error=repr(error))
            await self._bye(TRY_LATER, "The database does not answer.")
        else:
            self._teller.add(subscription)

    async def _refuse(self, message: dict[str, Any], refusal: Refused) -> None:
        sid = str(message.get("sid"))[:SID_CHARACTERS_MAX]
        await self.send_json(
            {"type": "refused", "sid": sid, "code": refusal.code, "detail": str(refusal)}
        )

    async def _resume(self, subscription: Subscription, after: Any) -> bool:
        """True when the feed still holds everything after what the browser has: the next frame tells it, or where."""
        if not isinstance(after, dict) or after.get("epoch") != self._ring.epoch:
            return False
        epoch, seq = self._ring.epoch, after.get("seq")
        if not isinstance(seq, int) or isinstance(seq, bool) or not subscription.has_rows:
            return False
        subscription.counts_stale_at = time.monotonic()
        if self._ring.since(seq) is not None:
            subscription.begin(epoch, seq)
            subscription.owes_delta = True
            return True
        head = self._ring.head
        if not 0 <= head - seq <= GAP_EVENTS_MAX or not await self._ring.reaches(epoch, seq):
            return False
        subscription.begin(epoch, head)
        gap = {"type": "gap", "sid": subscription.sid, "after": {"epoch": epoch, "seq": seq}}
        await self.send_json({**gap, "seq": head})
        return True

    async def _snapshot(self, subscription: Subscription) -> None:
        """The number is taken before the rows are read; what changes meanwhile comes as a delta, and versions tell."""
        subscription.begin(self._ring.epoch, self._ring.head)
        begun_at = time.monotonic()
        rows = await asyncio.to_thread(_rows_of, subscription)
        counts, counted_at = await self._ring.counts.recent(subscription.counted)
        subscription.counts_told = counts
        if counted_at < begun_at:
            subscription.counts_stale_at = begun_at
        subscription.expect_ack(subscription.told, now=time.monotonic())
        await self.send_json(
            {
                "type": "snapshot",
                "sid": subscription.sid,
                "epoch": subscription.epoch,
                "seq": subscription.told,
                "rows": rows,
                "counts": counts or {},
                "total": total_of(subscription.asked, counts),
            }
        )

    async def _beat_forever(self) -> None:
        while goes_on() and not self._is_over:
            await asyncio.sleep(BEAT_SECONDS)
            for subscription in self._teller.subscriptions.values():
                # Who was told nothing because nothing concerned them learns how far that holds.
                subscription.owes_delta |= subscription.told < subscription.seen
            self._teller.wake()
            await self.send_json(
                {"type": "beat", "at": rfc3339(wall_clock()), **self._liveness()},
            )

    async def _check_rights_forever(self) -> None:
        while goes_on() and not self._is_over:
            await asyncio.sleep(RIGHTS_SECONDS)
            now = self._user
            # While the database is away nobody can be asked, and there is nothing to show: the beat says stale.
            with contextlib.suppress(*AWAY):
                now = await staff.signed_in(self.scope.get("session"))
            if now is None:
                await self._bye(SIGNED_OUT, "The session has ended.")
            elif now != self._user:
                await self._bye(RIGHTS_CHANGED, "Your rights have changed. Load the page again.")

    def _liveness(self) -> dict[str, Any]:
        fresh_at = self._ring.fresh_at
        return {
            "epoch": self._ring.epoch,
            "seq": self._ring.head,
            "mode": self._ring.mode.value,
            "fresh_at": rfc3339(fresh_at) if fresh_at else None,
            "lag_ms": self._ring.lag_ms,
        }

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Ends the socket when its work fails: one that only beats would pass for live."""
        try:
            await work
        except OSError:
            log.debug("browser_left")  # the server's way to say that nobody takes what is sent
        except Stalled as stalled:
            await self._bye(TOO_SLOW, str(stalled))
        except Exception:
            log.exception("socket_failed")
            await self._bye(FAILED, "The server failed. Connect again.")

    def _end_tasks(self) -> None:
        self._teller.end()
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()

    async def _bye(self, code: int, detail: str) -> None:
        self._is_over = True
        self._end_tasks()
        retry = RETRY_SECONDS.get(code)
        bye = {
            "type": "bye",
            "code": code,
            "detail": detail,
            "retry_after": round(random.uniform(*retry), 1) if retry else None,  # noqa: S311 - no secret
        }
        # The other side may have closed meanwhile, or take nothing any more.
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            async with asyncio.timeout(BYE_SECONDS):
                await self.send_json(bye)
                await self.close(code)


def _rows_of(subscription: Subscription) -> list[Any]:
    if not subscription.has_rows:
        return []
    return selectors.newest_rows(
        asked=subscription.asked, sight=subscription.sight, limit=subscription.limit
    )
