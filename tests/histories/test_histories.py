"""Twenty thousand histories end with every order final, money conserved and each command answered once."""

import random
from typing import Any

import pytest

from apps.rails.iso20022.codec import from_xml, to_xml
from apps.transactions.domain.lifecycle import LIFECYCLES
from tests.histories.history import play
from tests.simulator.batch import play_all, told

MODULE = "tests.histories"
KNOWN = range(20_000)
FRESH = 200
# What must have come about in more than a few of them, besides every status of every order; else nothing was tried.
EFFECTS = (
    *(f"out {kind}" for kind in ("pacs.002", "pacs.004", "pacs.008", "pacs.028")),
    *(f"out {kind}" for kind in ("camt.029", "camt.055", "camt.056", "pain.013", "pain.014")),
    *(f"case {kind}" for kind in ("contradiction", "dispute", "return_unclear")),
    "redelivered",
)
# Never seen from outside: the next step comes with it in one commit.
PASSED_THROUGH = {
    "send VALIDATED",
    "send FUNDED",
    "receive ACCEPTED",
    "receive RECEIVED",
    "return RECEIVED",
}


def test_known_histories_end_well_and_everything_came_about() -> None:
    struck, wrong = play_all(KNOWN, play)

    assert told(wrong, MODULE) == ""
    statuses = {f"{kind} {name}" for kind, table in LIFECYCLES.items() for name in table.statuses}
    expected = {*EFFECTS, *statuses - PASSED_THROUGH}
    assert sorted(each for each in expected if struck[each] < 20) == []


def test_fresh_histories_end_well() -> None:
    """Their seeds are new in every run; a failure tells its own."""
    first = random.SystemRandom().randrange(10**6, 10**9)

    _, wrong = play_all(range(first, first + FRESH), play)

    assert told(wrong, MODULE) == ""


@pytest.mark.parametrize("seed", [17, 1_855, 4_711])
def test_a_seed_is_the_same_history_every_time(seed: int) -> None:
    once, again = play(seed, trace=True), play(seed, trace=True)

    assert len(once.trace) > 20
    assert once.trace == again.trace
    assert once.struck == again.struck


def test_what_networks_are_told_stays_the_same_as_xml() -> None:
    """All other histories leave the XML out; in these every message of ours is written and read again."""
    written = set()

    def both_ways(message: Any) -> Any:
        written.add(message.TYPE)
        read = from_xml(to_xml(message).encode())
        assert read == message
        return read

    problems = [each for seed in range(60) for each in play(seed, writing=both_ways).problems]

    assert problems == []
    assert {"pacs.008", "pacs.002", "pain.013", "pain.014", "camt.055", "camt.029"} <= written
