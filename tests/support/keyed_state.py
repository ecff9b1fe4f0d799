"""Flink's keyed state and timers for one key, in memory: outlives an operator as a checkpoint lets it."""

from collections.abc import Iterator
from typing import Any


class _State:
    """A list state."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, value: Any) -> None:
        self.values.append(value)

    def get(self) -> Iterator[Any]:
        return iter(list(self.values))

    def clear(self) -> None:
        self.values = []


class KeyedState:
    """What an operator is opened with; opened with the same again, it finds what was in it."""

    def __init__(self) -> None:
        self._states: dict[str, _State] = {}

    def get_list_state(self, descriptor: Any) -> _State:
        return self._states.setdefault(descriptor.name, _State())


class Timers:
    """A context whose timers are counted and rung by the test."""

    def __init__(self) -> None:
        self.registered: list[int] = []

    def get_current_key(self) -> int:
        return 0

    def timer_service(self) -> "Timers":
        return self

    def current_processing_time(self) -> int:
        return 1_000

    def register_processing_time_timer(self, at: int) -> None:
        self.registered.append(at)
