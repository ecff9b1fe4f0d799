"""Answers that may come later: a view that has nothing yet says what it waits for, and no thread waits with it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponse

WAIT_SECONDS_MAX = 25
_ATTRIBUTE = "_dpms_wait"


@dataclass(frozen=True)
class Wait:
    """The request is served anew once `is_over` says True; after `seconds` the answer stands as it is."""

    is_over: Callable[[], bool]
    seconds: float


def wait_for(response: HttpResponse, is_over: Callable[[], bool], *, seconds: float) -> None:
    """Marks an empty answer as one to hold back. `is_over` runs in a thread, a few times a second."""
    setattr(response, _ATTRIBUTE, Wait(is_over, seconds))


def wait_of(response: object) -> Wait | None:
    return getattr(response, _ATTRIBUTE, None)
