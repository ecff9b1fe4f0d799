"""The recorder on a real MongoDB: nothing twice, nothing lost, whatever comes."""

from typing import Any

import pytest
from bson import Decimal128, ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from apps.audit.management.commands.verify_audit import check_audit
from streaming.flows.audit import missing
from streaming.flows.audit import recorder as recording
from streaming.flows.audit.recorder import AuditUnavailable, Recorder
from tests.integration.audit.capture import Capture
from tests.support.trail import a_customer, an_order

Document = dict[str, Any]


def problems(trail: Any, live: Database[Document]) -> list[tuple[str, str]]:
    findings = check_audit(trail, live, patience_seconds=0)
    return sorted((problem.id, problem.rule) for problem in findings.problems)


def test_a_batch_delivered_twice_is_in_the_trail_once(
    recorder: Recorder, trail: Any, live: Database[Document], capture: Capture
) -> None:
    records = [
        capture.created("customers", a_customer(1)),
        capture.updated("customers", a_customer(1), a_customer(2)),
    ]
    live.customers.insert_one(a_customer(2))

    recorder.record(records)
    recorder.record(records[1:])
    recorder.record(records)

    assert trail.count_documents({}) == 2
    assert problems(trail, live) == []


def test_a_transaction_s_changes_at_one_instant_are_all_there(
    recorder: Recorder, trail: Any, capture: Capture
) -> None:
    within: Document = {"txnNumber": 4, "lsid": "s1", "ord": 9}
    orders = [an_order(1), {**an_order(1), "_id": "ord_2"}]
    records = []
    for order in orders:
        records.append(
            capture.updated("orders", order, {**an_order(2), "_id": order["_id"]}, **within)
        )
        capture.now_ms -= 1

    recorder.record(records)

    assert trail.count_documents({"is_alarm": False}) == 2


def test_a_lost_position_heals_by_a_snapshot_that_says_what_was_missed(
    recorder: Recorder, trail: Any, live: Database[Document], capture: Capture
) -> None:
    ann, bob = a_customer(1), {**a_customer(1), "_id": "cus_bob"}
    recorder.record([capture.created("customers", ann), capture.created("customers", bob)])
    now = a_customer(3)
    live.customers.insert_many([now, {**a_customer(1), "_id": "cus_cy"}])

    rows = capture.snapshot("customers", now, {**a_customer(1), "_id": "cus_cy"})
    recorder.record(rows)
    recorder.record(rows)

    assert trail.count_documents({}) == 5
    assert problems(trail, live) == [("customers/cus_ann", "gap"), ("customers/cus_bob", "gap")]
    gone = trail.find_one({"entity": "cus_bob", "operation": "gap"})
    assert (gone["before"]["_id"], gone["after"]) == ("cus_bob", None)


