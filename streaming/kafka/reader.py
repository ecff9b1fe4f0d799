"""Poll, handle, commit: reads topics at least once for a process whose effect lies outside Kafka."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import cast

import structlog
from confluent_kafka import (
    OFFSET_STORED,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from apps.kernel.failpoint import failpoint

log = structlog.get_logger(__name__)
# librdkafka writes a line for every attempt to connect; the reader says once what is wrong.
_librdkafka = logging.getLogger("librdkafka")
_librdkafka.setLevel(logging.CRITICAL)

# One round handles at most this many records, so that a backlog is worked off in bounded steps.
BATCH_MAX = 500
# A topic may gain partitions while a process runs; nobody else would read them.
METADATA_SECONDS = 30.0
METADATA_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True)
class Record:
    """One record as it lies in Kafka; `value` is None for a tombstone."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None

    @property
    def place(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"


class Reader:
    """Every partition of `topics`, from the offsets that `group` committed, else from the beginning.

    The partitions are assigned by hand and not by group membership: the caller's lease decides who reads, and a killed
    member would keep its partitions for the whole session time-out of the group (45 s by default).
    """

    def __init__(self, *, bootstrap: str, group: str, topics: Iterable[str]) -> None:
        self._topics = tuple(topics)
        self._assigned: set[tuple[str, int]] = set()
        self._metadata_due = 0.0
        self._is_cut_off = False
        self._polled: dict[tuple[str, int], int] = {}
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": group,
                "client.id": group,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "earliest",
                "allow.auto.create.topics": False,
                "socket.keepalive.enable": True,
                "error_cb": self._outage,
            },
            logger=_librdkafka,
        )

    def __enter__(self) -> "Reader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._consumer.close()

    def poll(self, *, seconds: float) -> list[Record]:
        """The records that are there, after waiting at most `seconds` for a first one."""
        self._assign_when_due()
        first = self._consumer.poll(seconds)
        if first is None:
            return []
        self._is_cut_off = False
        # consume() with a time-out would wait for a full batch; with none it takes what has arrived.
        rest = self._consumer.consume(BATCH_MAX - 1, timeout=0)
        records = [record_of(message) for message in (first, *rest) if _is_record(message)]
        self._polled = {(each.topic, each.partition): each.offset + 1 for each in records}
        return records

    def _outage(self, error: KafkaError) -> None:
        """librdkafka goes on trying by itself; said once until records come again."""
        if not self._is_cut_off:
            log.warning("kafka_unreachable", error=str(error))
        self._is_cut_off = True

    def commit(self) -> None:
        """Remembers the last poll's records as done; a lost commit only means that they are read again.

        The offsets are named: left to the client, it would send those it has read when the commit leaves, and by then
        it may have read the next batch, which nobody has handled yet.
        """
        done = [TopicPartition(*place, offset) for place, offset in self._polled.items()]
        if done:
            self._consumer.commit(offsets=done, asynchronous=True)

    def _assign_when_due(self) -> None:
        if time.monotonic() < self._metadata_due:
            return
        found = {place for topic in self._topics for place in self._partitions(topic)}
        added = found - self._assigned
        if added:
            self._consumer.incremental_assign(
                [TopicPartition(topic, number, OFFSET_STORED) for topic, number in sorted(added)]
            )
            self._assigned |= added
            log.info("partitions_assigned", partitions=sorted(added))
        # A topic that is not there yet is looked for again soon.
        self._metadata_due = time.monotonic() + (METADATA_SECONDS if self._assigned else 1.0)

    def _partitions(self, topic: str) -> list[tuple[str, int]]:
        metadata = self._consumer.list_topics(topic, timeout=METADATA_TIMEOUT_SECONDS)
        found = metadata.topics[topic]
        if found.error is not None:
            log.warning("topic_not_readable", topic=topic, error=str(found.error))
            return []
        return [(topic, number) for number in found.partitions]


def run(
    reader: Reader,
    handle: Callable[[Sequence[Record]], None],
    *,
    keep_going: Callable[[], bool],
    poll_seconds: float = 0.25,
) -> None:
    """Handles batches until `keep_going` says no.

    1. Poll. 2. `handle` makes the effect. 3. Commit. An error in step 2 leaves the offsets where they were, so the same
    records come again to the next reader: `handle` must be safe to repeat.
    """
    while keep_going():
        records = reader.poll(seconds=poll_seconds)
        if records:
            handle(records)
            failpoint("reader.before_commit")
            reader.commit()
            failpoint("reader.after_commit")


_PASSING = frozenset(
    {
        KafkaError._PARTITION_EOF,
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
    }
)


def _is_record(message: Message) -> bool:
    error = message.error()
    if error is None:
        return True
    # librdkafka reconnects by itself. It does not ask again for committed offsets that a coordinator refused just after
    # a restart: the partition would be read never more, so whatever is not about the connection ends this reader.
    if error.fatal() or error.code() not in _PASSING:
        raise KafkaException(error)
    if error.code() != KafkaError._PARTITION_EOF:
        log.warning("kafka_not_readable", error=str(error))
    return False


def record_of(message: Message) -> Record:
    # The stubs know messages without a place too; one that was read always has it, and its bytes as bytes.
    return Record(
        topic=str(message.topic()),
        partition=cast(int, message.partition()),
        offset=cast(int, message.offset()),
        key=message.key(),
        value=message.value(),
    )
