"""When a customer counts as dormant."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.profiles.domain.dormancy import is_dormant, months_before


@pytest.mark.parametrize(
    ("instant", "months", "before"),
    [
        (datetime(2026, 11, 24, 9, tzinfo=UTC), 12, datetime(2025, 11, 24, 9, tzinfo=UTC)),
        (datetime(2026, 3, 31, tzinfo=UTC), 1, datetime(2026, 2, 28, tzinfo=UTC)),
        (datetime(2028, 2, 29, tzinfo=UTC), 12, datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2026, 1, 15, tzinfo=UTC), 1, datetime(2025, 12, 15, tzinfo=UTC)),
    ],
)
def test_counts_calendar_months(instant: datetime, months: int, before: datetime) -> None:
    assert months_before(instant, months) == before


def test_exactly_so_many_months_are_enough() -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    edge = datetime(2025, 11, 24, tzinfo=UTC)

    assert is_dormant(edge, now=now, months=12)
    assert not is_dormant(edge + timedelta(milliseconds=1), now=now, months=12)


@given(st.integers(0, 10_000), st.integers(1, 120))
def test_more_months_are_never_later(day: int, months: int) -> None:
    instant = datetime(2026, 11, 24, tzinfo=UTC) + timedelta(days=day)

    assert months_before(instant, months + 1) < months_before(instant, months) < instant
