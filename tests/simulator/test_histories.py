"""Twenty thousand histories come to rest with everything right, and every fault struck in some of them."""

import random

import pytest

from tests.simulator.batch import play_all, told
from tests.simulator.history import FAULTS, play

KNOWN = range(20_000)
FRESH = 200
# What faults lead to: without these, they struck where nobody noticed.
EFFECTS = (
    *("write conflict", "snapshot", "job failed", "stepped down"),
    *("request of unknown outcome", "key reused", "order that cannot be stored"),
)


def test_known_histories_end_well_and_every_fault_struck() -> None:
    struck, wrong = play_all(KNOWN)

    assert told(wrong) == ""
    assert [fault for fault in (*FAULTS, *EFFECTS) if struck[fault] < 20] == []


def test_fresh_histories_end_well() -> None:
    """Their seeds are new in every run; a failure tells its own."""
    first = random.SystemRandom().randrange(10**6, 10**9)

    _, wrong = play_all(range(first, first + FRESH))

    assert told(wrong) == ""


@pytest.mark.parametrize("seed", [17, 1_855, 4_711])
def test_a_seed_is_the_same_history_every_time(seed: int) -> None:
    once, again = play(seed, trace=True), play(seed, trace=True)

    assert len(once.trace) > 50
    assert once.trace == again.trace
    assert once.struck == again.struck
