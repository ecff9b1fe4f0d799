"""What the streams stand on is prepared completely, checked, and the same however often it is done."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import ASCENDING, MongoClient
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, OperationFailure

from streaming.contracts.collections import CAPTURED
from streaming.prepare import (
    IMAGES_KEPT_SECONDS,
    INDEXES,
    prepare_audit_database,
    prepare_database,
)


@pytest.fixture
def db(mongod: str) -> Iterator[Database[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](mongod) as client:
        yield client["prepared"]
        client.drop_database("prepared")


def images(db: Database[dict[str, Any]], name: str) -> bool:
    (found,) = db.list_collections(filter={"name": name})
    return bool(found["options"].get("changeStreamPreAndPostImages", {}).get("enabled"))


def test_gives_images_to_every_captured_collection_and_to_no_other(
    db: Database[dict[str, Any]],
) -> None:
    prepare_database(db)

    with_images = {name for name in db.list_collection_names() if images(db, name)}
    assert with_images == set(CAPTURED)


def test_gives_images_to_a_collection_that_somebody_else_made(
    db: Database[dict[str, Any]],
) -> None:
    db.create_collection("customers")

    prepare_database(db)

    assert images(db, "customers")


def test_keeps_images_longer_than_the_longest_outage_planned_for(
    db: Database[dict[str, Any]],
) -> None:
    prepare_database(db)

    answer = db.client.admin.command("getClusterParameter", "changeStreamOptions")
    (parameter,) = answer["clusterParameters"]
    assert parameter["preAndPostImages"]["expireAfterSeconds"] == IMAGES_KEPT_SECONDS


def test_is_the_same_the_second_time(db: Database[dict[str, Any]]) -> None:
    prepare_database(db)
    first = {name: db[name].index_information() for name in db.list_collection_names()}

    prepare_database(db)

    assert {name: db[name].index_information() for name in db.list_collection_names()} == first


def test_makes_every_index_that_is_declared(db: Database[dict[str, Any]]) -> None:
    prepare_database(db)

    declared = {(name, index.document["name"]) for name in INDEXES for index in INDEXES[name]}
    found = {(name, index) for name in INDEXES for index in db[name].index_information()}
    assert found == declared | {(name, "_id_") for name in INDEXES}


def test_drops_an_index_that_another_one_replaced(db: Database[dict[str, Any]]) -> None:
    db.entries.create_index([("lines.account", ASCENDING), ("at", -1)], name="account_newest")

    prepare_database(db)

    assert set(db.entries.index_information()) == {"_id_", "account_lines", "order"}


def test_drops_the_trail_s_index_on_the_order_of_recording(db: Database[dict[str, Any]]) -> None:
    db.audit_entries.create_index([("entity", ASCENDING), ("n", ASCENDING)], name="entity")

    prepare_audit_database(db)

    found = set(db.audit_entries.index_information())
    assert found == {"_id_", "entity_captured", "newest", "order", "alarms"}


def test_index_of_the_same_name_on_other_fields_is_an_error(db: Database[dict[str, Any]]) -> None:
    db.commands.create_index([("something_else", ASCENDING)], name="order")

    with pytest.raises(OperationFailure, match="order"):
        prepare_database(db)

    assert db.commands.index_information()["order"]["key"] == [("something_else", ASCENDING)]


def test_feed_refuses_the_same_version_of_an_order_twice(db: Database[dict[str, Any]]) -> None:
    prepare_database(db)
    db.feed_events.insert_one({"_id": 1, "order": "ord_a", "version": 1})

    with pytest.raises(DuplicateKeyError):
        db.feed_events.insert_one({"_id": 2, "order": "ord_a", "version": 1})

    assert db.feed_events.count_documents({}) == 1
