"""How every answer writes time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from apps.kernel.clock import rfc3339


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 3, 2, 1, 2, 3, 456_789, UTC), "2026-03-02T01:02:03.456Z"),
        (datetime(2026, 3, 2, tzinfo=timezone(timedelta(hours=-5))), "2026-03-02T05:00:00.000Z"),
        (datetime(1, 2, 3, tzinfo=UTC), "0001-02-03T00:00:00.000Z"),
    ],
)
def test_utc_with_milliseconds_and_four_digits_of_the_year(instant: datetime, text: str) -> None:
    assert rfc3339(instant) == text
