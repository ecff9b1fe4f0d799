"""Every failpoint with every action: whoever is struck there, a second process with the same work makes it whole."""

import pytest

from apps.kernel.failpoint import ACTIONS, POINTS
from tests.failpoints.children import Children, Fate
from tests.failpoints.scenes import SCENES, time_passes, work_of
from tests.failpoints.undisturbed import Undisturbed
from tests.integration.sor.bank import Bank


def struck_and_gone(children: Children, work: str, name: str, action: str) -> Fate:
    fate = children.run(work, fail=f"{name}:1:{action}")
    assert fate.struck(name, action), (fate, fate.output)
    return children.end(fate) if action == "hang" else fate


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("name", POINTS)
def test_what_a_struck_process_left_is_made_whole_by_the_next(
    name: str, action: str, bank: Bank, children: Children, undisturbed: Undisturbed
) -> None:
    work = work_of(name)
    expected, _ = undisturbed.of(work)
    SCENES[work].prepare(bank)

    struck_and_gone(children, work, name, action)
    time_passes(bank)
    again = children.run(work)

    assert (again.fate, again.code) == ("ended", 0), again.output
    assert SCENES[work].facts(bank) == expected


def test_every_failpoint_is_passed_by_the_work_that_is_said_to_pass_it(
    undisturbed: Undisturbed,
) -> None:
    passed = {name for work in SCENES for name in undisturbed.of(work)[1]}

    assert passed == set(POINTS)
    assert [name for name in POINTS if name not in undisturbed.of(work_of(name))[1]] == []
