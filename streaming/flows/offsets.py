"""Where a flow begins to read: its committed offsets, which are seeded once; later a missing one is an error."""

from confluent_kafka import Consumer, TopicPartition

from streaming.config import Config
from streaming.contracts.topics import topic_of
from streaming.flows.registry import Flow

_TIMEOUT_SECONDS = 20


class OffsetsMissing(RuntimeError):
    """Some partitions have a committed offset and some have none: something was lost, a person must look."""


def seed_offsets(config: Config, flow: Flow, *, again: bool = False) -> bool:
    """Commits the earliest offset of every partition if the group has none yet, or `again`. True when it did.

    Safe to repeat. Raises OffsetsMissing when only some partitions have one, unless all are to be read `again`.
    """
    consumer = Consumer({"bootstrap.servers": config.kafka_bootstrap, "group.id": flow.name})
    try:
        partitions = _partitions(consumer, flow)
        known = consumer.committed(partitions, timeout=_TIMEOUT_SECONDS)
        missing = [p for p in known if p.offset < 0]
        if missing and len(missing) < len(partitions) and not again:
            raise OffsetsMissing(f"group {flow.name} lacks the offsets of {missing}")
        if missing or again:
            starts = [_earliest(consumer, partition) for partition in partitions]
            consumer.commit(offsets=starts, asynchronous=False)
        return bool(missing) or again
    finally:
        consumer.close()


def _partitions(consumer: Consumer, flow: Flow) -> list[TopicPartition]:
    known = consumer.list_topics(timeout=_TIMEOUT_SECONDS).topics
    names = [topic_of(collection) for collection in flow.collections]
    return [TopicPartition(name, number) for name in names for number in known[name].partitions]


def _earliest(consumer: Consumer, partition: TopicPartition) -> TopicPartition:
    low, _ = consumer.get_watermark_offsets(partition, _TIMEOUT_SECONDS)
    return TopicPartition(partition.topic, partition.partition, low)
