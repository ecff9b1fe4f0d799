"""Failpoints: off they cost nothing, on they strike at the passing they were told; their table is the whole truth."""

import ast
import re
import timeit
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.kernel import failpoint as module
from apps.kernel.failpoint import POINTS, FailpointError, Struck, arm, failpoint, watch
from tests.rooms.project_files import python_files, text_of
from tests.support.waiting import wait_until

PAGE = Path("docs/reference/failpoints.md")
SOURCES = ("apps", "streaming", "dpms_site", "devstack")


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    arm({})


def passed_without_harm(name: str, times: int) -> int:
    """How often the failpoint let us pass before it struck."""
    for number in range(times):
        try:
            failpoint(name)
        except Struck:
            return number
    return times


def test_nothing_happens_at_one_that_nobody_switched_on() -> None:
    arm({"DPMS_FAIL": ""})

    assert passed_without_harm("settle.after_commit", 100) == 100


def test_one_strikes_at_its_hit_and_only_then() -> None:
    arm({"DPMS_FAIL": "settle.after_commit:3:raise, settle.before_read:1:raise"})

    assert passed_without_harm("settle.after_commit", 100) == 2
    assert passed_without_harm("settle.after_commit", 100) == 100
    assert passed_without_harm("settle.before_read", 100) == 0
    assert passed_without_harm("settle.after_read", 100) == 100


def test_one_that_does_not_exist_is_refused_with_the_names_of_those_that_do() -> None:
    with pytest.raises(FailpointError) as refusal:
        arm({"DPMS_FAIL": "settle.after_comit:1"})

    assert "settle.after_comit" in str(refusal.value)
    assert all(name in str(refusal.value) for name in POINTS)


@pytest.mark.parametrize(
    "text",
    [
        *("settle.after_commit", "settle.after_commit:0", "settle.after_commit:-1"),
        *("settle.after_commit:x", "settle.after_commit:1:burn", "settle.after_commit:1,", ","),
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(FailpointError):
        arm({"DPMS_FAIL": text})


def test_production_refuses_to_start_with_one() -> None:
    with pytest.raises(FailpointError, match="production"):
        arm({"DPMS_FAIL": "settle.after_commit:1", "DPMS_PROFILE": "production"})

    arm({"DPMS_PROFILE": "production"})
    assert passed_without_harm("settle.after_commit", 1) == 1


def test_passing_is_counted_for_who_watches() -> None:
    passed = watch()

    failpoint("settle.before_read")
    failpoint("settle.before_read")

    assert passed == {"settle.before_read": 2}


def test_off_one_costs_less_than_100_nanoseconds() -> None:
    arm({})

    def is_cheap() -> bool:
        calls = 2_000
        best = min(timeit.repeat(lambda: failpoint("settle.before_read"), number=calls, repeat=20))
        return best / calls < 150e-9  # of which the lambda that calls it has 50

    wait_until(is_cheap, 30, "a quiet moment on this machine in which it is cheap")


def test_each_stands_at_one_place_and_each_place_is_in_the_table() -> None:
    called = sorted(_calls())

    assert called == sorted(POINTS)


def _calls() -> Iterator[str]:
    for path in python_files():
        if path.parts[0] in SOURCES and path != Path("apps/kernel/failpoint.py"):
            for node in ast.walk(ast.parse(text_of(path))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "failpoint":
                    yield ast.literal_eval(node.args[0])


def test_the_page_tells_what_the_table_tells() -> None:
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (.+) \|$", text_of(PAGE), re.MULTILINE)

    assert rows == list(POINTS.items())
    assert all(f"`{action}`" in text_of(PAGE) for action in module.ACTIONS)
