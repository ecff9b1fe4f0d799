"""The business calendar that payments are counted by: the Federal Reserve's holidays; needs no Django.

Source of the days: "Holidays Observed by the Federal Reserve System", as the library `holidays` keeps them. A holiday
on a Sunday closes the Monday after it; for one on a Saturday the banks are open on the Friday before.
"""

from datetime import date
from functools import cache
from typing import Any

from apps.kernel.calendar import EASTERN, BusinessCalendar


@cache
def _holidays() -> Any:
    # 12 MB and most of a second (it imports every country) that a process spends when it first asks about a day.
    from holidays.financial.federal_reserve import FederalReserve

    return FederalReserve()  # finds out each year when it is first asked about one


def _is_holiday(day: date) -> bool:
    return day in _holidays()


BUSINESS_CALENDAR = BusinessCalendar(is_holiday=_is_holiday, zone=EASTERN)
