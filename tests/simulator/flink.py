"""A fake Flink: one job's attempts with keyed state, timers and offsets in checkpoints that complete later or never."""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from streaming.contracts.topics import topic_of
from streaming.flows.registry import Flow
from tests.simulator.kafka import PARTITIONS, Broker, Place
from tests.simulator.world import Crash, Task, World

State = dict[Any, dict[str, Any]]
Timers = set[tuple[int, Any]]


@dataclass
class Checkpoint:
    """What an attempt begins from: offsets, and of each operator its keyed state and timers."""

    offsets: dict[Place, int] = field(default_factory=dict)
    states: list[State] = field(default_factory=list)
    timers: list[Timers] = field(default_factory=list)


class Operator:
    """A keyed function with its state and timers; also the runtime context and timer service that it is given."""

    def __init__(self, function: Any, world: World) -> None:
        self.function = function
        self.state: State = {}
        self.timers: Timers = set()
        self.key: Any = None
        self._world = world

    def open(self, state: State, timers: Timers) -> None:
        self.state = {key: dict(of) for key, of in state.items()}
        self.timers = set(timers)
        self.function.open(self)

    def process(self, key: Any, value: Any) -> Iterable[Any]:
        self.key = key
        return self.function.process_element(value, self) or ()

    def fire(self, timer: tuple[int, Any]) -> Iterable[Any]:
        self.timers.discard(timer)
        self.key = timer[1]
        return self.function.on_timer(timer[0], self) or ()

    def due(self, now_ms: int) -> list[tuple[int, Any]]:
        return sorted(timer for timer in self.timers if timer[0] <= now_ms)

    def get_list_state(self, descriptor: Any) -> "Values":
        return Values(self, descriptor.name)

    def get_map_state(self, descriptor: Any) -> "Mapped":
        return Mapped(self, descriptor.name)

    def get_current_key(self) -> Any:
        return self.key

    def timer_service(self) -> "Operator":
        return self

    def current_processing_time(self) -> int:
        return self._world.clock_ms()

    def register_processing_time_timer(self, at_ms: int) -> None:
        self.timers.add((at_ms, self.key))


class Value:
    """One value of the present key."""

    def __init__(self, operator: Operator, name: str) -> None:
        self._operator = operator
        self._name = name

    def value(self) -> Any:
        return self._operator.state.get(self._operator.key, {}).get(self._name)

    def update(self, value: Any) -> None:
        self._operator.state.setdefault(self._operator.key, {})[self._name] = value

    def clear(self) -> None:
        self._operator.state.get(self._operator.key, {}).pop(self._name, None)


class Values(Value):
    """A list of the present key."""

    def get(self) -> list[Any]:
        return self.value() or []

    def add(self, item: Any) -> None:
        self.update([*self.get(), item])


class Mapped(Value):
    """A mapping of the present key."""

    def get(self, name: str) -> Any:
        return (self.value() or {}).get(name)

    def put(self, name: str, item: Any) -> None:
        self.update({**(self.value() or {}), name: item})

    def items(self) -> list[tuple[str, Any]]:
        return list((self.value() or {}).items())

    def remove(self, name: str) -> None:
        self.update({key: item for key, item in self.items() if key != name})


class Pipeline:
    """A job's functions, opened for one attempt: what a record goes through, and what the sink gets."""

    operators: list[Operator]

    def process(self, record: Any) -> Iterator[str]:
        raise NotImplementedError

    def fire(self, operator: Operator, timer: tuple[int, Any]) -> Iterator[str]:
        raise NotImplementedError


