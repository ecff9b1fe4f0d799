"""Topics as declared: what is missing is created, what differs is mended or refused."""

import time
from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # exported without __all__
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from streaming.contracts.topics import DEAD_LETTERS, Topic

TIMEOUT_SECONDS = 30


class TopicsDiffer(RuntimeError):
    """A topic is not as declared in a way that cannot be changed under its readers."""


def ensure_topics(bootstrap: str, topics: Iterable[Topic]) -> list[str]:
    """Create what is missing and return its names. Raises TopicsDiffer. Safe to repeat and to run twice at once."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    wanted = {topic.name: topic for topic in topics}
    present = admin.list_topics(timeout=TIMEOUT_SECONDS).topics
    missing = [topic for name, topic in wanted.items() if name not in present]
    _create(admin, missing)
    existing = [topic for name, topic in wanted.items() if name in present]
    differences = [
        f"{topic.name} has {len(present[topic.name].partitions)} partitions, declared are {topic.partitions}"
        for topic in existing
        if len(present[topic.name].partitions) != topic.partitions
    ]
    differences += _mend_settings(admin, existing)
    if differences:
        raise TopicsDiffer("; ".join(differences))
    return [topic.name for topic in missing]


def wait_for_offsets(bootstrap: str) -> None:
    """Wait until the broker keeps offsets of groups: a new one makes the topic for them at the first question."""
    # A question by a group, not by the admin client, whose list_consumer_group_offsets crashes the process
    # (librdkafka 2.16) when the broker answers that it is no coordinator.
    asker = Consumer({"bootstrap.servers": bootstrap, "group.id": "dpms-prepare"})
    deadline = time.monotonic() + TIMEOUT_SECONDS
    try:
        while True:
            try:
                asker.committed([TopicPartition(DEAD_LETTERS, 0)], timeout=TIMEOUT_SECONDS)
            except (
                KafkaException
            ):  # NOT_COORDINATOR and its like, which call themselves not retriable.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return
    finally:
        asker.close()


def _create(admin: AdminClient, topics: list[Topic]) -> None:
    if not topics:
        return
    asked = [
        NewTopic(
            topic.name,
            num_partitions=topic.partitions,
            replication_factor=topic.replication,
            config=topic.settings,
        )
        for topic in topics
    ]
    for future in admin.create_topics(asked).values():
        try:
            future.result(TIMEOUT_SECONDS)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise


def _mend_settings(admin: AdminClient, topics: list[Topic]) -> list[str]:
    """Bring settings to their declared values; returns the differences that may not be changed."""
    if not topics:
        return []
    by_name = {topic.name: topic for topic in topics}
    asked = [ConfigResource(ResourceType.TOPIC, name) for name in by_name]
    refused, mended = [], []
    for resource, future in admin.describe_configs(asked).items():
        found = {name: entry.value for name, entry in future.result(TIMEOUT_SECONDS).items()}
        changed = {
            name: value
            for name, value in by_name[resource.name].settings.items()
            if found.get(name) != value
        }
        if "cleanup.policy" in changed:
            refused.append(
                f"{resource.name} has cleanup.policy {found.get('cleanup.policy')}, "
                f"declared is {changed['cleanup.policy']}"
            )
        elif changed:
            mended.append(_alteration(resource.name, changed))
    if mended:
        for altered in admin.incremental_alter_configs(mended).values():
            altered.result(TIMEOUT_SECONDS)
    return refused


def _alteration(topic: str, settings: dict[str, str]) -> ConfigResource:
    entries = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        for name, value in settings.items()
    ]
    return ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
