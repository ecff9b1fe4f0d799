"""verify_pipeline finds nothing when Kafka holds all of MongoDB, counts what came twice, and names the rest."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pymongo.database import Database

from apps.kernel.findings import Findings
from streaming.checks.captured import COLLECTION_OF
from streaming.checks.pipeline import PipelineCheck
from streaming.contracts.collections import CAPTURED
from streaming.kafka.reader import Record
from streaming.sor.element import AliasElement, CommandElement
from tests.integration.audit.capture import Capture
from tests.integration.sor.bank import Bank

Document = dict[str, Any]
Found = set[tuple[str, str]]


@dataclass
class Topics:
    """Kafka as capture leaves it of the changes that a test lets it see; one partition a topic."""

    db: Database[Document]
    capture: Capture = field(default_factory=Capture)
    images: dict[tuple[str, str], Document] = field(default_factory=dict)
    kept: list[Record] = field(default_factory=list)
    late: list[Record] = field(default_factory=list)
    read_to: int = 0

    def sees(self) -> None:
        """Every document that is not as it was last seen becomes a record of its change."""
        for collection in CAPTURED:
            for document in self.db[collection].find().sort("_id"):
                before = self.images.get((collection, document["_id"]))
                if before is None:
                    self.keeps(self.capture.created(collection, document))
                elif before != document:
                    self.keeps(self.capture.updated(collection, before, document))
                self.images[collection, document["_id"]] = document

    def sees_a_snapshot(self) -> None:
        for collection in CAPTURED:
            documents = list(self.db[collection].find().sort("_id"))
            for row in self.capture.snapshot(collection, *documents) if documents else []:
                self.keeps(row)

    def keeps(self, record: tuple[Any, ...], **fields: Any) -> None:
        key, value, topic, partition, offset = record
        self.kept.append(replace(Record(topic, partition, offset, key, value), **fields))

    def comes_again(self, record: Record) -> None:
        self.kept.append(self.moved_to_the_end(record))

    def moved_to_the_end(self, record: Record) -> Record:
        self.capture.offset += 1
        return replace(record, offset=self.capture.offset)

    def of(self, collection: str, entity: str) -> list[Record]:
        return [
            record
            for record in self.kept
            if COLLECTION_OF[record.topic] == collection and entity.encode() in (record.key or b"")
        ]

    def records(self) -> Iterable[Record]:
        """As the reader of Kafka gives them: first what is there, later what came since."""
        if self.read_to:
            self.kept += self.late
            self.late = []
        unread = self.kept[self.read_to :]
        self.read_to = len(self.kept)
        return unread


@pytest.fixture
def bank_with_topics(bank: Bank) -> tuple[Bank, Topics]:
    """Payments of each fate: paid, cancelled while it waited, claimed later, waiting; all of it captured."""
    topics = Topics(bank.db)
    bank.enrols("ann", "bob")
    bank.enrols("cid", alias="PENDING")
    orders = [
        bank.accepts("ord_paid"),
        bank.accepts("ord_cancelled", to="nobody"),
        bank.accepts("ord_claimed", to="cid"),
        bank.accepts("ord_waits", to="nobody"),
    ]
    topics.sees()
    bank.settles(*orders)
    topics.sees()
    bank.is_asked("cmd_1", "ord_cancelled")
    bank.activates("cid")
    topics.sees()
    bank.settles(CommandElement("cmd_1"), AliasElement("email:cid@example.com"))
    topics.sees()
    return bank, topics


def _checked(bank: Bank, topics: Topics, *, wait_seconds: float = 0) -> Findings:
    findings, check = Findings(), PipelineCheck(topics)
    check.read(findings)
    with bank.client.start_session(snapshot=True) as session:
        check.check(bank.db, session, findings, wait_seconds=wait_seconds)
    assert all(problem.detail for problem in findings.problems)
    return findings


def _named(findings: Findings) -> Found:
    return {(problem.id, problem.rule) for problem in findings.problems}


def test_a_whole_capture_has_no_problem(bank_with_topics: tuple[Bank, Topics]) -> None:
    bank, topics = bank_with_topics

    findings = _checked(bank, topics)

    assert bank.statuses(["ord_paid", "ord_cancelled", "ord_claimed", "ord_waits"]) == [
        *("COMPLETED", "CANCELLED", "COMPLETED", "AWAITING_CLAIM")
    ]
    assert findings.problems == []
    assert findings.checked["records"] == len(topics.kept)
    assert (findings.checked["orders"], findings.checked["duplicates"]) == (4, 0)


def test_what_capture_delivers_again_is_counted(
    bank_with_topics: tuple[Bank, Topics],
) -> None:
    bank, topics = bank_with_topics
    for record in list(topics.kept):
        topics.comes_again(record)

    findings = _checked(bank, topics)

    assert findings.problems == []
    assert findings.checked["duplicates"] == len(topics.kept) // 2


def test_a_snapshot_alone_covers_every_version(bank_with_topics: tuple[Bank, Topics]) -> None:
    bank, topics = bank_with_topics
    topics.kept.clear()
    topics.sees_a_snapshot()

    findings = _checked(bank, topics)

    assert findings.problems == []
    assert findings.checked["snapshot rows"] == len(topics.kept)


def test_a_change_older_than_a_snapshot_s_row_may_follow_it(
    bank_with_topics: tuple[Bank, Topics],
) -> None:
    bank, topics = bank_with_topics
    changes = list(topics.kept)
    topics.kept.clear()
    topics.sees_a_snapshot()
    for change in changes:
        topics.comes_again(change)

    assert _checked(bank, topics).problems == []


def test_a_version_that_kafka_never_got_is_named(bank_with_topics: tuple[Bank, Topics]) -> None:
    bank, topics = bank_with_topics
    topics.kept.remove(topics.of("orders", "ord_paid")[-1])
    topics.kept.remove(topics.of("entries", "ord_paid:4")[0])

    assert _named(_checked(bank, topics)) == {
        ("orders/ord_paid", "not_covered"),
        ("entries/ord_paid:4", "not_covered"),
    }


def test_what_is_on_its_way_is_waited_for(bank_with_topics: tuple[Bank, Topics]) -> None:
    bank, topics = bank_with_topics
    record = topics.of("orders", "ord_paid")[-1]
    topics.kept.remove(record)
    topics.late.append(topics.moved_to_the_end(record))

    assert _checked(bank, topics, wait_seconds=20).problems == []


def test_a_first_version_that_was_lost_is_covered_by_a_later_one(
    bank_with_topics: tuple[Bank, Topics],
) -> None:
    bank, topics = bank_with_topics
    topics.kept.remove(topics.of("orders", "ord_paid")[0])

    assert _checked(bank, topics).problems == []


def _changed(record: Record, **fields: Any) -> Record:
    """The record with other fields in its image after the change."""
    envelope = json.loads(record.value or b"")
    after = json.loads(envelope["after"])
    envelope["after"] = json.dumps({**after, **fields})
    envelope["source"]["ord"] += 1_000_000
    return replace(record, value=json.dumps(envelope).encode())


def test_a_version_that_mongodb_never_had_is_named(bank_with_topics: tuple[Bank, Topics]) -> None:
    bank, topics = bank_with_topics
    topics.comes_again(_changed(topics.of("orders", "ord_paid")[-1], version=9))

    assert _named(_checked(bank, topics)) == {("orders/ord_paid", "never_in_mongodb")}


def test_an_order_that_mongodb_never_had_is_named(bank_with_topics: tuple[Bank, Topics]) -> None:
    bank, topics = bank_with_topics
    ghost = {**bank.order("ord_paid"), "_id": "ord_ghost"}
    topics.keeps(topics.capture.created("orders", ghost))

    assert _named(_checked(bank, topics)) == {("orders/ord_ghost", "never_in_mongodb")}


def test_another_history_than_mongodb_s_is_named(bank_with_topics: tuple[Bank, Topics]) -> None:
    bank, topics = bank_with_topics
    step = {"$set": {"history.2.cause": "als_bob@1"}}
    bank.db.orders.update_one({"_id": "ord_paid"}, step)

    assert _named(_checked(bank, topics)) == {
        ("orders/ord_paid", "history_differs"),
        ("orders/ord_paid", "cause_once"),
    }


def test_two_records_that_tell_one_version_differently_are_named(
    bank_with_topics: tuple[Bank, Topics],
) -> None:
    bank, topics = bank_with_topics
    record = topics.of("orders", "ord_paid")[-1]
    history = json.loads(json.loads(record.value or b"")["after"])["history"]
    history[3]["status"] = "REJECTED"
    topics.comes_again(_changed(record, history=history))

    assert ("orders/ord_paid", "one_history") in _named(_checked(bank, topics))


def test_a_change_in_the_wrong_order_is_named(bank_with_topics: tuple[Bank, Topics]) -> None:
    bank, topics = bank_with_topics
    first = topics.of("orders", "ord_paid")[0]
    topics.kept.remove(first)
    topics.comes_again(first)

    assert _named(_checked(bank, topics)) == {("orders/ord_paid", "version_order")}


def test_a_key_that_is_not_the_document_and_a_second_partition_are_named(
    bank_with_topics: tuple[Bank, Topics],
) -> None:
    bank, topics = bank_with_topics
    record = topics.of("orders", "ord_paid")[0]
    topics.comes_again(replace(record, key=b'{"id": "\\"ord_other\\""}', partition=3))

    assert _named(_checked(bank, topics)) == {
        ("orders/ord_paid", "key_is_document"),
        ("orders/ord_paid", "one_partition"),
    }


def test_an_offset_that_comes_twice_is_named(bank_with_topics: tuple[Bank, Topics]) -> None:
    bank, topics = bank_with_topics
    record = topics.of("orders", "ord_paid")[-1]
    topics.kept.append(record)

    assert _named(_checked(bank, topics)) == {(record.place, "offset_once")}


def test_a_record_in_another_collection_s_topic_is_named(
    bank_with_topics: tuple[Bank, Topics],
) -> None:
    bank, topics = bank_with_topics
    record = topics.moved_to_the_end(topics.of("orders", "ord_paid")[-1])
    topics.kept.append(replace(record, topic="dpms.cdc.commands"))

    assert _named(_checked(bank, topics)) == {("orders/ord_paid", "topic_of_collection")}


def test_a_step_whose_command_is_not_in_kafka_is_named(
    bank_with_topics: tuple[Bank, Topics],
) -> None:
    bank, topics = bank_with_topics
    topics.kept.remove(topics.of("commands", "cmd_1")[0])

    assert _named(_checked(bank, topics)) == {
        ("orders/ord_cancelled", "cause_in_kafka"),
        ("commands/cmd_1", "not_covered"),
    }


def test_a_step_whose_alias_is_in_kafka_as_an_older_one_only_is_named(
    bank_with_topics: tuple[Bank, Topics],
) -> None:
    bank, topics = bank_with_topics
    topics.kept.remove(topics.of("aliases", "als_cid")[-1])

    assert _named(_checked(bank, topics)) == {
        ("orders/ord_claimed", "cause_in_kafka"),
        ("aliases/als_cid", "not_covered"),
    }


def test_what_no_flow_applied_is_named(bank_with_topics: tuple[Bank, Topics]) -> None:
    bank, topics = bank_with_topics
    bank.accepts("ord_new")
    bank.is_asked("cmd_2", "ord_waits")
    bank.enrols("nobody")
    topics.sees()

    assert _named(_checked(bank, topics)) == {
        ("orders/ord_new", "cause_applied"),
        ("commands/cmd_2", "cause_applied"),
        ("orders/ord_waits", "claim_missed"),
    }


def test_what_is_among_the_dead_letters_is_explained(bank_with_topics: tuple[Bank, Topics]) -> None:
    bank, topics = bank_with_topics
    bank.accepts("ord_new")
    bank.is_asked("cmd_2", "ord_waits")
    topics.sees()
    poison = topics.moved_to_the_end(Record("dpms.cdc.orders", 0, 0, b"key", b"\xff"))
    topics.kept.append(poison)
    names = ["send_money:ord_new", "send_money:cmd_2", poison.place]
    bank.db.dead_letters.insert_many([{"_id": name} for name in names])

    assert _checked(bank, topics).problems == []


def test_what_is_no_change_event_and_not_buried_is_named(
    bank_with_topics: tuple[Bank, Topics],
) -> None:
    bank, topics = bank_with_topics
    poison = topics.moved_to_the_end(Record("dpms.cdc.orders", 0, 0, b"key", b"\xff"))
    topics.kept.append(poison)

    assert _named(_checked(bank, topics)) == {(poison.place, "undecodable")}


def test_a_captured_deletion_explains_why_it_is_gone(bank_with_topics: tuple[Bank, Topics]) -> None:
    bank, topics = bank_with_topics
    order = bank.order("ord_waits")
    bank.db.orders.delete_one({"_id": "ord_waits"})

    assert _named(_checked(bank, topics)) == {("orders/ord_waits", "never_in_mongodb")}
    topics.read_to = 0
    topics.keeps(topics.capture.deleted("orders", order))
    assert _checked(bank, topics).problems == []
