"""How far capture has written and a flow has read: two sums of offsets that grow as long as anything moves."""

from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaException, TopicPartition

_TIMEOUT_SECONDS = 10


class Progress:
    """Of some topics the ends, and of one group what it committed. Joins no group and commits nothing."""

    def __init__(self, bootstrap: str, group: str, topics: Iterable[str]) -> None:
        self._topics = list(topics)
        self._consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False}
        )

    def close(self) -> None:
        self._consumer.close()

    def position(self) -> tuple[int, int] | None:
        """Written and read, in records; None while Kafka does not say."""
        try:
            known = self._consumer.list_topics(timeout=_TIMEOUT_SECONDS).topics
            places = [
                TopicPartition(name, number)
                for name in self._topics
                if name in known
                for number in known[name].partitions
            ]
            committed = self._consumer.committed(places, timeout=_TIMEOUT_SECONDS)
            ends = [self._consumer.get_watermark_offsets(p, _TIMEOUT_SECONDS)[1] for p in places]
        except KafkaException:
            return None
        return sum(ends), sum(max(0, place.offset) for place in committed)
