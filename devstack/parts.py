"""What a stack is made of: parts that keep running, and steps that run once at every start."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

# Tells the person who waits what is going on.
Say = Callable[[str], None]


def nothing() -> None:
    """The default of a part that needs no preparation."""


@dataclass(frozen=True)
class Part:
    """A server process. `is_ready` and `before_start` may block: they run in a thread.

    `is_ready` answers False or raises while the part is not ready; `keeps_data` parts are stopped last.
    """

    name: str
    command: Sequence[str]
    is_ready: Callable[[], bool]
    needs: tuple[str, ...] = ()
    before_start: Callable[[], None] = nothing
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_seconds: float = 90.0
    stop_seconds: float = 10.0
    keeps_data: bool = False
    is_listed: bool = True


@dataclass(frozen=True)
class Step:
    """Work that must have succeeded before what needs it: a command of the project, or a function.

    One that `serves` is left out of a start in which nothing needs it. One that `must_finish` would
    leave half of its work behind: a stack that is asked to end lets it come to its own end first.
    """

    name: str
    needs: tuple[str, ...] = ()
    command: Sequence[str] = ()
    function: Callable[[], None] = nothing
    seconds: float = 120.0
    serves: bool = False
    must_finish: bool = False


Node = Part | Step
