"""Names of customers for the feed …"""

import asyncio
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from apps.console import names
from apps.console.names import KnownNames


class Customers:
    """A collection that counts what it is asked."""

    def __init__(self, **known: str) -> None:
        self.known = known
        self.asked: list[set[str]] = []

    def find(self, query: dict[str, Any], fields: object) -> "Customers":  # noqa: ARG002
        self.asked.append(set(query["_id"]["$in"]))
        return self

    async def to_list(self) -> list[dict[str, str]]:
        wanted = self.asked[-1]
        return [{"_id": key, "name": name} for key, name in self.known.items() if key in wanted]


def learn(known: KnownNames, customers: Customers, *batches: Iterable[str]) -> None:
    database: Any = SimpleNamespace(customers=customers)
    for batch in batches:
        asyncio.run(known.learn(database, set(batch)))


def test_are_read_once_for_a_batch_and_not_again_for_the_next() -> None:
    customers, known = Customers(cus_ann="Ann Novak", cus_bea="Bea Castillo"), KnownNames()

    learn(known, customers, ["cus_ann", "cus_gone"], ["cus_ann", "cus_gone"], ["cus_bea"], [])

    assert customers.asked == [{"cus_ann", "cus_gone"}, {"cus_bea"}]
    assert known.known == {"cus_ann": "Ann Novak", "cus_bea": "Bea Castillo", "cus_gone": ""}


def test_are_read_again_after_five_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    customers, known = Customers(cus_ann="Ann Novak"), KnownNames()
    learn(known, customers, ["cus_ann"])

    customers.known["cus_ann"] = "Ann Miller"
    monkeypatch.setattr(names, "KEPT_SECONDS", -1)
    learn(known, customers, ["cus_ann"])

    assert known.known == {"cus_ann": "Ann Miller"}


def test_take_a_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "KEPT_MAX", 2)
    customers, known = Customers(), KnownNames()

    learn(known, customers, ["cus_1"], ["cus_2"], ["cus_3"])

    assert list(known.known) == ["cus_2", "cus_3"]
