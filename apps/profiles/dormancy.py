"""The re-check of customers without activity: who they are, and their suspension, by the clock or a command."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from apps.kernel.clock import Clock
from apps.kernel.errors import Conflict
from apps.kernel.failpoint import failpoint
from apps.kernel.ids import new_id
from apps.profiles import selectors
from apps.profiles.domain.dormancy import DORMANT_MONTHS, is_dormant, months_before
from apps.profiles.domain.lifecycle import Event, after
from apps.profiles.models import Customer
from dpms_site.changes import Change, change

_BATCH = 500


def dormant_customers(*, now: datetime, months: int) -> Iterator[Customer]:
    """ACTIVE customers, by id, who neither enrolled nor were reinstated nor stood in an order for `months`."""
    last = ""
    while batch := _looked_at(now=now, months=months, after=last):
        last = batch[-1].id
        yield from _dormant_among(batch, now=now, months=months)


def suspension(*, now: datetime, months: int) -> Change:
    """Who suspends dormant customers, and why."""
    return Change(
        by="clock:check_dormancy",
        at=now,
        request_id=new_id("req", now),
        reason=f"no activity for {months} months",
    )


def suspend_if_unchanged(customer: Customer, *, made: Change) -> bool:
    """SUSPENDED by compare-and-set; False when somebody changed the customer meanwhile, who is then left alone.

    Safe to repeat: a suspended customer is no longer among those that `dormant_customers` finds.
    """
    failpoint("dormancy.before_suspend")
    try:
        change(customer, made, status=after(customer.status, Event.SUSPEND))
    except Conflict:
        return False
    failpoint("dormancy.after_suspend")
    return True


class DormancyCheck:
    """The clock's task: looks at everybody once a day of platform time (UTC), and at its first turn.

    A turn looks at one batch, so that a bank of many customers keeps no deadline waiting. Who leads after a crash
    begins anew.
    """

    def __init__(self, *, clock: Clock, months: int = DORMANT_MONTHS, batch: int = _BATCH) -> None:
        self._clock = clock
        self._months = months
        self._batch = batch
        self._looked_on: date | None = None
        self._last = ""

    def check(self) -> int:
        """How many this turn suspended."""
        now = self._clock()
        if self._looked_on == now.date():
            return 0
        found = _looked_at(now=now, months=self._months, after=self._last, limit=self._batch)
        made = suspension(now=now, months=self._months)
        suspended = sum(
            suspend_if_unchanged(customer, made=made)
            for customer in _dormant_among(found, now=now, months=self._months)
        )
        is_over = len(found) < self._batch
        self._last = "" if is_over else found[-1].id
        self._looked_on = now.date() if is_over else None
        return suspended


def _looked_at(
    *, now: datetime, months: int, after: str, limit: int = _BATCH
) -> Sequence[Customer]:
    return selectors.active_before(months_before(now, months), after=after, limit=limit)


def _dormant_among(
    customers: Sequence[Customer], *, now: datetime, months: int
) -> Iterator[Customer]:
    since = months_before(now, months)
    busy = selectors.with_orders_after(since, [customer.id for customer in customers])
    for customer in customers:
        last_active_at = customer.active_since or customer.created_at
        if customer.id not in busy and is_dormant(last_active_at, now=now, months=months):
            yield customer
