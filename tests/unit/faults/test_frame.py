"""The instruments of the fault scenarios measure what they say."""

from argparse import Namespace
from itertools import islice
from types import SimpleNamespace
from typing import Any

import pytest

from devstack.client import Answer
from tests.faults.campaign import _asked_for, _in_order, exit_code, main
from tests.faults.scenario import longest_pause
from tests.faults.scenarios import SCENARIOS, shortened
from tests.faults.table import table
from tests.support.load import Attempt, Load
from tests.support.waiting import wait_until


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


def test_a_campaign_that_was_broken_off_goes_on_where_it_was() -> None:
    def names(after: int) -> list[tuple[int, str]]:
        options = Namespace(seed=7, only=None, hours=0.0, minutes=0.0, after=after)
        return [(number, each.name) for number, each in _asked_for(options, 0.0)]

    assert len(names(0)) == len(SCENARIOS)
    assert names(20) == names(0)[20:]


def test_a_name_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--only", "web killed,moon killed"])

    assert "unknown ['moon killed']; there are web killed," in capsys.readouterr().err


@pytest.mark.parametrize(
    ("results", "code"),
    [
        (["held", "skipped"], 0),
        (["held", "SLOW"], 3),
        (["SLOW", "FAILED", "held"], 1),
    ],
)
def test_the_exit_code_tells_slow_from_wrong(results: list[str], code: int) -> None:
    assert exit_code(results) == code


def test_the_table_has_a_row_for_each_scenario_and_the_reasons() -> None:
    lines: list[dict[str, Any]] = [
        a_line("web killed", recovery_seconds=2.0),
        a_line("mongod killed", recovery_seconds=12.5, target_seconds=10, result="SLOW"),
        a_line("web killed", recovery_seconds=2.5),
        {"scenario": "web killed", "seed": 9, "result": "FAILED", "reason": "lost\nat line 3"},
    ]

    rows = table(lines).splitlines()

    assert rows[2].split() == ["web", "killed", "3", "2", "1000", "2.5", "3", "1", "FAILED"]
    assert rows[3].split() == ["mongod", "killed", "1", "0", "500", "12.5", "10", "1", "SLOW"]
    assert rows[4].split() == ["together", "4", "2", "1500", "1", "FAILED,", "1", "SLOW"]
    assert rows[5:] == ["FAILED: web killed (--seed 9): lost"]


def a_line(scenario: str, **fields: Any) -> dict[str, Any]:
    common = {"scenario": scenario, "seed": 1, "orders": 500, "target_seconds": 3, "result": "held"}
    return {**common, **fields}


def test_a_short_scenario_is_the_same_with_less() -> None:
    for scenario in SCENARIOS.values():
        short = shortened(scenario)
        assert (short.name, short.target_seconds) == (scenario.name, scenario.target_seconds)
        assert short.orders < scenario.orders


class Accepting:
    """A client whose orders are all accepted."""

    def call(self, *_: Any, key: str) -> Answer:
        return Answer(201, {"id": f"ord_{key}"}, {})


@pytest.mark.parametrize("is_lasting", [False, True])
def test_a_lasting_load_goes_on_until_it_is_enough(is_lasting: bool) -> None:
    ring: Any = SimpleNamespace(order=lambda *_: {})
    client: Any = Accepting()
    load = Load(client, ring, count=3, per_second=500, is_lasting=is_lasting)

    load.start()
    if is_lasting:
        wait_until(lambda: len(load.attempts) > 20, 10, "it goes on")
    load.finish()

    assert (len(load.attempts) > 20) is is_lasting
    assert load.tries() == {"ok": len(load.attempts)}
