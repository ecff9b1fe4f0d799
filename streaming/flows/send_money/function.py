"""The Flink side of send money: thin shells between Flink's state and the pure decisions."""

import json
from collections.abc import Iterator
from typing import Any

from pyflink.common import Row, Types
from pyflink.datastream import FlatMapFunction, KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

from streaming.config import Config
from streaming.flows.gather import Gather
from streaming.flows.pace import Waits
from streaming.flows.runtime import assert_mode, system_of_record
from streaming.flows.send_money.decide import (
    Place,
    Sighting,
    forget_at,
    is_past,
    route,
    sight,
    with_signal,
)
from streaming.sor.element import OrderElement, dump, load, shard_of
from streaming.sor.transaction import BATCH_MAX

# What travels between the stages: key, account, element, likeness, accepted at (milliseconds).
ROUTED = Types.ROW([Types.STRING(), Types.STRING(), Types.STRING(), Types.STRING(), Types.LONG()])
ELEMENT = Types.ROW([Types.INT(), Types.STRING()])


class Decode(FlatMapFunction):
    """Records to routed elements; what can't be decoded becomes an element too, so that it is kept."""

    def flat_map(self, value: Any) -> Iterator[Row]:
        key, record, topic, partition, offset = value
        routed = route(Place(topic, partition, offset), key, record)
        if routed is not None:
            yield Row(
                routed.customer,
                routed.account,
                dump(routed.element),
                routed.likeness,
                routed.at_ms,
            )


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


def settle_waits(config: Config) -> Waits:
    """Orders a second. A settle batch of one costs 7 ms of processor time, each further order in it about 1 ms."""
    return Waits(config.settle_delay_ms, config.settle_delay_busy_ms, calm=60, busy=120)


class Settle(Gather):
    """Keyed by shard of the account debited: makes final at once what arrived within a few milliseconds."""

    def __init__(self, config: Config, flow: str) -> None:
        super().__init__(Types.STRING(), waits=settle_waits(config), most=BATCH_MAX)
        self._config = config
        self._flow = flow

    def open(self, runtime_context: RuntimeContext) -> None:
        assert_mode(self._config.flink_mode)
        super().open(runtime_context)
        self._sor = system_of_record(self._config, self._flow)

    def gathered(self, value: Any) -> str:
        return str(value[1])

    def hand_over(self, waiting: list[Any]) -> list[dict[str, Any]]:
        return self._sor.settle([load(text) for text in waiting])
