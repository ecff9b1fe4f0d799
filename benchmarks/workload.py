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


@dataclass(frozen=True)
class Workload:
    """Payers with their payees; `order` draws one payment."""

    payers: list[tuple[Customer, list[str]]]
    chance: random.Random

    def order(self) -> Document:
        payer, payees = self.chance.choice(self.payers)
        amount = f"{self.chance.randrange(1, 5)}.{self.chance.randrange(100):02d}"
        return order_body(payer, self.chance.choice(payees), amount)


def prepare(client: Client) -> Workload:
    """Enrol the customers; each run has its own, so that runs do not share history."""
    run = uuid.uuid4().hex[:8]
    with ThreadPoolExecutor(4) as pool:
        customers = list(pool.map(lambda n: _enrol(client, run, n), range(CUSTOMERS)))
        payers = list(
            pool.map(lambda n: (customers[n], _payees(client, customers, n)), range(CUSTOMERS))
        )
    return Workload(payers, random.Random(SEED))


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
