"""The Federal Reserve's holidays, as its own list has them."""

from datetime import date

import pytest

from apps.transactions.calendar import BUSINESS_CALENDAR

# "Holidays Observed by the Federal Reserve System 2026-2030", year 2026; July 4 is a Saturday and moves nothing.
HOLIDAYS_2026 = [
    *(date(2026, 1, 1), date(2026, 1, 19), date(2026, 2, 16), date(2026, 5, 25)),
    *(date(2026, 6, 19), date(2026, 9, 7), date(2026, 10, 12), date(2026, 11, 11)),
    *(date(2026, 11, 26), date(2026, 12, 25)),
]


def test_closes_on_each_holiday_and_on_no_other_weekday() -> None:
    weekdays = [
        day
        for day in (date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(365))
        if day.weekday() < 5
    ]

    assert [day for day in weekdays if not BUSINESS_CALENDAR.is_business_day(day)] == HOLIDAYS_2026


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 7, 3), True),  # the holiday is on Saturday
        (date(2027, 7, 5), False),  # the holiday was on Sunday
        (date(2022, 12, 26), False),
        (date(2024, 2, 29), True),
    ],
)
def test_a_holiday_at_the_week_end_moves_only_from_sunday(day: date, is_open: bool) -> None:
    assert BUSINESS_CALENDAR.is_business_day(day) is is_open
