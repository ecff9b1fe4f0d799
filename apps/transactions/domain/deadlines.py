"""What the rules ask of a calendar of business days, and an answer for whoever has no calendar."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol


class Calendar(Protocol):
    """Days are dates in the calendar's own zone; instants are UTC."""

    def date_of(self, instant: datetime) -> date: ...

    def add(self, day: date, business_days: int) -> date: ...

    def end_of_day(self, day: date) -> datetime: ...

    def end_of_next_business_day(self, instant: datetime) -> datetime: ...


class EveryDay:
    """A calendar without weekends and holidays, in UTC: for whoever has no business calendar at hand."""

    def date_of(self, instant: datetime) -> date:
        return instant.astimezone(UTC).date()

    def add(self, day: date, business_days: int) -> date:
        return day + timedelta(days=business_days)

    def end_of_day(self, day: date) -> datetime:
        return datetime.combine(day + timedelta(days=1), time(), UTC)

    def end_of_next_business_day(self, instant: datetime) -> datetime:
        return self.end_of_day(self.date_of(instant) + timedelta(days=1))


EVERY_DAY = EveryDay()


def start_of(calendar: Calendar, day: str) -> datetime:
    """The midnight at which `day` ("YYYY-MM-DD") begins."""
    return calendar.end_of_day(date.fromisoformat(day) - timedelta(days=1))


def end_after(calendar: Calendar, now: datetime, *, business_days: int) -> datetime:
    """The midnight that ends the business day so many business days after today."""
    return calendar.end_of_day(calendar.add(calendar.date_of(now), business_days))
