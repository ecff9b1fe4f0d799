"""The platform's own functions, wired as its jobs wire them, with fakes for what they reach outside."""

import json
from collections.abc import Iterator
from typing import Any

from pyflink.common import Types

from apps.transactions.domain.limits import Limits
from apps.transactions.domain.order import Actor
from streaming.flows.audit.function import Record
from streaming.flows.audit.recorder import Recorder
from streaming.flows.gather import Gather
from streaming.flows.pace import Waits
from streaming.flows.send_money.decide import route
from streaming.flows.send_money.function import Assess
from streaming.flows.settle import Decode, Settle
from streaming.sor.transaction import SystemOfRecord
from tests.simulator.flink import Operator, Pipeline
from tests.simulator.mongo import Client
from tests.simulator.world import World

SHARDS = 2
# Small enough that some customer meets each of them.
LIMITS = Limits(order_minor=900, day_minor=2_000, day_count=6)


class SimulatedSettle(Settle):
    """The settle stage with a system of record that was made for it."""

    def __init__(self, sor: SystemOfRecord, *, delay_ms: int, most: int) -> None:
        waits = Waits(delay_ms, 4 * delay_ms, calm=100, busy=1_000)
        Gather.__init__(self, Types.STRING(), waits=waits, most=most)
        self._sor = sor

    def open(self, runtime_context: Any) -> None:
        Gather.open(self, runtime_context)


class SimulatedRecord(Record):
    """The audit job's function with a recorder that was made for it."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder


class Window(Gather):
    """Stands for the window of Flink's own before the audit job's function, which gets columns from it."""

    def __init__(self, record: Record, *, delay_ms: int, most: int) -> None:
        waits = Waits(delay_ms, delay_ms, calm=100, busy=1_000)
        super().__init__(Types.PICKLED_BYTE_ARRAY(), waits=waits, most=most)
        self._record = record

    def gathered(self, value: Any) -> Any:
        return value

    def hand_over(self, waiting: list[Any]) -> list[dict[str, Any]]:
        columns = tuple(zip(*waiting, strict=True))
        return [json.loads(letter) for letter in self._record.flat_map(columns)]


class SendMoney(Pipeline):
    """decode → assess, by customer → settle, by shard of the account."""

    def __init__(self, world: World, client: Any, name: str, *, most: int) -> None:
        sor = SystemOfRecord(
            client=client,
            database="dpms",
            flow="send_money",
            actor=Actor(kind="stream", id=name),
            limits=LIMITS,
            clock=world.clock,
            patience=world.patience,
        )
        self._decode = Decode(route)
        self._assess = Operator(Assess(SHARDS), world)
        self._settle = Operator(SimulatedSettle(sor, delay_ms=5, most=most), world)
        self.operators = [self._assess, self._settle]

    def process(self, record: Any) -> Iterator[str]:
        for routed in self._decode.flat_map(record):
            for element in self._assess.process(routed[0], routed):
                yield from self._settle.process(element[0], element)

    def fire(self, operator: Operator, timer: tuple[int, Any]) -> Iterator[str]:
        for element in operator.fire(timer):
            if operator is self._settle:
                yield element


class Audit(Pipeline):
    """Everything in the order in which it comes, to the trail."""

    def __init__(self, world: World, client: Client, name: str, *, most: int) -> None:
        database: Any = client["dpms"]
        recorder = Recorder(
            trail=database.audit_entries,
            live=database,
            job=name,
            clock=world.clock,
            patience=world.patience,
        )
        self._record = Operator(Window(SimulatedRecord(recorder), delay_ms=20, most=most), world)
        self.operators = [self._record]

    def process(self, record: Any) -> Iterator[str]:
        yield from self._record.process(0, record)

    def fire(self, operator: Operator, timer: tuple[int, Any]) -> Iterator[str]:
        yield from operator.fire(timer)
