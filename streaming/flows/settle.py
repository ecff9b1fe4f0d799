"""The Flink side that the settling flows share: records to elements, and elements to the SOR; thin shells."""

from collections.abc import Callable, Iterator
from typing import Any

from pyflink.common import Row, Types
from pyflink.datastream import FlatMapFunction, RuntimeContext

from streaming.config import Config
from streaming.flows.gather import Gather
from streaming.flows.pace import Waits
from streaming.flows.routing import Place, Routed
from streaming.flows.runtime import assert_mode, system_of_record
from streaming.sor.element import dump, load, shard_of
from streaming.sor.transaction import BATCH_MAX

# What travels between the stages: key, account, element, likeness, accepted at (milliseconds).
ROUTED = Types.ROW([Types.STRING(), Types.STRING(), Types.STRING(), Types.STRING(), Types.LONG()])
ELEMENT = Types.ROW([Types.INT(), Types.STRING()])

RouteRecord = Callable[[Place, bytes | None, bytes | None], Routed | None]


class Decode(FlatMapFunction):
    """Records to routed elements; what can't be decoded becomes an element too, so that it is kept."""

    def __init__(self, route: RouteRecord) -> None:
        self._route = route

    def flat_map(self, value: Any) -> Iterator[Row]:
        key, record, topic, partition, offset = value
        routed = self._route(Place(topic, partition, offset), key, record)
        if routed is not None:
            yield Row(
                routed.customer,
                routed.account,
                dump(routed.element),
                routed.likeness,
                routed.at_ms,
            )


class Spread(FlatMapFunction):
    """Routed elements straight to their settle shard, in flows that assess nothing."""

    def __init__(self, route: RouteRecord, shards: int) -> None:
        self._route = route
        self._shards = shards

    def flat_map(self, value: Any) -> Iterator[Row]:
        key, record, topic, partition, offset = value
        routed = self._route(Place(topic, partition, offset), key, record)
        if routed is not None:
            yield Row(shard_of(routed.account, self._shards), dump(routed.element))


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
