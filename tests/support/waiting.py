"""Waiting for what other processes do: a condition and a deadline instead of a sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(
    condition: Callable[[], T | None],
    seconds: float,
    message: str = "",
    *,
    pause_seconds: float = 0.02,
) -> T:
    """The first truthy answer of `condition`; AssertionError with `message` when there is none in time.

    A question that costs the stack something wants a longer pause, or it slows down what it waits for.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds} s: {message or condition}; last {found!r}")
        time.sleep(pause_seconds)
