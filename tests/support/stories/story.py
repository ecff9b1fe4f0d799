"""A story and how all of them are played at the same time: what one waits for, the others use."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from devstack.client import Document
from tests.support.stories.scene import Scene
from tests.support.stories.stage import PLATFORM, Stage, pause

# So long may one thing take that a story waits for.
PATIENCE_SECONDS = 30.0
_SOON = timedelta(hours=1)
# Times so near to each other are one: every move of a clock takes a second.
_TOGETHER = timedelta(seconds=20)


@dataclass(frozen=True)
class Until:
    """A story goes on when this is true."""

    what: str
    is_true: Callable[[], bool]


@dataclass(frozen=True)
class At:
    """A story goes on when this clock shows this time."""

    clock: str
    time: datetime


Wait = Until | At
Step = Callable[[Scene], Iterator[Wait]]


class Story:
    """One row: what it tells, and its steps."""

    def __init__(self, title: str, *steps: Step) -> None:
        self.title = title
        self.steps = steps

    def told(self, scene: Scene) -> Iterator[Wait]:
        for step in self.steps:
            yield from step(scene)

    def __repr__(self) -> str:
        return self.title


@dataclass
class Telling:
    """A story that is being told; `failure` is what went otherwise than it tells."""

    story: Story
    scene: Scene
    waits: Iterator[Wait] = field(init=False)
    wait: Wait | None = None
    since: float = 0.0
    is_over: bool = False
    failure: BaseException | None = None

    def __post_init__(self) -> None:
        self.waits = self.story.told(self.scene)

    def go_on(self) -> None:
        """To the next thing to wait for."""
        self.since = time.monotonic()
        try:
            self.wait = next(self.waits)
        except StopIteration:
            self.is_over = True
        except Exception as failure:  # the others are told to their ends
            self.failure, self.is_over = failure, True

    def may_go_on(self, stage: Stage) -> bool:
        match self.wait:
            case At(clock, moment):
                return stage.now(clock) >= moment
            case Until(what, is_true):
                if is_true():
                    return True
                if time.monotonic() > self.since + PATIENCE_SECONDS:
                    told = self.scene.so_far()
                    self.failure = AssertionError(f"in vain waited for: {what}; {told}")
                    self.is_over = True
        return False


def tell(stage: Stage, stories: Sequence[Story]) -> dict[str, Telling]:
    """Plays all stories to their ends; by their titles."""
    tellings = [Telling(story, Scene(stage)) for story in stories]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(Telling.go_on, tellings))
    while live := [each for each in tellings if not each.is_over]:
        stage.look()
        ready = [each for each in live if each.may_go_on(stage)]
        for telling in ready:
            telling.go_on()
        if not ready and all(isinstance(each.wait, At) for each in live if not each.is_over):
            _let_time_pass(stage, [each.wait for each in live if isinstance(each.wait, At)])
        elif not ready:
            pause()
    return {each.story.title: each for each in tellings}


def _let_time_pass(stage: Stage, waits: Sequence[At]) -> None:
    """Moves one clock to the next time that somebody waits for.

    Seconds come before days: of a day or more the networks have theirs first, so that they answer before we ask.
    """

    def order(wait: At) -> tuple[bool, bool, timedelta]:
        left = wait.time - stage.now(wait.clock)
        is_far = left > _SOON
        return (is_far, (wait.clock == PLATFORM) == is_far, left)

    first = min(waits, key=order)
    same = [each.time for each in waits if each.clock == first.clock]
    stage.advance(first.clock, max(each for each in same if each <= first.time + _TOGETHER))


def moves(history: Sequence[Document]) -> Iterator[tuple[str, str]]:
    """The steps of an order, as pairs of statuses."""
    statuses = [event["status"] for event in history]
    yield from pairwise(statuses)
