"""The probe's patience: as long as anything moves it waits in line, and no longer."""

from collections.abc import Callable

from streaming.patience import Patience
from streaming.probe import wait_while_moving


class World:
    """Time that passes as soon as somebody sleeps, and records that are written until a moment."""

    def __init__(self, *, moves_until: float, there_at: float) -> None:
        self.now = 0.0
        self.moves_until = moves_until
        self.there_at = there_at

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def position(self) -> int:
        return int(min(self.now, self.moves_until))

    def waits(self, position: Callable[[], object] | None = None, **limits: float) -> bool:
        return wait_while_moving(
            lambda: self.now >= self.there_at,
            position or self.position,
            still_seconds=60,
            patience=Patience(monotonic=lambda: self.now, sleep=self.sleep),
            **limits,
        )


def test_it_waits_in_line_behind_a_long_snapshot() -> None:
    world = World(moves_until=300, there_at=310)

    assert world.waits()
    assert 310 <= world.now < 311


def test_it_gives_up_when_nothing_has_moved_for_as_long_as_it_was_told() -> None:
    world = World(moves_until=100, there_at=1000)

    assert not world.waits()
    assert 160 <= world.now < 163


def test_kafka_that_says_nothing_is_no_movement() -> None:
    world = World(moves_until=1000, there_at=1000)

    assert not world.waits(lambda: None)
    assert world.now < 63


def test_traffic_of_others_does_not_make_it_wait_for_ever() -> None:
    world = World(moves_until=10_000, there_at=10_000)

    assert not world.waits(longest_seconds=900)
    assert 900 <= world.now < 903
