"""A fake Kafka: partitions by key, offsets, groups; its tail can be lost, and all of it."""

import zlib
from collections import defaultdict
from dataclasses import dataclass

from tests.simulator.world import World

PARTITIONS = 2

Place = tuple[str, int]


@dataclass(frozen=True)
class Stored:
    key: bytes
    value: bytes


class Broker:
    """`kept` is how much of each partition a lost tail can't reach: what the connector need not send again."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.logs: dict[Place, list[Stored]] = defaultdict(list)
        self.kept: dict[Place, int] = {}
        self.groups: dict[str, dict[Place, int]] = defaultdict(dict)

    def partitions(self, topic: str) -> list[Place]:
        return [(topic, number) for number in range(PARTITIONS)]

    def produce(self, topic: str, key: bytes, value: bytes) -> tuple[Place, int]:
        place = (topic, zlib.crc32(key) % PARTITIONS)
        self.logs[place].append(Stored(key, value))
        self.world.wake("kafka")
        return place, len(self.logs[place]) - 1

    def flushed(self) -> None:
        self.kept = {place: len(log) for place, log in self.logs.items()}

    def lose_tail(self) -> dict[Place, int]:
        """What was acknowledged but not yet on disk is gone; answers where each partition ends now."""
        for place, log in self.logs.items():
            end = self.world.rng.randint(self.kept.get(place, 0), len(log))
            del log[end:]
            for group in self.groups.values():
                group[place] = min(group.get(place, 0), end)
        return {place: len(log) for place, log in self.logs.items()}

    def lose_everything(self) -> None:
        self.logs.clear()
        self.groups.clear()
        self.kept = {}
