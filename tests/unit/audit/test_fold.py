"""What the entries of one document add up to when a snapshot was read before changes that came after it."""

from typing import Any

import pytest

from apps.audit.domain.fold import fold

COMMAND = {"_id": "cmd_1", "type": "cancel"}
CHANGED = COMMAND | {"type": "release"}


def _entry(number: int, before: Any, after: Any) -> dict[str, Any]:
    return {
        "_id": f"aud_{number}",
        "collection": "commands",
        "entity": "cmd_1",
        "before": before,
        "after": after,
        "is_alarm": False,
        "alarm": None,
    }


def test_an_insert_that_a_snapshot_showed_first_is_no_gap() -> None:
    """Documents that are only ever inserted have no version to tell it by."""
    folded = fold([_entry(1, None, COMMAND), _entry(2, None, COMMAND)])

    assert folded.problems == []
    assert folded.state == COMMAND


@pytest.mark.parametrize(
    ("before", "after"), [(None, CHANGED), (CHANGED, COMMAND)], ids=["another", "a change"]
)
def test_whatever_else_does_not_fit_is_a_gap(before: Any, after: Any) -> None:
    folded = fold([_entry(1, None, COMMAND), _entry(2, before, after)])

    assert [problem.rule for problem in folded.problems] == ["trail_gap"]
