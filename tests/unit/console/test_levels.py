"""The pace of a subscription …"""

import pytest

from apps.console.levels import Pace, pause_after


def level_after(*changes: tuple[float, int], at: float) -> int:
    pace = Pace()
    for now, count in changes:
        pace.saw(count, now=now)
        pace.level(now=now)
    return pace.level(now=at)


@pytest.mark.parametrize(
    ("changes", "level"), [(0, 0), (250, 0), (251, 1), (1_000, 1), (1_001, 2), (9_999, 2)]
)
def test_slows_down_at_once_when_more_happens(changes: int, level: int) -> None:
    assert level_after((5.0, changes), at=5.0) == level


def test_counts_what_happens_within_a_second() -> None:
    assert level_after((5.0, 150), (5.6, 150), at=5.6) == 1
    assert level_after((5.0, 150), (6.1, 150), at=6.1) == 0


def test_quickens_again_after_a_calm_second() -> None:
    pace = Pace()
    pace.saw(2_000, now=10.0)

    assert [pace.level(now=now) for now in (10.0, 10.9, 11.0, 11.8, 12.0)] == [2, 2, 2, 2, 0]


def test_stays_at_numbers_while_more_happens_than_rows_could_tell() -> None:
    pace = Pace()
    pace.saw(1_100, now=10.0)
    for tenth in range(101, 200):
        pace.saw(60, now=tenth / 10)

        assert pace.level(now=tenth / 10) == 2


def test_does_not_flutter_between_two_levels() -> None:
    pace, levels = Pace(), []
    for tenth in range(100, 200):
        pace.saw(50 if tenth % 10 else 1, now=tenth / 10)
        levels.append(pace.level(now=tenth / 10))

    assert levels == sorted(levels)


def test_holds_rows_back_when_it_is_overwhelmed() -> None:
    pace = Pace()
    pace.overwhelmed(now=3.0)

    assert [pace.level(now=now) for now in (3.0, 3.9, 4.0)] == [2, 2, 0]


@pytest.mark.parametrize(
    ("rows", "level", "seconds"),
    [(1, 0, 0.1), (5, 0, 0.1), (6, 0, 0.15), (500, 0, 0.15), (1, 1, 0.5), (0, 2, 1.0)],
)
def test_lets_more_rows_gather_longer(rows: int, level: int, seconds: float) -> None:
    assert pause_after(rows, level=level) == seconds
