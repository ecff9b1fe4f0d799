"""What the demo's customers do: one function per outcome that a bank wants to see."""

import heapq
import itertools
import random
import time
from collections.abc import Callable

from devstack.client import Client, Customer, Document, order_body
from devstack.traffic.people import Person
from devstack.traffic.town import Town

_MEMOS = (
    "Dinner on Friday", "Half of the rent", "Concert tickets", "Birthday present", "Piano lesson",
    "Groceries", "Taxi from the airport", "Football club", "Garden work", "Books for school",
)  # fmt: skip

Scene = Callable[["Players"], None]


class Players:
    """The town, the API, and what was promised for later."""

    def __init__(self, *, client: Client, town: Town, chance: random.Random) -> None:
        self.client, self.town, self.chance = client, town, chance
        self._later: list[tuple[float, int, Callable[[], object]]] = []
        self._counter = itertools.count()

    def amount(self) -> str:
        """Mostly small, sometimes large: 3 to about 600 dollars."""
        cents = min(int(self.chance.lognormvariate(8.4, 0.9)) + 300, 60_000)
        return f"{cents // 100}.{cents % 100:02d}"

    def send(
        self, payer: Customer, payee: str, amount: str, reference: str | None = None
    ) -> Document:
        memo = self.chance.choice(_MEMOS)
        return self.client.send(order_body(payer, payee, amount, reference=reference, memo=memo))

    def pair(self) -> tuple[Customer, str]:
        """A payer, and their payee entry for another customer: mostly one of a few friends."""
        payer = self.town.payer()
        friend = self.town.other_than(payer)
        return payer, self.town.payee(payer, name=friend.name, email=friend.email)

    def later(self, seconds: tuple[float, float], action: Callable[[], object]) -> None:
        due = time.monotonic() + self.chance.uniform(*seconds)
        heapq.heappush(self._later, (due, next(self._counter), action))

    def do_what_is_due(self) -> None:
        while self._later and self._later[0][0] <= time.monotonic():
            heapq.heappop(self._later)[2]()


def ordinary(players: Players) -> None:
    payer, payee = players.pair()
    players.send(payer, payee, players.amount())


def over_the_limit(players: Players) -> None:
    payer, payee = players.pair()
    players.send(payer, payee, f"{players.chance.randrange(5_001, 9_000)}.00")


def no_funds(players: Players) -> None:
    payer = players.town.poor_payer()
    friend = players.town.other_than(payer)
    payee = players.town.payee(payer, name=friend.name, email=friend.email)
    players.send(payer, payee, f"{players.chance.randrange(3_000, 5_000)}.00")


def unclaimed(players: Players) -> None:
    """To an address nobody owns: half of them are claimed within a minute or so, the rest wait."""
    _, _, stranger = _send_to_stranger(players)
    if players.chance.random() < 0.5:
        owner = players.town.payer()
        players.later(
            (15, 75),
            lambda: players.client.activate_alias(
                owner.id, email=stranger.email, account=owner.account
            ),
        )


def cancelled(players: Players) -> None:
    """To an address nobody owns, and taken back before anybody claims it."""
    order, _, _ = _send_to_stranger(players)
    players.later(
        (5, 25), lambda: players.client.cancel(order["id"], reason="Sent to the wrong address")
    )


def cancelled_too_late(players: Players) -> None:
    """A cancel of what is final already: refused, and the order stays as it is."""
    payer, payee = players.pair()
    order = players.send(payer, payee, players.amount())
    players.later((3, 6), lambda: players.client.cancel(order["id"], reason="Changed my mind"))


def duplicate(players: Players) -> None:
    """The same payment twice within moments: the second waits for a person, some senders cancel it."""
    payer, payee = players.pair()
    amount, reference = players.amount(), f"Invoice {players.chance.randrange(1000, 9999)}"
    players.send(payer, payee, amount, reference)
    gives_up = players.chance.random() < 0.6

    def again() -> None:
        order = players.send(payer, payee, amount, reference)
        if gives_up:
            players.later(
                (15, 60), lambda: players.client.cancel(order["id"], reason="Sent twice by mistake")
            )

    players.later((2, 5), again)


# How often each happens, in parts of a hundred.
SCENES: dict[Scene, int] = {
    ordinary: 78,
    over_the_limit: 3,
    no_funds: 4,
    unclaimed: 6,
    cancelled: 4,
    cancelled_too_late: 2,
    duplicate: 3,
}


def _send_to_stranger(players: Players) -> tuple[Document, Customer, Person]:
    payer, stranger = players.town.payer(), players.town.newcomer()
    payee = players.town.payee(payer, name=stranger.name, email=stranger.email)
    return players.send(payer, payee, players.amount()), payer, stranger
