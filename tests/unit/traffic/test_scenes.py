"""What the demo's customers ask of the API: shares that add up, rent once, networks that mostly do what they should."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from devstack.client import Client, Customer, Document
from devstack.traffic import players as playing
from devstack.traffic.asking import asks_a_friend, shared_dinner
from devstack.traffic.elsewhere import brought, sent_elsewhere
from devstack.traffic.players import Players
from devstack.traffic.scenes import SCENES, rent
from devstack.traffic.town import Town


class Api:
    """Takes everything and remembers it; a split has a request for each of its shares at once."""

    def __init__(self) -> None:
        self.orders_sent: list[Document] = []
        self.schedules: list[Document] = []
        self.brought: list[Document] = []
        self.commands: list[tuple[str, str]] = []

    def enrol_payer(self, *, name: str, email: str, **_: str) -> Customer:
        return Customer(f"cus_{email}", f"acc_{email}", name, email)

    def add_payee(self, customer: str, *, name: str, email: str) -> str:
        return f"pay_{customer}_{name}_{email}"

    def send(self, body: Document) -> Document:
        self.orders_sent.append(body)
        return {"id": f"ord_{len(self.orders_sent)}"}

    def orders(self, *, caused_by: str) -> Iterator[Document]:
        yield from ({"id": f"{caused_by}_{number}"} for number in range(3))

    def command(self, order: str, type_: str, *, reason: str) -> None:
        assert reason
        self.commands.append((order, type_))

    def clock(self) -> Document:
        return {"now": "2026-11-24T20:00:00.000Z"}

    def schedule(self, body: Document) -> None:
        self.schedules.append(body)

    def play(self, network: str, door: str, body: Document) -> None:
        assert (network, door) == ("zelle", "payments")
        self.brought.append(body)


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def players(api: Api, tmp_path: Path) -> Players:
    """A town of fifteen."""
    chance, client = random.Random(1), cast(Client, api)
    town = Town(client=client, path=tmp_path / "traffic.json", chance=chance)
    for _ in range(15):
        town.enrol_one()
    return Players(client=client, town=town, chance=chance)


def _an_hour_passes(players: Players, monkeypatch: pytest.MonkeyPatch) -> None:
    later = playing.time.monotonic() + 3600
    monkeypatch.setattr(playing.time, "monotonic", lambda: later)
    players.do_what_is_due()
    monkeypatch.setattr(playing.time, "monotonic", lambda: later + 3600)
    players.do_what_is_due()


def _cents(amount: Any) -> int:
    return int(amount["value"].replace(".", ""))


def test_the_parts_of_a_hundred_are_a_hundred() -> None:
    assert sum(SCENES.values()) == 100


def test_a_dinner_is_shared_by_three_of_whom_two_pay(
    players: Players, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared_dinner(players)
    _an_hour_passes(players, monkeypatch)

    (split,) = api.orders_sent
    friends = {share["alias"]["value"] for share in split["shares"]}
    assert len(friends) == 3
    assert split["creditor"]["customer"].removeprefix("cus_") not in friends
    assert sum(_cents(share["amount"]) for share in split["shares"]) == _cents(split["amount"])
    assert Counter(type_ for _, type_ in api.commands) == {"accept": 2, "decline": 1}


def test_a_friend_who_is_asked_mostly_pays(
    players: Players, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(100):
        asks_a_friend(players)
    _an_hour_passes(players, monkeypatch)

    answers = Counter(type_ for _, type_ in api.commands)
    assert answers["accept"] > answers["decline"] > 0
    assert answers.total() < 100


def test_payments_to_other_banks_seldom_meet_trouble(players: Players, api: Api) -> None:
    for _ in range(400):
        sent_elsewhere(players)

    troubles = Counter(body.get("reference") for body in api.orders_sent)
    assert {"SIM-TIMEOUT-30", "SIM-RETURN-FOCR"} <= set(troubles)
    assert troubles[None] > 300


def test_money_is_brought_to_a_customer_of_ours_once_each(players: Players, api: Api) -> None:
    for _ in range(20):
        brought(players)

    ours = {f"email:{customer.email}" for customer in players.town.customers}
    assert {payment["creditor"]["alias"] for payment in api.brought} <= ours
    assert len({payment["end_to_end_id"] for payment in api.brought}) == 20


def test_everybody_rents_one_flat_at_most_also_after_a_restart(
    players: Players, api: Api, tmp_path: Path
) -> None:
    for _ in range(10):
        rent(players)
    path = tmp_path / "traffic.json"
    players.town = Town(client=cast(Client, api), path=path, chance=players.chance)
    for _ in range(20):
        rent(players)

    tenants = [schedule["debtor"]["customer"] for schedule in api.schedules]
    assert len(tenants) == len(set(tenants)) == 14
    assert api.schedules[0]["frequency"] == "monthly"
    assert api.schedules[0]["first_on"] == "2026-11-24"
