"""Every Kafka topic of the platform, declared once: created and checked from here, never made by use."""

from dataclasses import dataclass, field

from streaming.config import Config
from streaming.contracts.collections import CAPTURED

PREFIX = "dpms.cdc"
DEAD_LETTERS = "dpms.dead_letters"
# Debezium's own name for it; a record in it moves the stored position on while nothing else happens.
HEARTBEAT = f"__debezium-heartbeat.{PREFIX}"

_DAY_MS = 24 * 60 * 60 * 1000
# An order is at most 64 KiB and a record holds it before and after; the rest is room for a rare large document.
RECORD_BYTES_MAX = 4 * 1024 * 1024


@dataclass(frozen=True)
class Topic:
    """A topic as it must be. `partitions` and the clean-up policy hold for its life: keys map to partitions."""

    name: str
    partitions: int
    replication: int
    settings: dict[str, str] = field(default_factory=dict)


def topic_of(collection: str) -> str:
    return f"{PREFIX}.{collection}"


def declared(config: Config) -> list[Topic]:
    changes = [
        Topic(topic_of(name), config.topic_partitions, config.topic_replication, _CHANGES)
        for name in CAPTURED
    ]
    return [
        *changes,
        Topic(DEAD_LETTERS, config.topic_partitions, config.topic_replication, _DEAD_LETTERS),
        Topic(HEARTBEAT, 1, config.topic_replication, _HEARTBEAT),
    ]


_CHANGES = {
    "cleanup.policy": "compact",
    "min.compaction.lag.ms": str(7 * _DAY_MS),
    "max.message.bytes": str(RECORD_BYTES_MAX),
}
_DEAD_LETTERS = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "max.message.bytes": str(2 * RECORD_BYTES_MAX),
}
_HEARTBEAT = {"cleanup.policy": "delete", "retention.ms": str(_DAY_MS)}
