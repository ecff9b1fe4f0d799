"""The world of one history: the clock, which process runs next, and what strikes it; all drawn from one seed."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf

from greenlet import GreenletExit, getcurrent, greenlet  # type: ignore[import-untyped]

from streaming.patience import Patience

BEGIN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BEGIN_MS = int(BEGIN.timestamp() * 1000)
# A history is a few hundred steps; one that takes this many will never come to rest.
STEPS_MAX = 60_000


class Crash(BaseException):
    """The process that runs ends here, like by kill -9: no `except Exception` may go on."""


class Violation(AssertionError):
    """Something that must never be."""


@dataclass(eq=False)
class Task:
    """A process. `lives` are the steps that one which should be dead goes on for."""

    name: str
    run: greenlet
    mortal: bool
    on_paused: Callable[[], None] | None = None
    wake_at: float = 0.0
    waits_for: str = ""
    doomed: bool = False
    lives: int | None = None


class World:
    """`rates` tell how likely each kind of fault is at each occasion; `faults` is how many may strike in all."""

    def __init__(
        self, rng: random.Random, *, rates: Mapping[str, float], faults: int, trace: bool
    ) -> None:
        self.rng = rng
        self.now = 0.0
        self.struck: Counter[str] = Counter()
        self.trace: list[str] | None = [] if trace else None
        self.tasks: list[Task] = []
        self.running: Task | None = None
        self.steps = 0
        self._rates = rates
        self._faults = faults
        self._switches = rng.choice((0.02, 0.1, 0.4))
        self._main = getcurrent()
        self._closed = False
        self.patience = Patience(self.monotonic, self.sleep, rng.uniform)

    def clock(self) -> datetime:
        return BEGIN + timedelta(milliseconds=int(self.now * 1000))

    def clock_ms(self) -> int:
        return BEGIN_MS + int(self.now * 1000)

    def monotonic(self) -> float:
        return self.now

    def start(
        self,
        name: str,
        run: Callable[[], None],
        *,
        after: float = 0.0,
        mortal: bool = True,
        on_paused: Callable[[], None] | None = None,
    ) -> Task:
        """A process that begins `after` seconds. `on_paused` is called when it freezes and is taken for dead."""
        task = Task(name, greenlet(run, self._main), mortal, on_paused, self.now + after)
        self.tasks.append(task)
        return task

    def kill(self, task: Task) -> None:
        """It ends at its next step, before it can touch anything."""
        task.doomed, task.wake_at = True, self.now

    def run(self) -> None:
        """Lets the processes run until each one has ended or waits for something that does not come."""
        while self.tasks:
            ready = [task for task in self.tasks if task.wake_at <= self.now]
            if not ready:
                next_at = min(task.wake_at for task in self.tasks)
                if next_at == inf:
                    return
                self.now = next_at
                continue
            task = ready[0] if len(ready) == 1 else self.rng.choice(ready)
            self.running = task
            task.run.switch()
            if task.run.dead:
                self.tasks.remove(task)

    def close(self) -> None:
        """Ends what still waits."""
        self._closed = True
        for task in self.tasks:
            if task.run:
                task.run.throw(GreenletExit)

    def pause(self, step: str) -> None:
        """Called wherever a process touches the outside: another may run first, and this one may end here."""
        task = self._stepping(step)
        if self._faults > 0 and self._is_held_up(task):
            self.sleep(self.rng.choice((0.02, 0.1, 0.5)))
        elif self.rng.random() < self._switches:
            task.wake_at = self.now
            self._switch(task)

    def _is_held_up(self, task: Task) -> bool:
        if task.mortal and self.strikes("crash"):
            raise Crash
        if task.on_paused is not None and task.lives is None and self.strikes("zombie"):
            self._leave_behind(task)
        return task.mortal and self.strikes("stall")

    def sleep(self, seconds: float) -> None:
        task = self._stepping("sleep")
        task.wake_at = self.now + seconds
        self._switch(task)

    def wait(self, event: str, *, until: float = inf) -> None:
        """Until `wake(event)` or the instant `until`."""
        task = self._stepping("wait")
        task.waits_for, task.wake_at = event, until
        self._switch(task)

    def wake(self, event: str) -> None:
        for task in self.tasks:
            if task.waits_for == event:
                task.waits_for, task.wake_at = "", self.now

    def strikes(self, fault: str) -> bool:
        """Whether this occasion for a fault is taken."""
        if self._faults <= 0:
            return False
        rate = self._rates.get(fault)
        if not rate or self.rng.random() >= rate:
            return False
        self._faults -= 1
        self.happens(fault)
        return True

    def heal(self) -> None:
        """Nothing strikes any more."""
        self._faults = 0

    def happens(self, fault: str) -> None:
        self.struck[fault] += 1
        self.note(f"!! {fault}")

    def note(self, text: str) -> None:
        if self.trace is not None:
            name = self.running.name if self.running else "main"
            self.trace.append(f"{self.now:10.4f} {name:16} {text}")

    def _stepping(self, step: str) -> Task:
        task = self.running
        if self._closed or task is None:
            raise GreenletExit
        self.steps += 1
        if self.steps > STEPS_MAX:
            raise Violation(f"no rest after {STEPS_MAX} steps")
        if self.trace is not None and step not in ("sleep", "wait"):
            self.note(step)
        if task.doomed:
            raise Crash
        if task.lives is not None:
            task.lives -= 1
            if task.lives < 0:
                raise Crash
        self.now += self.rng.random() * 0.002
        return task

    def _leave_behind(self, task: Task) -> None:
        # It is frozen past the heartbeat, its successor starts, and then it wakes and goes on.
        assert task.on_paused is not None
        task.lives = self.rng.choice((3, 15, 60))
        task.on_paused()
        self.sleep(self.rng.choice((0.0, 0.1, 8.0)))

    def _switch(self, task: Task) -> None:
        self._main.switch()
        if self._closed:
            raise GreenletExit
        if task.doomed:
            raise Crash
