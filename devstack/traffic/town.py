"""The customers of the demo and what they know of each other; kept in a file, so a restart meets them again."""

import json
import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

from devstack.client import Client, Customer, Unexpected
from devstack.traffic.people import Person, invented

# Every twelfth customer has so little that a large payment finds no funds.
_POOR_EVERY = 12


class Town:
    """Enrols invented people through the public API and remembers them with their payees."""

    def __init__(self, *, client: Client, path: Path, chance: random.Random) -> None:
        self._client, self._path, self._chance = client, path, chance
        known = _read(path)
        self.customers = [Customer(**each) for each in known["customers"]]
        self._payees: dict[str, str] = known["payees"]
        self._tenants: list[str] = known.get("tenants", [])
        self._next_number: int = known["next_number"]
        self._people = invented(chance, first_number=self._next_number)

    def newcomer(self) -> Person:
        """Somebody nobody knows yet."""
        self._next_number += 1
        return next(self._people)

    def enrol_one(self) -> None:
        """One more customer; an address that is taken already is left to its owner."""
        person = self.newcomer()
        is_poor = len(self.customers) % _POOR_EVERY == _POOR_EVERY - 1
        balance = 25 if is_poor else self._chance.randrange(2_000, 30_000)
        try:
            customer = self._client.enrol_payer(
                name=person.name,
                email=person.email,
                phone=person.phone,
                opening_balance=f"{balance}.00",
            )
        except Unexpected as error:
            if error.answer.status not in (409, 422):
                raise
        else:
            self.customers.append(customer)
        self.save()

    def payer(self) -> Customer:
        return self._chance.choice([c for c in self.customers if c not in self._poor()])

    def poor_payer(self) -> Customer:
        return self._chance.choice(self._poor() or self.customers)

    def other_than(self, customer: Customer) -> Customer:
        return self._chance.choice([c for c in self.customers if c.id != customer.id])

    def others_than(self, customer: Customer, number: int) -> list[Customer]:
        """So many, each somebody else."""
        others = [c for c in self.customers if c.id != customer.id]
        return self._chance.sample(others, number)

    def tenant(self) -> Customer | None:
        """Somebody who pays no rent yet."""
        homeless = [
            c for c in self.customers if c.id not in self._tenants and c not in self._poor()
        ]
        return self._chance.choice(homeless) if homeless else None

    def rents(self, customer: Customer) -> None:
        self._tenants.append(customer.id)
        self.save()

    def payee(self, payer: Customer, *, name: str, email: str) -> str:
        """The payer's entry for this address, made when it is first needed."""
        known = f"{payer.id} {email}"
        if known not in self._payees:
            self._payees[known] = self._client.add_payee(payer.id, name=name, email=email)
            self.save()
        return self._payees[known]

    def save(self) -> None:
        document = {
            "customers": [asdict(each) for each in self.customers],
            "payees": self._payees,
            "tenants": self._tenants,
            "next_number": self._next_number,
        }
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(document))
        fresh.replace(self._path)

    def _poor(self) -> list[Customer]:
        return self.customers[_POOR_EVERY - 1 :: _POOR_EVERY]


def _read(path: Path) -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {"customers": [], "payees": {}, "next_number": 1}
    return known
