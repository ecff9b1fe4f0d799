"""Waiting for what other processes do: a condition and a deadline instead of a sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T | None], seconds: float, message: str = "") -> T:
    """The first truthy answer of `condition`; AssertionError with `message` when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds} s: {message or condition}; last {found!r}")
        time.sleep(0.02)
