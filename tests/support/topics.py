"""Kafka topics of a running stack, read and written as any other program could."""

from collections.abc import Callable
from dataclasses import dataclass

from confluent_kafka import (
    Consumer,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from streaming.contracts.topics import RECORD_BYTES_MAX
from tests.support.waiting import wait_until


@dataclass(frozen=True)
class Place:
    """Where a record is."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"


def produce(
    kafka: str, topic: str, *, key: bytes, value: bytes | None, partition: int = -1
) -> Place:
    """One record, acknowledged, by default in the partition where Kafka Connect puts its key; says where it went."""
    places: list[Place] = []

    def on_delivery(error: object, message: Message) -> None:
        assert error is None, error
        places.append(Place(topic, int(message.partition() or 0), int(message.offset() or 0)))

    producer = Producer(
        {
            "bootstrap.servers": kafka,
            "acks": "all",
            "message.max.bytes": RECORD_BYTES_MAX,
            "partitioner": "murmur2_random",
        }
    )
    producer.produce(topic, key=key, value=value, partition=partition, on_delivery=on_delivery)
    producer.flush(30)
    return places[0]


def read(kafka: str, topic: str, wanted: Callable[[Message], bool]) -> list[Message]:
    """All records of the topic, as far as it goes now, that are `wanted`."""
    consumer = Consumer(
        {"bootstrap.servers": kafka, "group.id": "tests.read", "enable.auto.commit": False}
    )
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        found: list[Message] = []
        for partition in partitions:
            found += _read_partition(consumer, TopicPartition(topic, partition, 0), wanted)
        return found
    finally:
        consumer.close()


def _read_partition(
    consumer: Consumer, start: TopicPartition, wanted: Callable[[Message], bool]
) -> list[Message]:
    low, high = consumer.get_watermark_offsets(start, timeout=10)
    found: list[Message] = []
    if low == high:
        return found
    consumer.assign([TopicPartition(start.topic, start.partition, low)])
    while True:
        message = consumer.poll(10)
        assert message is not None, f"nothing to read in {start} before {high}"
        if message.error():
            raise KafkaException(message.error())
        if wanted(message):
            found.append(message)
        if int(message.offset() or 0) >= high - 1:
            return found


def wait_consumed(kafka: str, group: str, place: Place, *, seconds: float = 60) -> None:
    """Wait until the group has committed past `place`: its record has been handled.

    A consumer that never joins asks for the group's offsets: the admin client's own call ends the process when the
    coordinator is away (librdkafka 2.16.1).
    """
    reader = Consumer({"bootstrap.servers": kafka, "group.id": group, "enable.auto.commit": False})

    def is_past() -> bool:
        try:
            (committed,) = reader.committed(
                [TopicPartition(place.topic, place.partition)], timeout=10
            )
        except KafkaException:
            return False
        return bool(committed.error is None and committed.offset > place.offset)

    try:
        wait_until(is_past, seconds, f"{group} is past {place}")
    finally:
        reader.close()
