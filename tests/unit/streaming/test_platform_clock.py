"""Platform time is the wall clock plus what a sandbox's people moved it by, and every process moves at one instant."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from streaming.platform_clock import LEAD_SECONDS, REFRESH_SECONDS, PlatformClock, offset_at
from tests.support.core import NOW

MOVED = {"seconds": 900, "before_seconds": 60, "from_at": NOW}


class Offsets:
    """A collection of one document, and how often it was read."""

    def __init__(self, document: dict[str, Any] | None) -> None:
        self.document = document
        self.reads = 0

    def find_one(self, _asked: dict[str, Any]) -> dict[str, Any] | None:
        self.reads += 1
        return self.document


@pytest.fixture
def monotonic(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The seconds that a process's own clock shows."""
    shown = {"seconds": 0.0}
    monkeypatch.setattr("streaming.platform_clock.time.monotonic", lambda: shown["seconds"])
    return shown


def clock(offsets: Offsets) -> PlatformClock:
    collection: Any = offsets
    return PlatformClock(lambda: collection, wall=lambda: NOW)


def test_a_clock_that_nobody_moved_is_the_wall_clock() -> None:
    assert clock(Offsets(None))() == NOW


@pytest.mark.parametrize(
    ("wall", "seconds"),
    [(NOW - timedelta(milliseconds=1), 60), (NOW, 900), (NOW + timedelta(days=1), 900)],
)
def test_a_move_counts_from_its_instant_on(wall: datetime, seconds: int) -> None:
    assert offset_at(MOVED, wall) == timedelta(seconds=seconds)


def test_reads_the_offset_a_few_times_a_second_however_often_it_is_asked(
    monotonic: dict[str, float],
) -> None:
    offsets = Offsets(None)
    asked = clock(offsets)

    for step in range(100):
        monotonic["seconds"] = step / 100
        asked()

    assert offsets.reads == 4


def test_whoever_read_just_before_a_move_was_written_knows_it_before_it_counts(
    monotonic: dict[str, float],
) -> None:
    offsets = Offsets(None)
    asked = clock(offsets)
    asked()
    offsets.document = MOVED

    monotonic["seconds"] = REFRESH_SECONDS

    assert asked() == NOW + timedelta(seconds=900)
    assert 2 * REFRESH_SECONDS < LEAD_SECONDS


def test_an_offset_that_cannot_be_read_is_no_time_at_all(monotonic: dict[str, float]) -> None:
    """A time without its offset would be one in the past: nothing may be decided by it."""
    asked = clock(Offsets(MOVED))
    asked()
    monotonic["seconds"] = 10

    def lost() -> Any:
        raise ConnectionError

    asked._offsets = lost
    with pytest.raises(ConnectionError):
        asked()
