"""One history: a seed, what it makes happen, and what is wrong when it has come to rest."""

import logging
import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest import mock

import structlog

from apps.kernel.findings import Problem
from apps.transactions.domain.lifecycle import STATUSES
from dpms_site import mongodb
from streaming.flows.registry import FLOWS
from tests.simulator.bank import base
from tests.simulator.capture import Connector
from tests.simulator.chaos import STRIKES, strike_now_and_then
from tests.simulator.clients import Clients
from tests.simulator.feed import Bridge, Watcher
from tests.simulator.flink import Job
from tests.simulator.flows import Audit, SendMoney
from tests.simulator.kafka import PARTITIONS, Broker
from tests.simulator.mongo import Client, Database
from tests.simulator.server import Server
from tests.simulator.verdict import problems_at_rest, problems_of_the_end
from tests.simulator.world import World

# How likely each fault is at each of its occasions, in a history that knows it at all.
_RATES = {
    "crash": 0.004,
    "zombie": 0.006,
    "stall": 0.01,
    "connection lost": 0.01,
    "answer lost": 0.01,
    "abort lost": 0.3,
    "commit unknown, not applied": 0.1,
    "commit unknown, then gone": 0.1,
    "commit unknown, applied": 0.1,
    "commit unknown, applied, then forgotten": 0.1,
}
FAULTS = (*_RATES, *STRIKES)
# Who reads which partitions for send money: one job; two tasks of it side by side; the same job twice by mistake.
_ALL = range(PARTITIONS)
_SHARES = ((_ALL,), (_ALL,), (range(1), range(1, PARTITIONS)), (_ALL, _ALL))


@dataclass
class Result:
    """What became of a history; `problems` is empty when everything is as it must be."""

    seed: int
    problems: list[Problem]
    struck: Counter[str]
    trace: list[str] = field(default_factory=list)


class History:
    """All parts of one history."""

    def __init__(self, seed: int, *, trace: bool) -> None:
        rng = random.Random(seed)
        rates = {name: rate for name, rate in _RATES.items() if rng.random() < 0.6}
        scale = rng.choice((0.5, 1.0, 3.0))
        self.world = World(
            rng,
            rates={name: rate * scale for name, rate in rates.items()},
            faults=rng.choice((0, 1, 2, 4, 8)),
            trace=trace,
        )
        self.server = Server(self.world, base())
        self.broker = Broker(self.world)
        self.connector = Connector(self.world, self.server, self.broker)
        self.poisons: set[str] = set()
        most = rng.choice((2, 8, 256))
        shares = rng.choice(_SHARES)
        self.jobs = [self._send_money(number, share, most) for number, share in enumerate(shares)]
        self.jobs.append(
            Job(
                self.world,
                self.broker,
                FLOWS["audit"],
                name="audit",
                build=lambda name: Audit(self.world, Client(self.server), name, most=most),
            )
        )
        self.bridge = Bridge(self.world, self.server, self.broker)
        self.watcher = Watcher(self.world, self.server)
        self.clients = Clients(self.world, self.server)

    def _send_money(self, number: int, partitions: range, most: int) -> Job:
        return Job(
            self.world,
            self.broker,
            FLOWS["send_money"],
            name=f"send_money.{number}",
            partitions=partitions,
            build=lambda name: SendMoney(self.world, Client(self.server), name, most=most),
        )

    def run(self) -> list[Problem]:
        world = self.world
        for _ in range(world.rng.choice((1, 1, 2))):
            world.start("client", self.clients.act, mortal=False)
        if self.clients.is_claimed:
            world.start("enroller", self.clients.enrol_soon, mortal=False)
        world.start("browser", self.watcher.follow, mortal=False)
        world.start("chaos", lambda: strike_now_and_then(self), mortal=False)
        world.run()
        found = problems_at_rest(self)
        self.server.away_until = 0.0
        world.start("closing", self._close, mortal=False)
        world.run()
        return found + problems_of_the_end(self)

    def shown(self) -> dict[str, dict[str, Any]]:
        """What a browser shows that has caught up."""
        self.world.heal()
        self.world.start("browser", self.watcher.catch_up, mortal=False)
        self.world.run()
        return self.watcher.shown

    def standing_poison(self) -> set[str]:
        """The places of records that are as nobody can read them, in what Kafka has now."""
        return {
            f"{topic}:{partition}:{offset}"
            for (topic, partition), log in self.broker.logs.items()
            for offset, record in enumerate(log)
            if len(record.key) == 1
        }

    def _close(self) -> None:
        """Whoever still waits for a person is cancelled, so that every order ends."""
        for order_id, order in self.server.tables["orders"].items():
            if not STATUSES[order["status"]].final:
                while not self.clients.ask(order_id, "cancel", "customer", "closing"):
                    self.world.note("asks again")


def play(seed: int, *, trace: bool = False) -> Result:
    """The history of `seed`; the same every time."""
    with _in_its_own_world():
        history = History(seed, trace=trace)
        # Whatever the code imports that wants the platform's database gets this one.
        with mock.patch.object(mongodb, "database", partial(Database, history.server)):
            try:
                problems = history.run()
            except Exception as error:  # a defect shows itself in any way
                problems = [Problem("history", "raises", f"{type(error).__name__}: {error}")]
            finally:
                history.world.close()
    return Result(seed, problems, history.world.struck, history.world.trace or [])


@contextmanager
def _in_its_own_world() -> Iterator[None]:
    """Without log lines: what a history wants told stands in its trace."""
    interval, disabled = sys.getswitchinterval(), logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with structlog.testing.capture_logs():
            yield
    finally:
        logging.disable(disabled)
        sys.setswitchinterval(interval)
