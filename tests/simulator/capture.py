"""A fake Debezium: the change log to Kafka, with both images, from a token that is stored now and then.

It sends again what it had not stored as sent, and when its token is older than the log it reads every collection anew.
"""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from streaming.contracts.collections import CAPTURED
from streaming.contracts.topics import topic_of
from tests.simulator.documents import Document
from tests.simulator.kafka import Broker
from tests.simulator.server import Change, Server
from tests.simulator.world import Crash, World

_BATCH_MAX = 8
_OWN_DATES = orjson.OPT_PASSTHROUGH_DATETIME


class Connector:
    """`stored` is the position that survives a crash; None asks for a snapshot."""

    def __init__(self, world: World, server: Server, broker: Broker) -> None:
        self._world = world
        self._server = server
        self._broker = broker
        self._texts: dict[int, tuple[Document, str]] = {}
        self.stored: int | None = 0
        self.floor = 0  # the oldest position that the change log still has
        self.task = world.start("connect", self._run)

    @property
    def is_done(self) -> bool:
        return self.stored == len(self._server.log)

    def restart(self) -> None:
        self._world.kill(self.task)

    def lose_token(self) -> None:
        """The log no longer reaches back to where the connector stands."""
        self.floor = len(self._server.log)
        self.restart()

    def rewind(self) -> None:
        """Its stored position is an older one: everything since comes twice."""
        if self.stored is not None:
            self.stored = self._world.rng.randint(min(self.floor, self.stored), self.stored)
        self.restart()

    def lose_everything(self) -> None:
        self.stored = None
        self.restart()

    def _run(self) -> None:
        try:
            self._stream()
        except Crash:
            self.task = self._world.start(
                "connect", self._run, after=self._world.rng.choice((0.02, 1.0))
            )

    def _stream(self) -> None:
        world, log = self._world, self._server.log
        if self.stored is None or self.stored < self.floor:
            self.stored = self._snapshot()
        at = self.stored
        while True:
            if at == len(log):
                if self.stored == at:
                    world.wait("log")
                else:
                    self._store(at)
                continue
            for change in log[at : at + world.rng.randint(1, _BATCH_MAX)]:
                world.pause(f"send {change.collection} {change.id}")
                self._send(change)
                at += 1
            if world.rng.random() < 0.3:
                self._store(at)

    def _store(self, at: int) -> None:
        self._world.pause("store the position")
        self.stored = at
        self._broker.flushed()

    def _snapshot(self) -> int:
        """Every document as it stands when it is read; streaming goes on from where the log ended before."""
        self._world.happens("snapshot")
        begun_at = len(self._server.log)
        # Reading takes its time, and changes go on meanwhile.
        self._world.sleep(self._world.rng.choice((0.0, 0.1, 2.0)) * self._world.rng.random())
        rows = [(name, key) for name in CAPTURED for key in self._server.tables[name]]
        for number, (name, key) in enumerate(rows, start=1):
            self._world.pause(f"read {name} {key}")
            after = self._server.tables[name][key]
            mark = "last" if number == len(rows) else "true"
            source = {"snapshot": mark, "ord": -1, "lsid": None, "txnNumber": None}
            self._produce(name, key, "r", None, after, self._world.clock_ms(), source)
        self._store(begun_at)
        return begun_at

    def _send(self, change: Change) -> None:
        operation = "u" if change.before is not None else "c"
        transaction = change.transaction
        source = {
            "snapshot": "false",
            "ord": change.order_in_second,
            "lsid": "session" if transaction is not None else None,
            "txnNumber": transaction,
        }
        after = self.image_after(change)
        name, key = change.collection, change.id
        self._produce(name, key, operation, change.before, after, change.at_ms, source)

    def image_after(self, change: Change) -> Document:
        """The post-image: the document as this change left it, whatever came after."""
        return change.after

    def _produce(
        self,
        name: str,
        key: Any,
        operation: str,
        before: Document | None,
        after: Document,
        at_ms: int,
        source: dict[str, Any],
    ) -> None:
        envelope = {
            "before": self._text(before) if before is not None else None,
            "after": self._text(after),
            "source": {"collection": name, "ts_ms": at_ms, **source},
            "op": operation,
            "ts_ms": self._world.clock_ms(),
        }
        self._broker.produce(topic_of(name), _topic_key(key), orjson.dumps(envelope))

    def _text(self, document: Document) -> str:
        kept = self._texts.get(id(document))
        if kept is None:
            kept = (document, orjson.dumps(document, _extended, _OWN_DATES).decode())
            self._texts[id(document)] = kept
        return kept[1]


@lru_cache(maxsize=4_096)
def _topic_key(key: Any) -> bytes:
    """To the byte as Debezium writes it: a record's partition depends on it."""
    return json.dumps({"id": json.dumps(key)}, separators=(",", ":")).encode()


def _extended(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$date": round(value.timestamp() * 1000)}
    raise TypeError(repr(value))
