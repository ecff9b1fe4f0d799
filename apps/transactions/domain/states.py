"""What a lifecycle is made of: statuses, the moves between them, who drives those, and what is taken when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Driver(StrEnum):
    """Who may cause a move."""

    CUSTOMER = "customer"
    RECIPIENT = "recipient"
    OPERATOR = "operator"
    COMPLIANCE = "compliance"
    STREAM = "stream"
    CLOCK = "clock"
    NETWORK = "network"


@dataclass(frozen=True)
class Status:
    """One state: its ISO 20022 status, the sentence people read, and whether it ends the order or holds its money.

    The sentence says what happened, whose turn it is and the next deadline; its blanks are those of `order.sentence`.
    """

    name: str
    iso_status: str
    words: str
    final: bool = False
    holds_money: bool = False

    @property
    def word(self) -> str:
        """The status as one word or two for people: "Awaiting claim"."""
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Move:
    """One allowed step; an order that takes any other step is corrupt."""

    source: str
    target: str
    drivers: frozenset[Driver]


def move(source: str, target: str, *drivers: Driver) -> Move:
    return Move(source, target, frozenset(drivers))


def by_name(*statuses: Status) -> dict[str, Status]:
    return {status.name: status for status in statuses}


@dataclass(frozen=True)
class Lifecycle:
    """The one table of a kind of order; API, flows, console, checkers, tests and the docs page all read it.

    `commands` says of which kinds of actor a command is taken, `events` in which statuses a command or any other
    event is; in every other status it changes nothing.
    """

    kind: str
    title: str
    statuses: Mapping[str, Status]
    moves: tuple[Move, ...]
    commands: dict[str, frozenset[Driver]]
    events: Mapping[str, frozenset[str]]
    _by_pair: dict[tuple[str, str], Move] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pairs = {(each.source, each.target): each for each in self.moves}
        object.__setattr__(self, "_by_pair", pairs)

    @property
    def final(self) -> frozenset[str]:
        return frozenset(name for name, status in self.statuses.items() if status.final)

    def may_move(self, source: str, target: str, driver: Driver) -> bool:
        found = self._by_pair.get((source, target))
        return found is not None and driver in found.drivers

    def targets_of(self, source: str) -> frozenset[str]:
        return frozenset(each.target for each in self.moves if each.source == source)

    def takes(self, event: str, status: str) -> bool:
        return status in self.events.get(event, frozenset())

    def untaken(self) -> Iterator[tuple[str, str]]:
        """Every pair of an event and a status in which it changes nothing."""
        for event, taken_in in self.events.items():
            yield from ((event, status) for status in self.statuses if status not in taken_in)
