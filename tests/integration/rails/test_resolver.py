"""An order that waits for an alias which is nobody's here …"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from apps.parties.directory import owners_known
from apps.rails.gateway import resolver as resolving
from apps.rails.gateway.resolver import Resolver
from apps.rails.networks.adapter import Served, Unreachable
from apps.rails.networks.registry import NETWORKS
from tests.integration.rails.town import a_gateway, a_network, ports
from tests.support.rails import NOW, OURS, THEIRS
from tests.support.waiting import wait_until

Document = dict[str, Any]
OLIVE, NOBODY = "email:olive@other-bank.example", "email:nobody@example.com"


@dataclass
class Directory:
    """A network's directory, and what it was asked."""

    banks: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken: Exception | None = None
    network = NETWORKS["zelle"]

    def look_up(self, alias: str) -> Served | None:
        self.asked.append(alias)
        if self.broken is not None:
            raise self.broken
        bank = self.banks.get(alias)
        return Served(alias, bank, "Other Bank") if bank else None


@dataclass
class Rounds:
    """Rounds of one resolver, at a time that the test sets."""

    database: Database[Document]
    directory: Directory
    now: datetime = NOW

    def __post_init__(self) -> None:
        adapter: Any = self.directory  # of an adapter, looking up is all that is needed
        self._resolver = Resolver(self.database, adapter, our_bank=OURS, clock=lambda: self.now)

    def after(self, seconds: int) -> list[str]:
        """What is asked in a round so much later."""
        self.now += timedelta(seconds=seconds)
        self.directory.asked.clear()
        self._resolver.resolve()
        return list(self.directory.asked)


@pytest.fixture
def rounds(database: Database[Document]) -> Rounds:
    return Rounds(database, Directory())


@pytest.fixture(autouse=True)
def _emptied(database: Database[Document]) -> Iterator[None]:
    yield
    database.aliases.delete_many({})


def waits(database: Database[Document], order: str, alias: str = OLIVE, **different: Any) -> None:
    route = {"order": order, "customer": "cus_ann", "account": "acc_ann"}
    document = {"_id": order, "status": "AWAITING_CLAIM", "alias_key": alias, "version": 5}
    database.orders.insert_one(document | {"route": route} | different)


def test_goes_to_the_bank_that_serves_it(database: Database[Document], rounds: Rounds) -> None:
    rounds.directory.banks[OLIVE] = THEIRS
    for order in ("ord_1", "ord_2"):
        waits(database, order)
    waits(database, "ord_done", status="COMPLETED")
    waits(database, "ord_nobody", NOBODY)

    assert rounds.after(0) == [NOBODY, OLIVE]

    commands = list(database.commands.find().sort("order"))
    assert [each["order"] for each in commands] == ["ord_1", "ord_2"]
    assert commands[0] | {"_id": ""} == {
        "_id": "",
        "type": "resolved",
        "kind": "send",
        "order": "ord_1",
        "actor": {"kind": "network", "id": "zelle"},
        "reason": "the alias is served at another bank",
        "client": None,
        "request_id": None,
        "created_at": NOW,
        "route": {"order": "ord_1", "customer": "cus_ann", "account": "acc_ann"},
    }
    (entry,) = database.directory_entries.find()
    assert (entry["_id"], entry["place"]) == (f"zelle:{OLIVE}", "NETWORK")
    assert (entry["routing_number"], entry["looked_up_at"]) == (THEIRS, NOW)
    assert owners_known([OLIVE]) == {OLIVE: f"zelle:{THEIRS}"}


def test_is_told_once_at_each_of_its_versions(database: Database[Document], rounds: Rounds) -> None:
    rounds.directory.banks[OLIVE] = THEIRS
    waits(database, "ord_1")

    rounds.after(0)
    Rounds(database, rounds.directory).after(0)  # another leader
    waits(database, "ord_2")
    rounds.after(60)
    assert database.commands.count_documents({}) == 2

    database.orders.update_one({"_id": "ord_1"}, {"$inc": {"version": 1}})
    rounds.after(60)
    assert database.commands.count_documents({}) == 3


def test_is_asked_about_once_a_minute_and_those_that_were_never_asked_first(
    database: Database[Document], rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolving, "ALIASES_MAX", 2)
    for name in "abc":
        waits(database, f"ord_{name}", name)

    asked = [rounds.after(seconds) for seconds in (0, 2, 2)]
    waits(database, "ord_d", "d")

    assert asked == [["a", "b"], ["c"], []]
    assert [rounds.after(seconds) for seconds in (56, 2)] == [["d", "a"], ["b", "c"]]


def test_stays_when_the_alias_is_ours_or_the_directory_says_so(
    database: Database[Document], rounds: Rounds
) -> None:
    rounds.directory.banks = {OLIVE: THEIRS, NOBODY: OURS}
    waits(database, "ord_1")
    waits(database, "ord_2", NOBODY)
    database.aliases.insert_one({"_id": "als_1", "key": OLIVE, "status": "ACTIVE"})

    assert rounds.after(0) == [NOBODY]

    assert database.commands.count_documents({}) == 0
    assert database.directory_entries.count_documents({}) == 0


@pytest.mark.parametrize("broken", [Unreachable("away"), KeyError("bank")])
def test_holds_up_no_other_when_its_directory_can_not_answer(
    database: Database[Document], rounds: Rounds, broken: Exception
) -> None:
    rounds.directory.banks[OLIVE] = THEIRS
    waits(database, "ord_1")
    waits(database, "ord_2", NOBODY)

    rounds.directory.broken = broken
    with pytest.raises(type(broken)):
        rounds.after(0)
    rounds.directory.broken = None

    assert rounds.after(2) == [OLIVE]
    assert database.commands.count_documents({}) == 1


def test_goes_there_by_a_gateway_that_leads_as_soon_as_a_bank_serves_it(
    database: Database[Document], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolving, "ASKED_AGAIN_AFTER", timedelta())
    monkeypatch.setattr(resolving, "ROUND_SECONDS", 0.05)
    at = ports("gateway", "zelle")
    url = f"http://127.0.0.1:{at['zelle']}"
    waits(database, "ord_1", NOBODY)
    inbox = f"http://127.0.0.1:{at['gateway']}"
    with (
        a_gateway(database, {"zelle": url}, at["gateway"]),
        a_network("zelle", tmp_path, at["zelle"], inbox) as store,
    ):
        store.put(
            "facts",
            {"name": f"alias {NOBODY}", "value": '{"bank": "999999918", "bank_name": "Third"}'},
        )
        command = wait_until(lambda: database.commands.find_one({}), 10, "the order is told")

    assert command["order"] == "ord_1"
    (entry,) = database.directory_entries.find()
    assert (entry["bank_name"], entry["owner"]) == ("Third", "zelle:999999918")
