"""What one change adds to the trail of its document, and what the trail adds up to."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from apps.audit.domain.difference import same
from apps.audit.domain.entry import Captured, entry_id, entry_of, missing_entry
from apps.audit.domain.fold import compared, fold
from tests.support.core import NOW
from tests.support.trail import a_change, a_customer, a_snapshot_row, an_order, entries

FIRST, SECOND, THIRD = a_customer(1), a_customer(2, name="Ann Baker"), a_customer(3)


def rules(trail: list[dict[str, Any]]) -> list[str]:
    return [problem.rule for problem in fold(trail).problems]


def test_an_entry_tells_what_changed_who_when_and_where_it_stands() -> None:
    (entry,) = entries(a_change(FIRST, SECOND, offset=7))

    assert entry["operation"] == "updated"
    assert (entry["before"], entry["after"]) == (FIRST, SECOND)
    assert entry["changed"] == ["name", "request_id", "version"]
    assert entry["actor"] == {"kind": "client", "id": "cli_tests"}
    assert (entry["reason"], entry["request_id"], entry["version"]) == ("enrolled", "req_2", 2)
    assert entry["captured_at"] - entry["changed_at"] == timedelta(milliseconds=30)
    assert entry["position"] == {"topic": "dpms.cdc.customers", "partition": 0, "offset": 7}
    assert entry["is_alarm"] is False


def test_a_change_delivered_again_from_elsewhere_is_the_same_entry() -> None:
    change = a_change(FIRST, SECOND, offset=7)
    again = a_change(FIRST, SECOND, offset=7, position=a_change(None, FIRST, offset=99).position)

    assert entry_id(again) == entry_id(change)


def test_a_second_change_in_the_same_millisecond_is_another_entry() -> None:
    assert entry_id(a_change(FIRST, SECOND, offset=1)) != entry_id(
        a_change(FIRST, SECOND, offset=2)
    )


def test_a_snapshot_of_what_the_trail_knows_adds_nothing() -> None:
    trail = entries(a_change(None, FIRST), a_snapshot_row(FIRST, offset=5))

    assert [entry["operation"] for entry in trail] == ["created"]


def test_a_snapshot_that_tells_more_is_an_entry_with_a_reconstructed_before_and_an_alarm() -> None:
    trail = entries(a_change(None, FIRST), a_snapshot_row(THIRD, offset=5))

    assert trail[1]["before"] == FIRST
    assert trail[1]["is_reconstructed"] is True
    assert trail[1]["alarm"]["code"] == "gap"
    assert rules(trail) == ["gap"]
    assert same(fold(trail).state, THIRD)


def test_steps_of_an_order_that_capture_missed_are_no_gap_because_its_history_tells_them() -> None:
    trail = entries(
        a_change(None, an_order(1), collection="orders"),
        a_snapshot_row(an_order(3), collection="orders", offset=5),
    )

    assert (trail[1]["before"], trail[1]["after"]) == (an_order(1), an_order(3))
    assert trail[1]["is_reconstructed"] is True
    assert trail[1]["actor"]["kind"] == "stream"
    assert rules(trail) == []


def test_an_order_that_is_not_what_its_history_made_of_it_is_a_gap() -> None:
    trail = entries(
        a_change(None, an_order(1), collection="orders"),
        a_snapshot_row(an_order(3, amount_minor=1), collection="orders", offset=5),
    )

    assert rules(trail) == ["gap"]


def test_a_row_of_an_earlier_snapshot_that_comes_again_adds_nothing() -> None:
    trail = entries(a_snapshot_row(FIRST), a_change(FIRST, SECOND, offset=3), a_snapshot_row(FIRST))

    assert [entry["version"] for entry in trail] == [1, 2]


def test_a_change_that_a_snapshot_had_overtaken_is_no_gap() -> None:
    trail = entries(a_snapshot_row(SECOND), a_change(FIRST, SECOND, offset=3))

    assert rules(trail) == []
    assert same(fold(trail).state, SECOND)


def test_a_change_whose_image_was_lost_takes_it_from_the_trail_and_says_so() -> None:
    lost = replace(a_change(FIRST, SECOND, offset=3), before=None)

    trail = entries(a_change(None, FIRST), lost)

    assert trail[1]["before"] == FIRST
    assert trail[1]["alarm"] == {"code": "gap", "detail": "What it was before was not captured."}


def test_a_document_that_went_unseen_gets_an_entry_that_says_so() -> None:
    (created,) = entries(a_change(None, FIRST))

    gone = missing_entry(created, at=NOW)
    assert gone["captured_at"] > created["captured_at"] > NOW

    assert (gone["operation"], gone["before"], gone["after"]) == ("gap", FIRST, None)
    assert missing_entry(created, at=NOW + timedelta(days=1))["_id"] == gone["_id"]
    assert rules([created, gone]) == ["gap"]


def test_a_missing_entry_is_a_gap_in_the_fold() -> None:
    trail = entries(
        a_change(None, FIRST), a_change(FIRST, SECOND, offset=1), a_change(SECOND, THIRD, offset=2)
    )

    assert rules(trail) == []
    assert rules([trail[0], trail[2]]) == ["trail_gap"]
    assert rules(trail[1:]) == ["trail_gap"]


def test_a_live_document_that_differs_is_named_with_its_fields() -> None:
    (problem,) = compared("customers", "cus_ann", FIRST, {**FIRST, "status": "SUSPENDED"})

    assert (problem.id, problem.rule) == ("customers/cus_ann", "trail_differs")
    assert "status 'ACTIVE' → 'SUSPENDED'" in problem.detail


@given(st.data(), st.integers(1, 6))
def test_whatever_is_delivered_twice_or_snapshotted_the_trail_folds_to_the_last_version(
    data: st.DataObject, versions: int
) -> None:
    documents = [a_customer(number) for number in range(1, versions + 1)]
    changes = [
        a_change(before, after, offset=number)
        for number, (before, after) in enumerate(zip([None, *documents], documents, strict=False))
    ]
    arriving: list[Captured] = []
    for number, change in enumerate(changes):
        arriving.append(change)
        if data.draw(st.booleans()):  # the stream goes back and comes again
            arriving += changes[data.draw(st.integers(0, number)) : number + 1]
        if data.draw(st.booleans()):
            arriving.append(a_snapshot_row(documents[number], offset=100 + number))

    trail = entries(*arriving)

    assert [entry["version"] for entry in trail] == [document["version"] for document in documents]
    assert fold(trail).problems == []
    assert same(fold(trail).state, documents[-1])


def test_an_entry_of_a_whole_trail_needs_no_other_to_be_made() -> None:
    assert entry_of(a_change(FIRST, SECOND), last=None) == entry_of(
        a_change(FIRST, SECOND), last=entries(a_change(None, FIRST))[0]
    )
