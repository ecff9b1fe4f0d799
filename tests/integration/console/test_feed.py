"""The feed …"""

from typing import Any

import pytest
from pymongo.database import Database

from apps.console.feed import Feed, Superseded
from dpms_site.mongodb import Document
from tests.integration.console.builders import (
    a_record,
    an_order,
    completed,
    moved,
    record_of,
)


def events(database: Database[Document]) -> list[tuple[int, str, int]]:
    found = database["feed_events"].find(sort=[("_id", 1)])
    return [(event["_id"], event["order"], event["version"]) for event in found]


def test_numbers_changes_in_the_order_they_come(feed: Feed, database: Database[Document]) -> None:
    ann, bea = an_order(), an_order()

    numbered = feed.append([record_of(ann), record_of(bea), record_of(completed(ann))])

    assert numbered == 3
    assert events(database) == [(1, ann["_id"], 1), (2, bea["_id"], 1), (3, ann["_id"], 4)]


def test_holds_what_a_list_shows_of_the_order(feed: Feed, database: Database[Document]) -> None:
    order = completed(an_order(amount_minor=5, reference="Rent"))

    feed.append([record_of(order)])

    event: dict[str, Any] = database["feed_events"].find_one() or {}
    assert (event["status"], event["epoch"]) == ("COMPLETED", feed.epoch)
    assert event["changed_at"] == order["updated_at"]
    assert event["client"] == "cli_tests"
    assert event["row"] == {
        "id": order["_id"],
        "created_at": order["created_at"],
        "updated_at": order["updated_at"],
        "product": "zelle",
        "kind": "send",
        "payee_name": "Bea Castillo",
        "debtor": "cus_ann",
        "creditor": None,
        "payer": "cus_ann",
        "paid": "Bea Castillo",
        "alias": "bea@example.com",
        "reference": "Rent",
        "amount_minor": 5,
        "currency": "USD",
        "status": "COMPLETED",
        "iso_status": "ACCC",
        "reason": None,
        "sentence": "0.05 USD to Bea Castillo. Paid to Bea Castillo. Nothing more is due.",
        "final": True,
        "version": 4,
        "been": ["RECEIVED", "VALIDATED", "FUNDED"],
    }


def test_passes_over_a_record_that_comes_again(feed: Feed, database: Database[Document]) -> None:
    first = record_of(an_order())
    feed.append([first])

    again = feed.append([first, record_of(an_order()), first])

    assert again == 1
    assert [number for number, _, _ in events(database)] == [1, 2]


def test_takes_an_older_version_after_a_newer_one(feed: Feed, database: Database[Document]) -> None:
    order = an_order()
    feed.append([record_of(completed(order))])

    feed.append([record_of(order, operation="r")])

    assert events(database) == [(1, order["_id"], 4), (2, order["_id"], 1)]
    rows = [event["row"] for event in database["feed_events"].find(sort=[("_id", 1)])]
    assert [row.get("late", False) for row in rows] == [False, True]


def test_marks_what_comes_late_within_one_batch_too(
    feed: Feed, database: Database[Document]
) -> None:
    order = an_order()

    feed.append([record_of(completed(order)), record_of(order), record_of(an_order())])

    rows = [event["row"] for event in database["feed_events"].find(sort=[("_id", 1)])]
    assert [row.get("late", False) for row in rows] == [False, True, False]


def test_goes_on_where_the_last_leader_stopped(feed: Feed, database: Database[Document]) -> None:
    feed.append([record_of(an_order()), record_of(an_order())])
    following = Feed(database)

    following.take_over()
    following.append([record_of(an_order())])

    assert following.epoch == feed.epoch
    assert [number for number, _, _ in events(database)] == [1, 2, 3]


def test_begins_a_new_epoch_when_it_was_emptied(feed: Feed, database: Database[Document]) -> None:
    feed.append([record_of(an_order())])
    database["feed_events"].delete_many({})
    following = Feed(database)

    following.take_over()
    following.append([record_of(an_order())])

    assert following.epoch != feed.epoch
    assert [number for number, _, _ in events(database)] == [1]


def test_lets_only_one_of_two_leaders_write(feed: Feed, database: Database[Document]) -> None:
    rival = Feed(database)
    rival.take_over()
    ann, bea = record_of(an_order()), record_of(an_order())
    rival.append([ann])

    with pytest.raises(Superseded):
        feed.append([ann_and_more := record_of(an_order()), bea])

    assert len(events(database)) == 1
    feed.take_over()
    assert feed.append([ann, ann_and_more, bea]) == 2
    assert [number for number, _, _ in events(database)] == [1, 2, 3]


def test_keeps_what_it_cannot_read_as_a_dead_letter_and_goes_on(
    feed: Feed, database: Database[Document]
) -> None:
    no_order = {**completed(an_order())}
    del no_order["payee_name"]
    broken = [a_record(b"\xff\xfe{", offset=70_001), a_record(b'{"op": "?"}', offset=70_002)]

    numbered = feed.append([*broken, record_of(no_order), record_of(an_order())])

    assert numbered == 1
    letters = list(database["dead_letters"].find(sort=[("offset", -1)]))
    assert [letter["reason"] for letter in letters if letter["offset"] > 70_000] == [
        "not_a_change_event",
        "not_utf8",
    ]
    assert [letter["reason"] for letter in letters if letter["offset"] <= 70_000] == [
        "not_an_order"
    ]
    assert letters[1]["_id"] == "dpms.cdc.orders:0:70001"
    assert letters[1]["value"] == b"\xff\xfe{"
    assert {letter["flow"] for letter in letters} == {"bridge"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("version", "1"), ("amount_minor", "12"), ("created_at", "today"), ("currency", "ZZZ")],
)
def test_does_not_number_an_order_whose_field_is_odd(
    field: str, value: str, feed: Feed, database: Database[Document]
) -> None:
    odd = {**an_order(), field: value}

    assert feed.append([record_of(odd)]) == 0

    assert events(database) == []
    assert database["dead_letters"].count_documents({}) == 1


def test_writes_one_letter_for_a_record_that_comes_twice(
    feed: Feed, database: Database[Document]
) -> None:
    broken = a_record(b"no json")

    feed.append([broken])
    feed.append([broken])

    assert database["dead_letters"].count_documents({}) == 1


def test_tells_of_a_letter_before_it_goes_on(database: Database[Document]) -> None:
    told: list[Document] = []
    leader = Feed(database, tell_of_letter=told.append)
    leader.take_over()

    leader.append([a_record(b"no json"), record_of(an_order())])

    kept = database["dead_letters"].find_one() or {}
    assert [letter["_id"] for letter in told] == [kept["_id"]]
    assert told[0]["value"] == b"no json"


def test_passes_over_tombstones_and_deletions(feed: Feed, database: Database[Document]) -> None:
    numbered = feed.append([a_record(None), record_of(None, operation="d")])

    assert numbered == 0
    assert events(database) == []
    assert database["dead_letters"].count_documents({}) == 0


def test_has_a_head_that_counts_only_what_was_written(feed: Feed) -> None:
    order = an_order()

    feed.append([record_of(order), record_of(moved(order, "REJECTED", reason="AM04"))])
    feed.append([record_of(order)])

    assert feed.head == 2