def test_the_end_of_a_snapshot_names_what_is_gone_however_the_trail_is_cut_into_batches(
    recorder: Recorder,
    trail: Any,
    live: Database[Document],
    capture: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(missing, "_BATCH", 2)
    monkeypatch.setattr(missing, "_CHUNK", 2)
    names = [f"cus_{number}" for number in range(5)]
    first = [{**a_customer(1), "_id": name} for name in names]
    second = [{**a_customer(2), "_id": name} for name in names]
    recorder.record([capture.created("customers", each) for each in first])
    recorder.record(
        [
            capture.updated("customers", before, after)
            for before, after in zip(first, second, strict=True)
        ]
    )
    standing = [each for each in second if each["_id"] != "cus_3"]
    live.customers.insert_many(standing)

    recorder.record(capture.snapshot("customers", *standing))

    gone = trail.find({"operation": "gap"})
    assert [(each["entity"], each["version"]) for each in gone] == [("cus_3", 2)]


def test_a_change_that_comes_again_before_a_snapshot_is_not_taken_for_the_newest(
    recorder: Recorder, trail: Any, live: Database[Document], capture: Capture
) -> None:
    """A lost tail of the topic is sent again, and behind it lies a snapshot: the trail knows all of it."""
    records = [
        capture.created("customers", a_customer(1)),
        capture.updated("customers", a_customer(1), a_customer(2)),
    ]
    live.customers.insert_one(a_customer(2))
    recorder.record(records)

    recorder.record([records[0], *capture.snapshot("customers", a_customer(2))])

    assert trail.count_documents({}) == 2
    assert trail.count_documents({"is_alarm": True}) == 0
    assert problems(trail, live) == []


def test_a_write_by_hand_is_named_with_what_it_changed(
    recorder: Recorder, trail: Any, live: Database[Document], capture: Capture
) -> None:
    forged = an_order(1, amount_minor=999_999)
    recorder.record(
        [capture.created("orders", an_order(1)), capture.updated("orders", an_order(1), forged)]
    )
    live.orders.insert_one(forged)

    assert problems(trail, live) == [("orders/ord_1", "out_of_band")]
    entry = trail.find_one({"is_alarm": True})
    assert entry["changed"] == ["amount_minor"]
    assert (entry["before"]["amount_minor"], entry["after"]["amount_minor"]) == (1_000, 999_999)
    assert entry["actor"] == {"kind": "unknown", "id": "out of band"}


def test_types_that_the_platform_never_writes_are_kept_as_they_are(
    recorder: Recorder, trail: Any, live: Database[Document], capture: Capture
) -> None:
    odd = {
        "_id": ObjectId(),
        "a": 1.5,
        "b": b"\x00\xff",
        "c": Decimal128("1.10"),
        "d": float("nan"),
    }

    assert recorder.record([capture.created("customers", odd)]) == []
    live.customers.insert_one(odd)

    assert problems(trail, live) == [(f"customers/{odd['_id']}", "out_of_band")]


@pytest.mark.parametrize(
    "value", [b"\xff\xfe", b"null", b"{}", b'{"op": "c", "source": {"collection": "other"}}']
)
def test_what_cannot_be_decoded_is_a_dead_letter_and_the_rest_goes_on(
    recorder: Recorder, trail: Any, live: Database[Document], capture: Capture, value: bytes
) -> None:
    good = capture.created("customers", a_customer(1))
    bad = (b"k", value, "dpms.cdc.customers", 2, 77)

    letters = recorder.record([bad, good])
    recorder.record([bad, good])

    assert [letter["_id"] for letter in letters] == ["dpms.cdc.customers:2:77"]
    kept = live.dead_letters.find_one({"_id": "dpms.cdc.customers:2:77"})
    assert kept is not None
    assert (kept["value"], kept["flow"]) == (value, "audit")
    assert trail.count_documents({}) == 1


def test_an_entry_that_mongodb_refuses_is_a_dead_letter_and_the_others_are_written(
    recorder: Recorder, trail: Any, capture: Capture
) -> None:
    deep: Any = 1
    for _ in range(
        198
    ):  # an entry holds the document one level further in than the document itself
        deep = {"in": deep}
    records = [
        capture.created("customers", a_customer(1)),
        capture.created("payees", {"_id": "pay_1", "in": deep}),
        capture.updated("customers", a_customer(1), a_customer(2)),
    ]

    letters = recorder.record(records)

    assert [letter["reason"] for letter in letters] == ["unwritable"]
    assert [entry["version"] for entry in trail.find().sort("version")] == [1, 2]


def test_the_checker_names_what_is_live_without_a_trail_and_the_other_way_round(
    recorder: Recorder, trail: Any, live: Database[Document], capture: Capture
) -> None:
    recorder.record([capture.created("customers", a_customer(1))])
    live.payees.insert_one({"_id": "pay_1"})

    assert problems(trail, live) == [
        ("customers/cus_ann", "not_live"),
        ("payees/pay_1", "not_in_trail"),
    ]


def test_the_checker_names_a_missing_entry_and_a_field_that_differs(
    recorder: Recorder, trail: Any, live: Database[Document], capture: Capture
) -> None:
    recorder.record(
        [
            capture.created("customers", a_customer(1)),
            capture.updated("customers", a_customer(1), a_customer(2)),
            capture.updated("customers", a_customer(2), a_customer(3)),
        ]
    )
    live.customers.insert_one(a_customer(3, status="SUSPENDED"))
    trail.delete_one({"version": 2})

    assert problems(trail, live) == [
        ("customers/cus_ann", "trail_differs"),
        ("customers/cus_ann", "trail_gap"),
    ]


def test_an_entry_that_no_majority_has_is_never_called_recorded(
    recorder: Recorder,
    trail: Any,
    capture: Capture,
    flow_client: MongoClient[Document],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The offsets behind it would move on, and another primary would never hear of the change."""
    monkeypatch.setattr(recording, "OUTAGE_SECONDS", 0.3)
    records = [capture.created("customers", a_customer(1))]
    unsure = {"code": 64, "errmsg": "waiting for replication timed out"}
    fail = {"configureFailPoint": "failCommand"}
    data = {"failCommands": ["insert"], "appName": "dpms-flow", "writeConcernError": unsure}
    flow_client.admin.command({**fail, "mode": "alwaysOn", "data": data})
    try:
        with pytest.raises(AuditUnavailable):
            recorder.record(records)
    finally:
        flow_client.admin.command({**fail, "mode": "off"})

    assert recorder.record(records) == []

    assert trail.count_documents({}) == 1
