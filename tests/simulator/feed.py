"""The bridge's loop around the real feed, and a console's ring that follows what it numbers."""

from collections.abc import Coroutine, Sequence
from typing import Any

from pymongo.errors import PyMongoError

from apps.console.feed import Feed, Superseded
from apps.console.ring import Ring
from streaming.contracts.topics import topic_of
from streaming.kafka.reader import Record, run
from tests.simulator.documents import Document
from tests.simulator.kafka import Broker, Place
from tests.simulator.mongo import Database, Watched
from tests.simulator.server import Server
from tests.simulator.world import Crash, Task, World

ORDERS = topic_of("orders")
GROUP = "bridge"


class FakeReader:
    """As much of the Kafka reader as `run` uses."""

    def __init__(self, world: World, broker: Broker) -> None:
        self._world = world
        self._broker = broker
        committed = broker.groups[GROUP]
        self.positions: dict[Place, int] = {
            place: committed.get(place, 0) for place in broker.partitions(ORDERS)
        }

    def poll(self, *, seconds: float) -> list[Record]:  # noqa: ARG002 - woken, it need not ask again
        world, logs = self._world, self._broker.logs
        world.pause("poll")
        unread = [place for place, at in self.positions.items() if at < len(logs[place])]
        if not unread:
            world.wait("kafka")
            return []
        place = world.rng.choice(unread)
        begin = self.positions[place]
        stored = logs[place][begin : begin + world.rng.choice((1, 4, 50))]
        self.positions[place] = begin + len(stored)
        return [
            Record(*place, offset, record.key, record.value)
            for offset, record in enumerate(stored, start=begin)
        ]

    def commit(self) -> None:
        self._world.pause("commit offsets")
        self._broker.groups[GROUP].update(self.positions)


class Bridge:
    """Its leaders: one leads, and one that lost its lease while it was frozen still believes so."""

    def __init__(self, world: World, server: Server, broker: Broker) -> None:
        self._world = world
        self._server = server
        self._broker = broker
        self._term = 0
        self._tasks: list[Task] = []
        self._reader: FakeReader | None = None
        self._start(0.0)

    @property
    def is_done(self) -> bool:
        # Not what is committed: a leader that was superseded may have set that back.
        read = self._reader.positions if self._reader is not None else {}
        places = self._broker.partitions(ORDERS)
        return all(read.get(at, 0) == len(self._broker.logs[at]) for at in places)

    def restart(self) -> None:
        for task in self._tasks:
            self._world.kill(task)

    def _start(self, after: float) -> None:
        self._term += 1
        term = self._term
        task = self._world.start(
            f"bridge#{term}", lambda: self._lead(term), after=after, on_paused=self._lost
        )
        self._tasks = [each for each in self._tasks if not each.run.dead] + [task]

    def _lost(self) -> None:
        self._start(self._world.rng.random() * 4)

    def _lead(self, term: int) -> None:
        database: Any = Database(self._server)
        try:
            feed = Feed(database, clock=self._world.clock)
            feed.take_over()
            reader: Any = FakeReader(self._world, self._broker)
            if term == self._term:
                self._reader = reader

            def handle(records: Sequence[Record]) -> None:
                feed.append(records)

            run(reader, handle, keep_going=lambda: True)
        except Crash:
            pass
        except Superseded:
            self._world.happens("stepped down")
        except PyMongoError as error:
            self._world.note(f"interrupted: {error}")
        if term == self._term:
            self._start(self._world.rng.random())


class Watcher:
    """A browser: follows the ring by its number and shows each order as the feed last told it."""

    def __init__(self, world: World, server: Server) -> None:
        self._world = world
        self._tables = Watched(server)
        self._server = server
        self.ring = Ring()
        self.shown: dict[str, Document] = {}
        self.at = 0

    def follow(self) -> None:
        """Now and then while things go on; a read that fails is made again."""
        for _ in range(self._world.rng.randint(0, 3)):
            self._world.sleep(self._world.rng.random() * 2)
            try:
                self.catch_up()
            except PyMongoError as error:
                self._world.note(f"not readable: {error}")

    def catch_up(self) -> None:
        _finish(self.ring._catch_up(self._tables))  # type: ignore[arg-type]
        events = self.ring.since(self.at)
        assert events is not None
        for event in events:
            assert event.seq == self.at + 1, f"{event.seq} follows {self.at}"
            self.at = event.seq
            if not event.row.get("late"):
                self.shown[event.row["id"]] = dict(event.row)


def _finish(coroutine: Coroutine[Any, Any, None]) -> None:
    """Nothing in it really waits, so its first step is its last."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("the ring waits for something that is no read")
