"""What waits for its batch waits in keyed state, and leaves it only after its effect."""

from typing import Any

import pytest
from pyflink.common.typeinfo import Types

from streaming.flows.gather import Gather
from streaming.flows.pace import Waits
from tests.support.keyed_state import KeyedState, Timers


class Effect(Gather):
    """Notes the batches that it hands over; fails as long as it is told to."""

    def __init__(self, state: KeyedState, *, most: int = 10, fails: bool = False) -> None:
        super().__init__(Types.STRING(), waits=Waits(5, 50, calm=100, busy=200), most=most)
        self.fails = fails
        self.batches: list[list[Any]] = []
        self.open(state)

    def gathered(self, value: Any) -> Any:
        return value

    def hand_over(self, waiting: list[Any]) -> list[dict[str, Any]]:
        if self.fails:
            raise ConnectionError
        self.batches.append(waiting)
        return [{"_id": element} for element in waiting if element == "bad"]

    def takes(self, *elements: str, timers: Timers | None = None) -> list[str]:
        told: list[str] = []
        for element in elements:
            told += self.process_element(element, timers or Timers())
        return told


def test_a_batch_is_what_came_before_the_timer() -> None:
    effect, timers = Effect(KeyedState()), Timers()
    effect.takes("a", "b", timers=timers)

    told = list(effect.on_timer(0, timers))

    assert (effect.batches, told) == ([["a", "b"]], [])
    assert timers.registered == [1_005]


def test_a_full_batch_waits_for_no_timer_and_tells_its_dead_letters() -> None:
    effect = Effect(KeyedState(), most=2)

    told = effect.takes("a", "bad", "c")

    assert effect.batches == [["a", "bad"]]
    assert told == ['{"_id": "bad"}']


def test_an_effect_that_fails_leaves_the_batch_where_it_was() -> None:
    state = KeyedState()
    failing = Effect(state, fails=True)
    failing.takes("a", "b")

    with pytest.raises(ConnectionError):
        list(failing.on_timer(0, Timers()))

    again = Effect(state)
    list(again.on_timer(0, Timers()))
    assert again.batches == [["a", "b"]]


def test_what_waits_is_handed_over_by_who_takes_over_the_state() -> None:
    state = KeyedState()
    Effect(state).takes("a", "b")

    successor = Effect(state)
    list(successor.on_timer(0, Timers()))

    assert successor.batches == [["a", "b"]]


def test_who_takes_over_counts_what_waits_already() -> None:
    state = KeyedState()
    Effect(state, most=3).takes("a", "b")
    successor, timers = Effect(state, most=3), Timers()

    successor.takes("c", timers=timers)

    assert successor.batches == [["a", "b", "c"]]
    assert timers.registered == []


def test_nothing_is_handed_over_twice() -> None:
    effect = Effect(KeyedState())
    effect.takes("a")
    list(effect.on_timer(0, Timers()))

    list(effect.on_timer(0, Timers()))

    assert effect.batches == [["a"]]
