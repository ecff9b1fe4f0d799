"""All stories together: every move of the lifecycles' tables was made, and what was left passes every checker."""

import json
from collections import Counter

import pytest

from apps.transactions.domain.lifecycle import LIFECYCLES
from devstack.client import Document
from tests.e2e.conftest import STORIES
from tests.support.stack import Stack
from tests.support.stories.stage import Stage
from tests.support.stories.story import Telling, moves

Pair = tuple[str, str]


def test_titles_tell_the_stories_apart() -> None:
    twice = [title for title, count in Counter(each.title for each in STORIES).items() if count > 1]

    assert twice == []


def test_orders_that_are_cancelled_before_they_are_seen_end_at_once(
    overtaken: list[Document],
) -> None:
    assert [(each["kind"], each["status"], each["version"]) for each in overtaken] == [
        ("send", "CANCELLED", 2),
        ("request", "CANCELLED", 2),
    ]


@pytest.mark.usefixtures("told", "overtaken")
@pytest.mark.parametrize("kind", LIFECYCLES)
def test_every_move_of_the_table_was_made(stage: Stage, kind: str) -> None:
    listed = {(each.source, each.target) for each in LIFECYCLES[kind].moves}
    made: set[Pair] = set()
    for order in stage.orders.values():
        if order["kind"] == kind:
            made |= set(moves(stage.client.events(order["id"])))

    assert made == listed


def test_what_ended_stayed_as_it_was(stage: Stage, told: dict[str, Telling]) -> None:
    """Late and repeated answers arrived meanwhile."""
    endings = {order: path for each in told.values() for order, path in each.scene.endings.items()}

    found = {
        order: " ".join(event["status"] for event in stage.client.events(order))
        for order in endings
    }

    assert found == endings


@pytest.mark.usefixtures("told", "overtaken")
def test_every_checker_is_content_with_what_the_stories_left(stack: Stack, stage: Stage) -> None:
    answer = stack.run("manage.py", "verify_all", "--json")

    assert answer.returncode in (0, 1), answer.stdout + answer.stderr
    found = json.loads(answer.stdout)
    about_ours = [
        each
        for checker in found.values()
        for each in checker["problems"]
        if any(order in json.dumps(each) for order in stage.orders)
    ]
    assert about_ours == []
    assert [
        each for each in found["verify_pipeline"]["problems"] if each["rule"] == "one_partition"
    ] == []
    assert found["verify_ledger"]["problems"] == []
    assert found["verify_networks"]["problems"] == []
    assert found["verify_networks"]["checked"]
