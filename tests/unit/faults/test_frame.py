"""The instruments of the fault scenarios measure what they say."""

from argparse import Namespace
from itertools import islice

import pytest

from tests.faults.campaign import _in_order
from tests.faults.scenario import longest_pause
from tests.faults.scenarios import SCENARIOS
from tests.support.load import Attempt


def test_the_recovery_is_the_longest_pause_after_the_fault() -> None:
    effects = [1.0, 9.0, 10.5, 14.5, 15.0]

    assert longest_pause(effects, since=10.0) == 4.0


def test_the_time_to_the_first_effect_counts_too() -> None:
    assert longest_pause([1.0, 2.0, 17.0, 17.5], since=3.0) == 14.0


def test_without_an_effect_after_the_fault_there_is_nothing_to_measure() -> None:
    with pytest.raises(AssertionError, match="nothing became final"):
        longest_pause([1.0, 2.0], since=3.0)


@pytest.mark.parametrize(
    ("tries", "may_be_there"),
    [
        (["ok"], True),
        (["fail", "fail"], False),
        (["fail", "indefinite"], True),
        (["indefinite", "fail"], True),
    ],
)
def test_what_was_only_refused_may_not_be_there(tries: list[str], may_be_there: bool) -> None:
    assert Attempt("key", {}, tries=tries).may_be_there is may_be_there


def test_a_seed_repeats_the_order_and_a_round_plays_each_once() -> None:
    def order(seed: int) -> list[str]:
        return [each.name for each in islice(_in_order(Namespace(seed=seed, only=None)), 50)]

    first = order(7)
    assert first == order(7)
    assert first != order(8)
    assert set(first[: len(SCENARIOS)]) == set(SCENARIOS)
