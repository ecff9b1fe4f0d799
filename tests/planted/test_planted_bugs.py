"""A harness that lets a known bug pass is itself broken: each is caught by the test that is named for it."""

import re
from pathlib import Path

import pytest

from tests.planted.bugs import BUGS
from tests.planted.conftest import Runs
from tests.rooms.project_files import text_of

PAGE = Path("docs/reference/planted-bugs.md")


def test_without_a_bug_all_the_named_tests_pass(run_tests: Runs) -> None:
    named = sorted({bug.caught_by for bug in BUGS.values()})

    run = run_tests(*named)

    assert run.code == 0, run.printed
    assert [test for test in named if not any(test in each for each in run.results)] == []


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_caught_by_the_test_named_for_it(name: str, run_tests: Runs) -> None:
    bug = BUGS[name]

    run = run_tests(bug.caught_by, plant=name)

    assert run.code == 1, run.printed
    failed = [each for each in run.results.values() if each["outcome"] == "failed"]
    assert failed, run.printed
    assert {each["when"] for each in failed} == {"call"}, run.printed
    assert bug.says in failed[0]["says"], failed[0]["says"]


def test_a_bug_that_does_not_exist_is_refused_with_those_that_do(run_tests: Runs) -> None:
    run = run_tests("tests/unit/kernel/test_ids.py", plant="no_such_bug")

    assert run.code == 4
    assert "no_dedupe_by_cause" in run.printed


def test_the_page_lists_every_bug() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (.+) \| `(.+)` \|$", text_of(PAGE), re.MULTILINE)

    assert rows == [(bug.name, bug.what, bug.caught_by) for bug in BUGS.values()]
