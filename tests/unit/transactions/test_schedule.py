"""The dates of scheduled and recurring payments: never one twice, month ends, leap years, days without banks."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.calendar import BusinessCalendar
from apps.kernel.errors import Invalid
from apps.transactions.calendar import BUSINESS_CALENDAR
from apps.transactions.domain.schedule import (
    DAYS_AHEAD_MAX,
    Frequency,
    Occurrence,
    Plan,
    Roll,
    check,
    next_due,
    occurrence,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = date(2026, 11, 24)
FIRST = st.dates(date(2023, 11, 1), date(2029, 3, 31))
PLANS = st.builds(
    Plan,
    first_on=FIRST,
    frequency=st.sampled_from(Frequency),
    roll=st.sampled_from(Roll),
    last_on=st.none() | st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    count=st.none() | st.integers(1, 12),
)
HOLIDAYS = st.frozensets(st.dates(date(2023, 11, 1), date(2030, 12, 31)), max_size=5)


def occurrences(
    plan: Plan, most: int = 30, banks: BusinessCalendar = BUSINESS_CALENDAR
) -> list[Occurrence]:
    found = (occurrence(plan, number, banks) for number in range(1, most + 1))
    return [each for each in found if each is not None]


def dates(plan: Plan, most: int = 30) -> list[date]:
    return [each.on for each in occurrences(plan, most)]


@given(PLANS, HOLIDAYS)
def test_no_date_comes_twice_whatever_days_are_closed(
    plan: Plan, holidays: frozenset[date]
) -> None:
    banks = BusinessCalendar(is_holiday=lambda day: day in holidays)

    found = occurrences(plan, banks=banks)

    assert all(one.on < other.on and one.due_at <= other.due_at for one, other in pairwise(found))
    assert [each.number for each in found] == list(range(1, len(found) + 1))
    assert all(plan.last_on is None or each.on <= plan.last_on for each in found)
    assert plan.count is None or len(found) <= plan.count
    assert not found or found[0].on == plan.first_on


@given(PLANS)
def test_is_made_on_a_business_day_unless_it_is_to_be_made_on_its_own(plan: Plan) -> None:
    for each in occurrences(plan, 6):
        if plan.roll is Roll.SAME_DAY:
            assert each.pay_on == each.on
        else:
            assert BUSINESS_CALENDAR.is_business_day(each.pay_on)
            assert (each.pay_on >= each.on) or plan.roll is Roll.PREVIOUS
            assert (each.pay_on <= each.on) or plan.roll is Roll.NEXT


@given(FIRST, st.booleans())
def test_a_monthly_payment_keeps_its_day_where_the_month_has_one(
    first: date, end_of_month: bool
) -> None:
    plan = Plan(first, Frequency.MONTHLY, end_of_month=end_of_month)

    found = dates(plan, 40)

    months = [each.year * 12 + each.month for each in found]
    assert months == list(range(months[0], months[0] + 40))
    for each in found[1:]:
        is_last = (each + timedelta(days=1)).day == 1
        assert (
            is_last if end_of_month else each.day == first.day or (is_last and each.day < first.day)
        )


@given(PLANS, st.integers(1, 8), st.integers(-400, 2_000))
def test_goes_on_with_the_first_payment_that_is_not_past(
    plan: Plan, number: int, days: int
) -> None:
    now = NOW + timedelta(days=days)

    found = next_due(plan, number, now, BUSINESS_CALENDAR)

    later = [
        each for each in occurrences(plan, 450) if each.number >= number and each.due_at >= now
    ]
    assert found == (later[0] if later else None)


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (Plan(date(2028, 1, 31), Frequency.MONTHLY), ["2028-01-31", "2028-02-29", "2028-03-31"]),
        (Plan(date(2027, 1, 30), Frequency.MONTHLY), ["2027-01-30", "2027-02-28", "2027-03-30"]),
        (
            Plan(date(2027, 2, 28), Frequency.MONTHLY, end_of_month=True),
            ["2027-02-28", "2027-03-31", "2027-04-30"],
        ),
        (Plan(date(2028, 2, 29), Frequency.MONTHLY), ["2028-02-29", "2028-03-29", "2028-04-29"]),
        (Plan(date(2026, 12, 25), Frequency.WEEKLY), ["2026-12-25", "2027-01-01", "2027-01-08"]),
        (Plan(date(2028, 2, 20), Frequency.TWO_WEEKS), ["2028-02-20", "2028-03-05", "2028-03-19"]),
        (Plan(date(2026, 12, 25), Frequency.ONCE), ["2026-12-25"]),
    ],
)  # fmt: skip
def test_dates_by_each_rule(plan: Plan, expected: list[str]) -> None:
    assert [each.isoformat() for each in dates(plan, 3)] == expected


@pytest.mark.parametrize(
    ("roll", "pay_on"),
    [
        (Roll.NEXT, date(2026, 12, 28)),
        (Roll.PREVIOUS, date(2026, 12, 24)),
        (Roll.SAME_DAY, date(2026, 12, 25)),
    ],
)
def test_christmas_on_a_friday(roll: Roll, pay_on: date) -> None:
    (only,) = occurrences(Plan(date(2026, 12, 25), Frequency.ONCE, roll=roll))

    assert (only.on, only.pay_on) == (date(2026, 12, 25), pay_on)
    assert only.due_at == datetime(pay_on.year, pay_on.month, pay_on.day, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("plan", "code", "pointer"),
    [
        (Plan(date(2026, 11, 23), Frequency.ONCE), "schedule_in_past", "/first_on"),
        (Plan(date(1999, 1, 1), Frequency.MONTHLY), "schedule_in_past", "/first_on"),
        (
            Plan(TODAY + timedelta(days=DAYS_AHEAD_MAX + 1), Frequency.ONCE),
            *("schedule_too_far", "/first_on"),
        ),
        (
            Plan(TODAY, Frequency.WEEKLY, last_on=date(2026, 11, 23)),
            *("schedule_ends_first", "/end/on"),
        ),
        (Plan(TODAY, Frequency.ONCE, count=1), "schedule_rule_unfit", "/end"),
        (
            Plan(date(2026, 11, 30), Frequency.WEEKLY, end_of_month=True),
            *("schedule_rule_unfit", "/end_of_month"),
        ),
        (
            Plan(date(2026, 12, 30), Frequency.MONTHLY, end_of_month=True),
            *("schedule_rule_unfit", "/first_on"),
        ),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_its_field(plan: Plan, code: str, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(plan, NOW, BUSINESS_CALENDAR)

    assert (refused.value.code, refused.value.pointer) == (code, pointer)


def test_a_first_date_that_would_be_paid_before_today_is_past() -> None:
    """On a Saturday a payment for Sunday, rolled back to Friday, comes too late."""
    saturday = datetime(2026, 11, 28, 15, tzinfo=UTC)
    sunday = Plan(date(2026, 11, 29), Frequency.ONCE, roll=Roll.PREVIOUS)

    with pytest.raises(Invalid, match="schedule_in_past"):
        check(sunday, saturday, BUSINESS_CALENDAR)


def test_may_begin_today_and_is_due_at_once_when_its_hour_has_passed() -> None:
    first = check(Plan(TODAY, Frequency.MONTHLY), NOW, BUSINESS_CALENDAR)

    assert first.due_at == datetime(2026, 11, 24, 11, tzinfo=UTC) < NOW
