"""Changes of captured collections reach their topics by the real connector: all of them, in order, with both images."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # exported without __all__
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)
from pymongo import MongoClient
from pymongo.database import Database

from streaming.capture import install
from streaming.capture.connector import NAME, connector_config
from streaming.config import Config, load
from streaming.contracts.envelope import Change, decode_change
from streaming.contracts.topics import declared, topic_of
from streaming.kafka.admin import TopicsDiffer, ensure_topics
from streaming.prepare import prepare
from tests.support.waiting import wait_until

PROJECT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Capture:
    """MongoDB, Kafka and Connect of a stack without the rest."""

    config: Config
    db: Database[dict[str, Any]]

    def devstack(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "devstack", command, "--dir", str(self.config.dir)]
        return subprocess.run(
            [*argv, *arguments],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def pid(self, name: str) -> int:
        status = json.loads(self.devstack("status", "--json").stdout)
        (found,) = [part for part in status["components"] if part["name"] == name]
        return int(found["pid"])

    def changes(
        self, collection: str, identifier: str, count: int, seconds: float = 60
    ) -> list[Change]:
        """The first `count` changes of one document, in the order of the topic.

        Rows of a snapshot do not count: another test may just have made the connector read everything again.
        """
        topic = topic_of(collection)
        consumer = Consumer(
            {"bootstrap.servers": self.config.kafka_bootstrap, "group.id": "capture-tests"}
        )
        try:
            partitions = range(self.config.topic_partitions)
            consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
            found: list[Change] = []
            deadline = time.monotonic() + seconds
            while len(found) < count and time.monotonic() < deadline:
                for message in consumer.consume(500, timeout=0.2):
                    assert message.error() is None
                    change = decode_change(message.key(), message.value() or b"")
                    is_wanted = change.id == identifier and change.operation != "r"
                    found += [change] if is_wanted else []
            return found
        finally:
            consumer.close()


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Capture]:
    directory = tmp_path_factory.mktemp("capture")
    parts = ("--only", "mongod,kafka,connect", "--skip", "migrate,sandbox")
    argv = [sys.executable, "-m", "devstack", "up", "--detach", "--dir", str(directory), *parts]
    up = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    assert up.returncode == 0, up.stdout
    config = load({"DPMS_DIR": str(directory)})
    with MongoClient[dict[str, Any]](config.mongodb_uri, tz_aware=True) as client:
        made = Capture(config=config, db=client[config.mongodb_database])
        wait_until(lambda: _streams(made), 60, "the first snapshot is over")
        yield made
        made.devstack("down")


def _streams(capture: Capture) -> bool:
    """What is written before or during the first snapshot may come as a row of it, not as a change."""
    capture.db.commands.update_one({"_id": "cmd_marker"}, {"$inc": {"step": 1}}, upsert=True)
    return bool(capture.changes("commands", "cmd_marker", 1, seconds=1))


def test_every_version_of_a_document_comes_with_both_images(capture: Capture) -> None:
    capture.db.commands.insert_one({"_id": "cmd_versions", "step": 0})
    for step in range(1, 7):
        capture.db.commands.update_one({"_id": "cmd_versions"}, {"$set": {"step": step}})
    capture.db.commands.delete_one({"_id": "cmd_versions"})

    changes = capture.changes("commands", "cmd_versions", 8)

    assert [change.operation for change in changes] == ["c", *"uuuuuu", "d"]
    steps = [(change.before or {}).get("step") for change in changes]
    assert steps == [None, 0, 1, 2, 3, 4, 5, 6]
    assert [(change.after or {}).get("step") for change in changes] == [*range(7), None]


def test_changes_of_one_transaction_name_it(capture: Capture) -> None:
    with capture.db.client.start_session() as session, session.start_transaction():
        capture.db.commands.insert_one({"_id": "cmd_together"}, session=session)
        capture.db.outcomes.insert_one({"_id": "cmd_together"}, session=session)

    (command,) = capture.changes("commands", "cmd_together", 1)
    (outcome,) = capture.changes("outcomes", "cmd_together", 1)

    transaction = (command.source["lsid"], command.source["txnNumber"])
    assert None not in transaction
    assert transaction == (outcome.source["lsid"], outcome.source["txnNumber"])


def test_what_happens_while_connect_is_dead_comes_afterwards(capture: Capture) -> None:
    capture.db.commands.insert_one({"_id": "cmd_outage", "step": 0})
    capture.changes("commands", "cmd_outage", 1)
    before = capture.pid("connect")
    os.kill(before, 9)
    for step in range(1, 4):
        capture.db.commands.update_one({"_id": "cmd_outage"}, {"$set": {"step": step}})

    changes = capture.changes("commands", "cmd_outage", 4, seconds=120)

    assert capture.pid("connect") != before
    seen = dict.fromkeys((change.after or {})["step"] for change in changes)
    assert list(seen) == [0, 1, 2, 3]


def test_connector_that_somebody_changed_is_put_right(capture: Capture) -> None:
    wrong = {**connector_config(capture.config), "collection.include.list": "dpms.sessions"}
    install._ask(capture.config, "PUT", f"/connectors/{NAME}/config", wrong)

    install.install(capture.config)

    now = install._ask(capture.config, "GET", f"/connectors/{NAME}/config")
    assert now == {**connector_config(capture.config), "name": NAME}
    state = install.check(capture.config)
    assert state is not None
    assert state.is_running


def test_failed_task_is_restarted_by_the_stack(capture: Capture) -> None:
    """A transformation that wants a field that no record has makes the task fail at the first record."""
    broken = {
        **connector_config(capture.config),
        "transforms": "name,broken",
        "transforms.broken.type": "org.apache.kafka.connect.transforms.ValueToKey",
        "transforms.broken.fields": "no_such_field",
    }
    install._ask(capture.config, "PUT", f"/connectors/{NAME}/config", broken)
    capture.db.commands.insert_one({"_id": "cmd_breaks"})

    def log_says_so() -> bool:
        return "had failed and was restarted" in capture.devstack("logs", "stack").stdout

    try:
        wait_until(log_says_so, 90, "the stack restarted a failed task")
    finally:
        install.install(capture.config)
    assert len(capture.changes("commands", "cmd_breaks", 1)) == 1


def test_topics_are_as_declared_and_no_other_is_made_by_use(capture: Capture) -> None:
    admin = AdminClient({"bootstrap.servers": capture.config.kafka_bootstrap})
    capture.db.leases.insert_one({"_id": "left-out"})
    admin.list_topics("dpms.cdc.never_declared", timeout=10)

    topics = admin.list_topics(timeout=10).topics

    wanted = {topic.name: topic.partitions for topic in declared(capture.config)}
    ours = {name: len(topic.partitions) for name, topic in topics.items() if "dpms" in name}
    assert ours == wanted


def test_preparing_again_creates_and_changes_nothing(capture: Capture) -> None:
    prepare(capture.config)

    assert ensure_topics(capture.config.kafka_bootstrap, declared(capture.config)) == []


def test_other_partition_count_is_refused_loudly(capture: Capture) -> None:
    more = replace(capture.config, topic_partitions=capture.config.topic_partitions + 1)

    with pytest.raises(TopicsDiffer, match=r"dpms\.cdc\.orders has 4 partitions, declared are 5"):
        ensure_topics(capture.config.kafka_bootstrap, declared(more))

    admin = AdminClient({"bootstrap.servers": capture.config.kafka_bootstrap})
    assert len(admin.list_topics(timeout=10).topics["dpms.cdc.orders"].partitions) == 4


def test_setting_that_somebody_changed_is_mended(capture: Capture) -> None:
    _set(capture.config, topic_of("orders"), "min.compaction.lag.ms", "1")

    ensure_topics(capture.config.kafka_bootstrap, declared(capture.config))

    assert _get(capture.config, topic_of("orders"), "min.compaction.lag.ms") == "604800000"


def test_other_clean_up_policy_is_refused_loudly(capture: Capture) -> None:
    _set(capture.config, topic_of("orders"), "cleanup.policy", "delete")
    try:
        with pytest.raises(TopicsDiffer, match=r"orders has cleanup\.policy delete"):
            ensure_topics(capture.config.kafka_bootstrap, declared(capture.config))

        assert _get(capture.config, topic_of("orders"), "cleanup.policy") == "delete"
    finally:
        _set(capture.config, topic_of("orders"), "cleanup.policy", "compact")


def _set(config: Config, topic: str, name: str, value: str) -> None:
    admin = AdminClient({"bootstrap.servers": config.kafka_bootstrap})
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    changed = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    for done in admin.incremental_alter_configs([changed]).values():
        done.result(20)


def _get(config: Config, topic: str, name: str) -> str:
    admin = AdminClient({"bootstrap.servers": config.kafka_bootstrap})
    (found,) = admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]).values()
    return str(found.result(20)[name].value)
