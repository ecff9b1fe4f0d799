"""What a network is to the platform: one interface, whatever speaks behind it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Network:
    """A network's traits: which messages it takes from a bank and brings to it, and what else it offers."""

    name: str
    title: str
    takes: frozenset[str]
    brings: frozenset[str]
    has_directory: bool = False
    proves_accounts: bool = False


class Unreachable(Exception):
    """Nobody knows whether it arrived. The same message may be sent again: a network takes each message id once."""


class NotOffered(Exception):
    """The network has no such service."""


@dataclass(frozen=True)
class Answer:
    """What the network said on the wire: taken, or refused for good (never to be sent again).

    `http_status` is None when the gateway refused to send it.
    """

    is_taken: bool
    http_status: int | None
    text: str


@dataclass(frozen=True)
class Served:
    """Which bank serves an alias, as the network's directory knows it."""

    alias: str
    bank: str
    bank_name: str


@dataclass(frozen=True)
class LinkState:
    """An external account on its way to being proved: PENDING, VERIFIED, LOCKED or EXPIRED."""

    link: str
    state: str
    tries_left: int


class Adapter(Protocol):
    """How the platform reaches a network. Every call may raise Unreachable."""

    network: Network

    def send(self, xml: str) -> Answer:
        """Hands over one message; sending the same one again changes nothing."""

    def look_up(self, alias: str) -> Served | None:
        """The bank that serves an alias ("email:ann@example.com"); None when nobody does. Raises NotOffered."""

    def open_link(self, link: str, *, routing_number: str, account_number: str) -> LinkState:
        """Has the network send two micro-deposits there; `link` is our id, and twice is once. Raises NotOffered."""

    def prove_link(self, link: str, deposits_minor: tuple[int, int]) -> LinkState:
        """Tells the network which two amounts its owner saw. Raises NotOffered."""

    def close(self) -> None:
        """Ends the connection; the next call makes a new one."""
