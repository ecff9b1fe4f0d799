"""Dormancy: a customer without activity for some months is looked at again before money moves."""

import calendar
from datetime import datetime

# Banks publish figures from 6 to 24 months for when an account counts as inactive; a bank sets its own.
DORMANT_MONTHS = 12


def months_before(instant: datetime, months: int) -> datetime:
    """The same time on the same day `months` earlier, or on the last day of a month that has no such day."""
    year, month = divmod(instant.year * 12 + instant.month - 1 - months, 12)
    day = min(instant.day, calendar.monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)


def is_dormant(last_active_at: datetime, *, now: datetime, months: int = DORMANT_MONTHS) -> bool:
    """Whether `months` have passed since the last activity; exactly so many are enough."""
    return last_active_at <= months_before(now, months)
