"""Business days: which days banks settle on, and deadlines that are counted in them; holidays come from outside."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# The zone that the Federal Reserve's services keep their day in (FedNow operating procedures; Fedwire's hours).
EASTERN = ZoneInfo("America/New_York")

_DAY = timedelta(days=1)
_SATURDAY = 5
# No calendar closes for longer; a predicate that says so is a defect, and must not be an endless loop.
_CLOSED_DAYS_MAX = 366


class NeverOpen(ValueError):
    """The holidays given leave no business day within a year."""


@dataclass(frozen=True)
class BusinessCalendar:
    """Monday to Friday without the days that `is_holiday` names, in one time zone.

    Days are dates of that zone. Instants are taken in any zone and given in UTC; a deadline stays at its local time
    when the clocks change.
    """

    is_holiday: Callable[[date], bool]
    zone: ZoneInfo = EASTERN

    def is_business_day(self, day: date) -> bool:
        return day.weekday() < _SATURDAY and not self.is_holiday(day)

    def on_or_after(self, day: date) -> date:
        """`day` itself, else the first business day after it. Raises NeverOpen."""
        return self._open_from(day, _DAY)

    def on_or_before(self, day: date) -> date:
        """`day` itself, else the last business day before it. Raises NeverOpen."""
        return self._open_from(day, -_DAY)

    def next_business_day(self, day: date) -> date:
        """The first business day after `day`, whatever day that is."""
        return self.on_or_after(day + _DAY)

    def add(self, day: date, business_days: int) -> date:
        """The business day that comes `business_days` (0 or more) after `day`.

        From a day that is none, counting begins at the business day that follows it. Raises ValueError below 0.
        """
        if business_days < 0:
            raise ValueError(f"{business_days} business days cannot be added")
        reached = self.on_or_after(day)
        for _ in range(business_days):
            reached = self.next_business_day(reached)
        return reached

    def date_of(self, instant: datetime) -> date:
        """The calendar's own date at `instant`."""
        return instant.astimezone(self.zone).date()

    def at(self, day: date, local: time) -> datetime:
        """The instant at which the calendar's clocks show `local` on `day`, in UTC."""
        return datetime.combine(day, local, self.zone).astimezone(UTC)

    def end_of_day(self, day: date) -> datetime:
        """The midnight that ends `day`: "midnight ET calendar day", as requests expire by (lifecycle 3c)."""
        return self.at(day + _DAY, time())

    def end_of_next_business_day(self, instant: datetime) -> datetime:
        """The midnight that ends the business day after `instant`: "midnight ET of next business day", by which money
        that was accepted and not posted must be decided about (FedNow operating procedures; lifecycle 3b).
        """
        return self.end_of_day(self.next_business_day(self.date_of(instant)))

    def processing_day(self, instant: datetime, cut_off: time) -> date:
        """The business day that what arrives at `instant` belongs to.

        From the cut-off on, to the second, and on days that are no business days, that is the next business day.
        """
        local = instant.astimezone(self.zone)
        is_late = local.time() >= cut_off
        return self.next_business_day(local.date()) if is_late else self.on_or_after(local.date())

    def _open_from(self, day: date, step: timedelta) -> date:
        for _ in range(_CLOSED_DAYS_MAX):
            if self.is_business_day(day):
                return day
            day += step
        raise NeverOpen(f"There is no business day within a year of {day}.")