class Job:
    """One job as the JobManager keeps it running: one attempt counts; the next begins from the newest checkpoint."""

    def __init__(
        self,
        world: World,
        broker: Broker,
        flow: Flow,
        *,
        name: str,
        build: Callable[[str], Pipeline],
        partitions: Container[int] = range(PARTITIONS),
    ) -> None:
        """`partitions` are those that it reads of each topic: several jobs may share the work, or do the same."""
        self.world = world
        self.broker = broker
        self.name = name
        self.places = [
            place
            for each in flow.collections
            for place in broker.partitions(topic_of(each))
            if place[1] in partitions
        ]
        self.completed = Checkpoint()
        self.attempt = 0
        self.sink: list[str] = []
        self._build = build
        self._current: Attempt | None = None
        self._tasks: list[Task] = []
        self.start()

    @property
    def is_done(self) -> bool:
        return self._current is not None and self._current.is_done

    def start(self, *, after: float = 0.0) -> None:
        """A new attempt from the newest completed checkpoint; one that still runs becomes a zombie."""
        self.attempt += 1
        number = self.attempt
        task = self.world.start(
            f"{self.name}#{number}",
            lambda: self._attempt(number),
            after=after,
            on_paused=self._lost,
        )
        self._tasks = [each for each in self._tasks if not each.run.dead] + [task]

    def _lost(self) -> None:
        self.start(after=self.world.rng.random() * 2)

    def restart(self, *, from_the_beginning: bool = False) -> None:
        """Every attempt ends, and the next begins from the newest checkpoint, or from nothing."""
        if from_the_beginning:
            self.completed = Checkpoint()
        for task in self._tasks:
            self.world.kill(task)

    def go_back(self, ends: dict[Place, int]) -> None:
        """The log is shorter than what was read of it: the source fails, and reads again from where it ends."""
        offsets = self.completed.offsets
        self.completed.offsets = {
            place: min(offset, ends.get(place, 0)) for place, offset in offsets.items()
        }
        self.restart()

    def _attempt(self, number: int) -> None:
        try:
            attempt = Attempt(self, number, self._build(f"{self.name}#{number}"))
            if number == self.attempt:
                self._current = attempt
            attempt.run()
        except Crash:
            pass
        except Exception as error:  # whatever a function raises fails the job
            self.world.happens("job failed")
            self.world.note(f"{type(error).__name__}: {error}")
        if number == self.attempt:
            self.start(after=self.world.rng.random() * 3)


class Attempt:
    """One attempt at running the job."""

    def __init__(self, job: Job, number: int, pipeline: Pipeline) -> None:
        self._job = job
        self._world = job.world
        self._number = number
        self._pipeline = pipeline
        begin = job.completed
        self._offsets = {place: begin.offsets.get(place, 0) for place in job.places}
        for position, operator in enumerate(pipeline.operators):
            state = begin.states[position] if begin.states else {}
            timers = begin.timers[position] if begin.timers else set()
            operator.open(state, timers)
        self._taken: Checkpoint | None = None

    @property
    def is_done(self) -> bool:
        gathered = self._pipeline.operators[-1].state.values()
        return not self._unread() and not any(of.get("waiting") for of in gathered)

    def run(self) -> None:
        world, rng = self._world, self._world.rng
        while True:
            world.pause("loop")
            self._checkpoint()
            timer = self._due()
            if timer is not None:
                self._job.sink += self._pipeline.fire(*timer)
                continue
            unread = self._unread()
            if not unread:
                self._idle()
                continue
            place = rng.choice(unread)
            for _ in range(rng.choice((1, 3, 8))):
                if not self._read(place):
                    break

    def _read(self, place: Place) -> bool:
        log, offset = self._job.broker.logs[place], self._offsets[place]
        if offset >= len(log):
            return False
        record = log[offset]
        self._offsets[place] = offset + 1
        row = (record.key, record.value, *place, offset)
        self._job.sink += self._pipeline.process(row)
        return True

    def _unread(self) -> list[Place]:
        logs = self._job.broker.logs
        return [place for place, offset in self._offsets.items() if offset < len(logs[place])]

    def _due(self) -> tuple[Operator, tuple[int, Any]] | None:
        for operator in self._pipeline.operators:
            due = operator.due(self._world.clock_ms())
            if due:
                return operator, due[0]
        return None

    def _idle(self) -> None:
        """Until there is a record, or a batch is due; what is only to be forgotten may stay."""
        world = self._world
        batches = [at for at, _ in self._pipeline.operators[-1].timers]
        until = world.now + max(0, min(batches) - world.clock_ms()) / 1000 if batches else None
        if until is None:
            world.wait("kafka")
        else:
            world.wait("kafka", until=until + 0.001)

    def _checkpoint(self) -> None:
        """A barrier passes between two records; the checkpoint counts once the JobManager has heard of all of it."""
        rng, job = self._world.rng, self._job
        if self._taken is None:
            if rng.random() < 0.15:
                self._taken = self._snapshot()
        elif rng.random() < 0.3:
            if self._number == job.attempt:
                job.completed = self._taken
                self._world.note("checkpoint completed")
            self._taken = None

    def _snapshot(self) -> Checkpoint:
        operators = self._pipeline.operators
        states = [
            {key: dict(of) for key, of in operator.state.items() if of} for operator in operators
        ]
        return Checkpoint(dict(self._offsets), states, [set(each.timers) for each in operators])
