"""Twenty thousand histories come to rest with everything right, and every fault struck in some of them."""

import random

import pytest

from tests.simulator.batch import play_all, told
from tests.simulator.history import FAULTS, play

# Histories that show what is not mended yet, with the rule that is broken. When one ends well, take it out of here.
# 1936: two recorders of the trail side by side (one a zombie) store two changes of one order under times of their own,
# the later change under the earlier time: the trail is whole, but its order of capture is not that of the changes.
OPEN = {1_936: "trail_gap"}
KNOWN = [seed for seed in range(20_000) if seed not in OPEN]
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


@pytest.mark.parametrize("seed", OPEN)
def test_an_open_history_still_shows_what_is_not_mended(seed: int) -> None:
    assert {problem.rule for problem in play(seed).problems} == {OPEN[seed]}


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
