"""How long a batch waits follows how fast elements arrive, within bounds, and forgets a burst."""

from hypothesis import given
from hypothesis import strategies as st

from streaming.flows.pace import Pace, Waits

WAITS = Waits(25, 150, calm=80, busy=240)


def a_pace(*, per_second: float, batches: int = 30) -> Pace:
    pace = Pace(WAITS)
    for number in range(batches + 1):
        pace.handed_over(round(per_second / 10), now_ms=number * 100)
    return pace


def test_who_begins_is_calm() -> None:
    assert Pace(WAITS).delay_ms() == 25


def test_a_calm_flow_waits_briefly_and_a_busy_one_longer() -> None:
    delays = [a_pace(per_second=rate).delay_ms() for rate in (10, 80, 160, 240, 5_000)]

    assert delays == [25, 25, 87, 150, 150]


def test_a_busy_flow_that_falls_silent_is_calm_again_with_its_next_batches() -> None:
    pace = a_pace(per_second=1_000)

    for number in range(10):
        pace.handed_over(1, now_ms=100_000 + number * 1_000)

    assert pace.delay_ms() == 25


def test_two_batches_at_one_instant_are_no_division_by_zero() -> None:
    pace = Pace(WAITS)

    pace.handed_over(5, now_ms=7)
    pace.handed_over(5, now_ms=7)

    assert pace.delay_ms() == 150


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 100_000)), max_size=30))
def test_whatever_arrives_the_wait_stays_within_its_bounds(batches: list[tuple[int, int]]) -> None:
    pace = Pace(WAITS)

    for count, now_ms in batches:
        pace.handed_over(count, now_ms=now_ms)

        assert 25 <= pace.delay_ms() <= 150
