"""A bank that is loaded past the platform is one that every checker accepts."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from apps.audit.management.commands.verify_audit import check_audit
from apps.ledger.management.commands.verify_ledger import check_ledger
from apps.transactions.management.commands.verify_idempotency import check_idempotency
from apps.transactions.management.commands.verify_orders import check_orders
from benchmarks.existing import NotEmpty, Place, load_orders
from streaming.prepare import INDEXES

Document = dict[str, Any]
ORDERS = 300
LIVE, AUDIT = "dpms_existing_tests", "dpms_existing_tests_audit"


@pytest.fixture
def place(mongod: str) -> Iterator[Place]:
    yield Place(mongod, mongod, LIVE, AUDIT)
    with MongoClient[Document](mongod) as client:
        client.drop_database(LIVE)
        client.drop_database(AUDIT)


def test_loaded_orders_are_final_and_every_checker_accepts_them(mongod: str, place: Place) -> None:
    load_orders(place, ORDERS, processes=1)

    with (
        MongoClient[Document](mongod, tz_aware=True) as client,
        client.start_session(snapshot=True) as one,
    ):
        db = client[LIVE]
        found = [
            check_orders(db, one, all_final=True),
            check_ledger(db, one),
            check_idempotency(db, one),
            check_audit(client[AUDIT].audit_entries, db, patience_seconds=0),
        ]
    assert [findings.problems for findings in found] == [[], [], [], []]
    assert [findings.checked.get("orders") for findings in found[:3]] == [ORDERS] * 3
    assert found[3].checked["entries"] > 4 * ORDERS


def test_a_second_load_into_the_same_bank_is_refused(mongod: str, place: Place) -> None:
    load_orders(place, 10, processes=1)

    with pytest.raises(NotEmpty):
        load_orders(place, 20, processes=1)

    with MongoClient[Document](mongod) as client:
        assert client[LIVE].orders.count_documents({}) == 10
        declared = {index.document["name"] for index in INDEXES["orders"]}
        assert client[LIVE].orders.index_information().keys() == {"_id_", *declared}
