"""A lease: one process of several leads, for as long as it keeps saying so; another follows within seconds."""

import time
from datetime import UTC, datetime
from typing import Any

from pymongo.collection import Collection

from apps.kernel.failpoint import failpoint

BRIDGE, CLOCK = "bridge", "clock"
TERM_SECONDS = 4.0
# Renewed three times a term, so that two lost renewals in a row do not cost the lead.
RENEW_SECONDS = TERM_SECONDS / 3

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Lease:
    """The right to lead under `name`. It only says who tries: what a leader writes has a fence of its own.

    Ends and renewals are compared with MongoDB's clock (`$$NOW`), so machines whose clocks differ agree who holds it.
    """

    def __init__(self, leases: Collection[dict[str, Any]], *, name: str, holder: str) -> None:
        self._leases = leases
        self._name = name
        self._holder = holder
        self._held_until = 0.0
        self._renew_at = 0.0

    def hold(self) -> bool:
        """True while this process leads; asks MongoDB only when the lease must be won or renewed."""
        now = time.monotonic()
        if now >= self._renew_at:
            self._renew_at = now + RENEW_SECONDS
            self._held_until = now + TERM_SECONDS if self._take() else 0.0
        return time.monotonic() < self._held_until

    def release(self) -> None:
        """Lets the next one lead at once."""
        self._held_until = self._renew_at = 0.0
        failpoint("lease.before_release")
        self._leases.update_one(
            {"_id": self._name, "holder": self._holder}, {"$set": {"until": _LONG_AGO}}
        )
        failpoint("lease.after_release")

    def _take(self) -> bool:
        failpoint("lease.before_take")
        # An upsert may not hold $expr, so the document is made first and taken second.
        self._leases.update_one(
            {"_id": self._name},
            {"$setOnInsert": {"holder": None, "until": _LONG_AGO}},
            upsert=True,
        )
        free = {"$or": [{"$eq": ["$holder", self._holder]}, {"$lt": ["$until", "$$NOW"]}]}
        until = {"$add": ["$$NOW", int(TERM_SECONDS * 1000)]}
        taken = self._leases.update_one(
            {"_id": self._name, "$expr": free},
            [{"$set": {"holder": self._holder, "until": until, "renewed_at": "$$NOW"}}],
        )
        failpoint("lease.after_take")
        return taken.matched_count == 1
