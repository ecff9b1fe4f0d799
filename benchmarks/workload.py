"""The one workload all figures share: rich customers who pay each other small sums at random."""

import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from devstack.client import Client, Customer, Document, order_body

CUSTOMERS = 64
PAYEES_EACH = 2
OPENING_BALANCE = "900000.00"
SEED = 20261122


# Of the payments of a hot workload, to the one account that everybody pays.
HOT_SHARE = 0.8


@dataclass(frozen=True)
class Workload:
    """Payers with their payees; `order` draws one payment. With `hot`, most go to one account."""

    payers: list[tuple[Customer, list[str]]]
    chance: random.Random
    hot: dict[str, str] | None = None  # by payer: the payee that is the hot account

    def order(self) -> Document:
        payer, payees = self.chance.choice(self.payers)
        amount = f"{self.chance.randrange(1, 5)}.{self.chance.randrange(100):02d}"
        payee = self.chance.choice(payees)
        if self.hot is not None and self.chance.random() < HOT_SHARE:
            payee = self.hot[payer.id]
        return order_body(payer, payee, amount)

    @property
    def accounts(self) -> str:
        """How the figures call it."""
        return "uniform" if self.hot is None else f"{HOT_SHARE:.0%} to one account"


def prepare(client: Client) -> Workload:
    """Enrol the customers; each run has its own, so that runs do not share history."""
    run = uuid.uuid4().hex[:8]
    with ThreadPoolExecutor(4) as pool:
        customers = list(pool.map(lambda n: _enrol(client, run, n), range(CUSTOMERS)))
        payers = list(
            pool.map(lambda n: (customers[n], _payees(client, customers, n)), range(CUSTOMERS))
        )
    return Workload(payers, random.Random(SEED))


def heated(client: Client, workload: Workload) -> Workload:
    """The same customers, who now pay one more, whom nobody else pays."""
    shop = _enrol(client, uuid.uuid4().hex[:8], CUSTOMERS)

    def add(entry: tuple[Customer, list[str]]) -> tuple[str, str]:
        payer, _ = entry
        return payer.id, client.add_payee(payer.id, name=shop.name, email=shop.email)

    with ThreadPoolExecutor(4) as pool:
        hot = dict(pool.map(add, workload.payers))
    return Workload(workload.payers, random.Random(SEED), hot)


def _enrol(client: Client, run: str, number: int) -> Customer:
    return client.enrol_payer(
        name=f"Bench Payer {number}",
        email=f"bench.{run}.{number}@example.com",
        phone=f"+1{202 + number // 100}55501{number % 100:02d}",
        opening_balance=OPENING_BALANCE,
    )


def _payees(client: Client, customers: list[Customer], number: int) -> list[str]:
    payer = customers[number]
    others = [customers[(number + step) % len(customers)] for step in range(1, PAYEES_EACH + 1)]
    return [client.add_payee(payer.id, name=each.name, email=each.email) for each in others]
