"""On which days a send order may be asked to be paid: today or later, and not too far ahead."""

from datetime import date, datetime, timedelta

from apps.kernel.errors import Invalid
from apps.transactions.domain.deadlines import Calendar

# How far ahead the day may be: the same date in the next year, also when a leap day lies between. Ours: the payee, the
# account and the customer's wish age, and a typing error in the year is told at once.
DAYS_AHEAD_MAX = 366


def check_day(day: date | None, now: datetime, banks: Calendar) -> None:
    """Whether an order may be asked for `day`, a date of the bank's zone; None is at once.

    Any day will do, also one on which banks are closed: an order without a day is paid then, too. Raises Invalid
    (`execute_on_past`, `execute_on_too_far`).
    """
    if day is None:
        return
    today = banks.date_of(now)
    if day < today:
        detail = (
            f"Use {today} (today in Eastern time) or a later day, or leave it out to pay at once."
        )
        raise Invalid("execute_on_past", detail, "/execute_on")
    last = today + timedelta(days=DAYS_AHEAD_MAX)
    if day > last:
        detail = f"Use a day up to {last}: at most {DAYS_AHEAD_MAX} days ahead."
        raise Invalid("execute_on_too_far", detail, "/execute_on")
