"""The Flink side of send money: thin shells between Flink's state and the pure decisions."""

import json
from collections.abc import Iterator
from typing import Any

from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

from streaming.flows.send_money.decide import (
    Sighting,
    forget_at,
    is_past,
    sight,
    with_signal,
)
from streaming.sor.element import OrderElement, dump, load, shard_of


class Assess(KeyedProcessFunction):
    """Keyed by the customer who spends. Its state may be lost: it only ever makes a payment wait."""

    def __init__(self, shards: int) -> None:
        self._shards = shards

    def open(self, runtime_context: RuntimeContext) -> None:
        # No time-to-live: in thread mode PyFlink builds its settings by starting a JVM from inside the
        # TaskManager, by a fork that sometimes never returns. A timer forgets instead.
        self._sightings = runtime_context.get_map_state(
            MapStateDescriptor("sightings", Types.STRING(), Types.STRING())
        )

    def process_element(self, value: Any, ctx: Any) -> Iterator[Row]:
        _, account, text, likeness, at_ms = value
        if likeness is not None:
            text = self._assessed(text, likeness, at_ms)
            timers = ctx.timer_service()
            timers.register_processing_time_timer(forget_at(timers.current_processing_time()))
        yield Row(shard_of(account, self._shards), text)

    def _assessed(self, text: str, likeness: str, at_ms: int) -> str:
        element = load(text)
        if not isinstance(element, OrderElement):
            return text
        stored = self._sightings.get(likeness)
        earlier = _sightings(stored) if stored else ()
        kept, duplicate_of = sight(earlier, element.id, at_ms)
        if kept is not earlier:
            rows = [[s.order, s.at_ms, s.duplicate_of] for s in kept]
            self._sightings.put(likeness, json.dumps(rows))
        return dump(with_signal(element, duplicate_of)) if duplicate_of else text

    def on_timer(self, timestamp: int, ctx: Any) -> Iterator[Row]:
        stored = list(self._sightings.items())
        for likeness in [key for key, text in stored if is_past(_sightings(text), timestamp)]:
            self._sightings.remove(likeness)
        yield from ()


def _sightings(stored: str) -> tuple[Sighting, ...]:
    return tuple(Sighting(*fields) for fields in json.loads(stored))
