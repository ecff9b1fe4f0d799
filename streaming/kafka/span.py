"""Topics read whole: from their beginning to where they end at the moment of asking, beside every consumer group."""

import logging
import time
from collections.abc import Iterable, Iterator
from types import TracebackType

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from streaming.kafka.reader import BATCH_MAX, Record, record_of

_librdkafka = logging.getLogger("librdkafka")
_TIMEOUT_SECONDS = 10.0
# A broker that answers nothing for so long does not answer.
_SILENT_SECONDS_MAX = 30.0

Place = tuple[str, int]


class Span:
    """Commits nothing and joins no group, so that it disturbs nobody and nobody moves its place.

    `records` may be asked again: it goes on where it stood. Raises KafkaException when Kafka does not answer or a topic
    is not there.
    """

    def __init__(self, *, bootstrap: str, topics: Iterable[str]) -> None:
        self._next: dict[Place, int] = {}
        self._topics = tuple(topics)
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                # librdkafka wants a name though no group is made: nothing is subscribed, stored or committed.
                "group.id": "dpms.verify",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "earliest",
                "enable.partition.eof": True,
                "allow.auto.create.topics": False,
            },
            logger=_librdkafka,
        )

    def __enter__(self) -> "Span":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._consumer.close()

    def records(self) -> Iterator[Record]:
        """Every record from where the last call ended (at first the beginning) to the ends of now."""
        ends = self._ends()
        unread = {place for place, end in ends.items() if self._next[place] < end}
        if not unread:
            return
        self._consumer.assign(
            [TopicPartition(*place, self._next[place]) for place in sorted(unread)]
        )
        heard_at = time.monotonic()
        while unread:
            for message in self._messages():
                heard_at = time.monotonic()
                place, record = self._taken(message)
                if record is not None and record.offset < ends[place]:
                    yield record
                if self._next[place] >= ends[place]:
                    unread.discard(place)
            if time.monotonic() - heard_at > _SILENT_SECONDS_MAX:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"no record of {unread}"))
        # What came beyond the ends is read anew by the next call.
        self._next = {place: min(at, ends[place]) for place, at in self._next.items()}

    def _messages(self) -> list[Message]:
        first = self._consumer.poll(1.0)
        if first is None:
            return []
        return [first, *self._consumer.consume(BATCH_MAX - 1, timeout=0)]

    def _taken(self, message: Message) -> tuple[Place, Record | None]:
        """Moves on past the message; at a partition's end there is no record in it."""
        error = message.error()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            raise KafkaException(error)
        record = record_of(message)
        place = record.topic, record.partition
        self._next[place] = record.offset + (error is None)
        return place, (record if error is None else None)

    def _ends(self) -> dict[Place, int]:
        ends: dict[Place, int] = {}
        for topic in self._topics:
            found = self._consumer.list_topics(topic, timeout=_TIMEOUT_SECONDS).topics[topic]
            if found.error is not None:
                raise KafkaException(found.error)
            for number in found.partitions:
                low, high = self._consumer.get_watermark_offsets(
                    TopicPartition(topic, number), timeout=_TIMEOUT_SECONDS
                )
                ends[topic, number] = high
                self._next.setdefault((topic, number), low)
        return ends
