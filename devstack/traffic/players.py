"""Who plays the demo's scenes: the town, the API, and what was promised for later."""

import heapq
import itertools
import random
import time
from collections.abc import Callable

from devstack.client import Client, Customer, Document, order_body
from devstack.traffic.town import Town

_MEMOS = (
    "Dinner on Friday", "Half of the rent", "Concert tickets", "Birthday present", "Piano lesson",
    "Groceries", "Taxi from the airport", "Football club", "Garden work", "Books for school",
)  # fmt: skip


class Players:
    """One who calls scenes does what is due before each."""

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
        body = order_body(payer, payee, amount, reference=reference, memo=self.memo())
        return self.client.send(body)

    def memo(self) -> str:
        """What it is for, in the words of who pays or asks."""
        return self.chance.choice(_MEMOS)

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
