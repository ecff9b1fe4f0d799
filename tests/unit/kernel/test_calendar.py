"""Business days and the deadlines counted in them, for any holidays."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.calendar import EASTERN, BusinessCalendar, NeverOpen

HOLIDAYS = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 2, 28)), max_size=8)
NEAR = st.dates(date(2025, 12, 20), date(2026, 3, 10))
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 365 * 86_400_000).map(lambda ms: BEGINNING + timedelta(milliseconds=ms))

EVERY_WEEKDAY = BusinessCalendar(is_holiday=lambda _: False)
THANKSGIVING = BusinessCalendar(is_holiday=lambda day: day == date(2026, 11, 26))


def calendar(holidays: frozenset[date]) -> BusinessCalendar:
    return BusinessCalendar(is_holiday=lambda day: day in holidays)


@given(HOLIDAYS, NEAR)
def test_the_next_business_day_is_the_first_one_after(holidays: frozenset[date], day: date) -> None:
    banks = calendar(holidays)

    following = banks.next_business_day(day)

    between = [day + timedelta(days=n) for n in range(1, (following - day).days)]
    assert banks.is_business_day(following)
    assert not any(banks.is_business_day(each) for each in between)


@given(HOLIDAYS, NEAR, st.integers(0, 30))
def test_adding_business_days_passes_exactly_so_many(
    holidays: frozenset[date], day: date, count: int
) -> None:
    banks = calendar(holidays)

    reached = banks.add(day, count)

    begun = banks.on_or_after(day)
    passed = [begun + timedelta(days=n) for n in range(1, (reached - begun).days + 1)]
    assert sum(banks.is_business_day(each) for each in passed) == count
    assert banks.is_business_day(reached)


@given(HOLIDAYS, NEAR)
def test_the_day_itself_is_the_nearest_when_it_is_open(
    holidays: frozenset[date], day: date
) -> None:
    banks = calendar(holidays)

    before, after = banks.on_or_before(day), banks.on_or_after(day)

    assert before <= day <= after
    assert (before == day) == (after == day) == banks.is_business_day(day)


@given(INSTANTS)
def test_what_waits_for_the_next_business_day_has_one_whole_business_day(instant: datetime) -> None:
    deadline = THANKSGIVING.end_of_next_business_day(instant)

    assert deadline.astimezone(EASTERN).time() == time()
    assert deadline.utcoffset() == timedelta()
    ended = deadline.astimezone(EASTERN).date() - timedelta(days=1)
    assert ended == THANKSGIVING.next_business_day(THANKSGIVING.date_of(instant))


@given(INSTANTS, st.times())
def test_what_is_late_belongs_to_a_later_day(instant: datetime, cut_off: time) -> None:
    day = THANKSGIVING.processing_day(instant, cut_off)

    local = instant.astimezone(EASTERN)
    assert THANKSGIVING.is_business_day(day)
    assert day > local.date() or (day == local.date() and local.time() < cut_off)


def test_at_the_cut_off_it_is_too_late() -> None:
    wednesday = date(2026, 11, 25)
    cut_off = time(18, 45)
    at = THANKSGIVING.at(wednesday, cut_off)

    assert THANKSGIVING.processing_day(at - timedelta(seconds=1), cut_off) == wednesday
    assert THANKSGIVING.processing_day(at, cut_off) == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("day", "midnight"),
    [
        (date(2026, 3, 7), datetime(2026, 3, 8, 5, tzinfo=UTC)),  # the clocks change that night
        (date(2026, 3, 8), datetime(2026, 3, 9, 4, tzinfo=UTC)),
        (date(2026, 11, 1), datetime(2026, 11, 2, 5, tzinfo=UTC)),
    ],
)
def test_midnight_is_local_when_the_clocks_change(day: date, midnight: datetime) -> None:
    assert EVERY_WEEKDAY.end_of_day(day) == midnight


def test_days_cannot_be_taken_away() -> None:
    with pytest.raises(ValueError, match="-1 business days"):
        EVERY_WEEKDAY.add(date(2026, 1, 1), -1)


def test_a_calendar_that_never_opens_is_a_defect_and_no_endless_search() -> None:
    with pytest.raises(NeverOpen):
        BusinessCalendar(is_holiday=lambda _: True).on_or_after(date(2026, 1, 1))
