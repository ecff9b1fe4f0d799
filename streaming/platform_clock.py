"""The platform clock: the wall clock, and in a sandbox as much later as people moved it, for every process alike.

What rules decide by (when an order was made, is due, is late) is platform time. What is about this machine (leases,
tokens, sessions, the access log, how fast things are) is wall time. In production both are one, and nothing is read.

The offset is one document. It is written a moment before it counts, and every process reads it anew more often than
that moment lasts: so all of them move at the same instant, and no step of a payment is earlier than the one before.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pymongo.collection import Collection

from apps.kernel.clock import Clock, wall_clock

COLLECTION = "platform_clock"
DOCUMENT = "sandbox"
REFRESH_SECONDS = 0.25
# From its writing to its counting: two reads and a slow answer.
LEAD_SECONDS = 0.75

_NOTHING = timedelta(0)


class PlatformClock:
    """A sandbox's time; asks MongoDB at most every REFRESH_SECONDS. A PyMongoError means that it can't be known."""

    def __init__(
        self, offsets: Callable[[], Collection[dict[str, Any]]], *, wall: Clock = wall_clock
    ) -> None:
        self._offsets = offsets
        self._wall = wall
        # One reference, so that threads see old or new and never half of both. They may read the document twice.
        self._known: tuple[float, dict[str, Any] | None] | None = None

    def __call__(self) -> datetime:
        document = self._document()
        now = self._wall()
        return now + offset_at(document, now)

    def if_known(self) -> datetime | None:
        """The same without asking MongoDB: None when it must be asked. For who may not wait, such as an event loop."""
        known = self._known
        if known is None or time.monotonic() - known[0] >= REFRESH_SECONDS:
            return None
        now = self._wall()
        return now + offset_at(known[1], now)

    def forget(self) -> None:
        """The next answer is by what MongoDB holds then."""
        self._known = None

    def _document(self) -> dict[str, Any] | None:
        began = time.monotonic()
        known = self._known
        if known is None or began - known[0] >= REFRESH_SECONDS:
            # Counted from before the reading, or a slow answer would be kept for too long.
            known = began, self._offsets().find_one({"_id": DOCUMENT})
            self._known = known
        return known[1]


def offset_at(document: dict[str, Any] | None, wall: datetime) -> timedelta:
    """How far platform time is ahead at wall time `wall`, by the stored document."""
    if document is None:
        return _NOTHING
    name = "seconds" if document["from_at"] <= wall else "before_seconds"
    return timedelta(seconds=document[name])
