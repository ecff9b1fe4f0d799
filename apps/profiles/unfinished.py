"""Un-enrolments that a crash left half done, taken up by the clock or a command; safe to repeat as each of them is."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from apps.kernel.clock import Clock
from apps.kernel.errors import Conflict
from apps.kernel.ids import new_id
from apps.profiles.selectors import unenrolling_since
from apps.profiles.unenrolment import unenrol_customer
from dpms_site.changes import Change

# A request is over long before that: the driver gives up on the database after 4 seconds.
OLD_SECONDS = 60


def finish_unenrolments(*, now: datetime, older_seconds: int = OLD_SECONDS) -> Iterator[str]:
    """Goes on with those that began so long ago; a line for each that says what became of it."""
    for customer in unenrolling_since(now - timedelta(seconds=older_seconds)):
        # The reason stays the one that was given when it began.
        made = Change(
            by="clock:finish_unenrolments",
            at=now,
            request_id=new_id("req", now),
            reason=customer.reason,
        )
        try:
            left = unenrol_customer(customer_id=customer.id, version=customer.version, made=made)
        except Conflict as refusal:
            yield f"{customer.id}  {refusal}"
        else:
            yield f"{left.id}  {left.status}"


class Unfinished:
    """The clock's task: looks once a minute by platform time, and at its first turn."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._looked_at: datetime | None = None

    def finish(self) -> int:
        """How many it went on with."""
        now = self._clock()
        if self._looked_at is not None and now < self._looked_at + timedelta(seconds=OLD_SECONDS):
            return 0
        self._looked_at = now
        return len(list(finish_unenrolments(now=now)))
