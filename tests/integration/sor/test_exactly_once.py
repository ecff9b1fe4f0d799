"""Each order is applied once: whatever mongod or the connection does to a commit, and whoever else settles the same."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo import MongoClient

from apps.transactions.domain.limits import PROFILES
from apps.transactions.domain.order import Actor
from streaming.sor import transaction
from streaming.sor import write as writing
from streaming.sor.element import AliasElement, CommandElement, Element, WaitingElement
from streaming.sor.plan import Planner
from streaming.sor.reading import read
from streaming.sor.transaction import SorUnavailable, log
from streaming.sor.write import VersionConflict
from tests.integration.sor.bank import Bank, Document
from tests.integration.sor.conftest import Faults
from tests.support.waiting import wait_until

UNSURE = {"writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}}
CONFLICT = {"errorCode": 112, "errorLabels": ["TransientTransactionError"]}
GONE = {"closeConnection": True}
FAULTS: dict[str, tuple[list[str], int, dict[str, Any]]] = {
    "commit done but not acknowledged": (["commitTransaction"], 2, UNSURE),
    "connection lost at the commit": (["commitTransaction"], 3, GONE),
    "transaction forgotten at the commit": (
        ["commitTransaction"],
        1,
        {"errorCode": 251, "errorLabels": ["TransientTransactionError"]},
    ),
    "primary steps down at the commit": (["commitTransaction"], 2, {"errorCode": 11602}),
    "connection lost while reading": (["find"], 3, GONE),
    "connection lost while writing orders": (["update"], 2, GONE),
    "connection lost while writing entries": (["insert"], 2, GONE),
    "write conflicts": (["update"], 2, CONFLICT),
    "connection lost at an abort": (["abortTransaction"], 1, GONE),
}


def _a_batch(bank: Bank) -> list[Element]:
    """Payments, one that waits, a cancelled one, and a command too late."""
    bank.enrols("ann", "bob")
    elements: list[Element] = [bank.accepts(f"ord_{number}") for number in range(4)]
    elements += [bank.accepts("ord_waits", to="nobody"), bank.accepts("ord_cancelled")]
    bank.is_asked("cmd_1", "ord_cancelled")
    bank.is_asked("cmd_2", "ord_0")
    return [CommandElement("cmd_1"), *elements, CommandElement("cmd_2")]


def _assert_applied_once(bank: Bank) -> None:
    assert bank.statuses([f"ord_{number}" for number in range(4)]) == ["COMPLETED"] * 4
    assert bank.statuses(["ord_waits", "ord_cancelled"]) == ["AWAITING_CLAIM", "CANCELLED"]
    assert bank.balance("ann") == (6_000, 1_000)
    assert bank.balance("bob") == (14_000, 0)
    assert bank.db.entries.count_documents({"order": {"$ne": None}}) == 5
    assert [outcome["state"] for outcome in bank.db.outcomes.find().sort("_id")] == [
        *("APPLIED", "REFUSED")
    ]
    assert bank.db.dead_letters.count_documents({}) == 0
    assert bank.problems() == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_on_the_way_is_masked(bank: Bank, faults: Faults, name: str) -> None:
    commands, times, how = FAULTS[name]
    batch = _a_batch(bank)
    faults.plan(times=times, commands=commands, **how)
    if commands == ["abortTransaction"]:
        # Nothing is aborted before there is a batch with nothing to write.
        bank.settles(*batch)

    bank.settles(*batch)

    assert faults.end() >= times
    _assert_applied_once(bank)


@pytest.mark.usefixtures("transactions_end_soon")
@pytest.mark.parametrize("how", [UNSURE, GONE], ids=["unsure", "gone"])
def test_a_commit_that_stays_unknown_stops_the_job_and_is_never_called_failed(
    bank: Bank, faults: Faults, monkeypatch: pytest.MonkeyPatch, how: dict[str, Any]
) -> None:
    monkeypatch.setattr(transaction, "OUTAGE_SECONDS", 0.3)
    batch = _a_batch(bank)
    faults.plan(times=1_000, commands=["commitTransaction"], **how)

    with pytest.raises(SorUnavailable):
        bank.settles(*batch)
    assert faults.end() > 2
    assert bank.db.dead_letters.count_documents({}) == 0

    # The job starts again with the same elements until the transaction that hangs in mongod is gone.
    wait_until(lambda: _is_settled(bank, batch), 30, "the batch is settled")
    _assert_applied_once(bank)


def _is_settled(bank: Bank, batch: list[Element]) -> bool:
    try:
        bank.settles(*batch)
    except SorUnavailable:
        return False
    return True


def test_a_database_that_stays_away_stops_the_job_with_nothing_written(
    bank: Bank, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "OUTAGE_SECONDS", 0.3)
    batch = _a_batch(bank)
    before = bank.dump()
    faults.plan(times=1_000, commands=["find"], **GONE)

    with pytest.raises(SorUnavailable):
        bank.settles(*batch)

    faults.end()
    assert bank.dump() == before


def _run_before_write(
    monkeypatch: pytest.MonkeyPatch, interfere: Callable[[], object]
) -> Callable[[], int]:
    """Has `interfere` happen once between reading and writing; answers how often was written."""
    real, calls = writing.write, []

    def write(*args: Any) -> None:
        calls.append(1)
        if len(calls) == 1:
            interfere()
        real(*args)

    monkeypatch.setattr(transaction, "write", write)
    return lambda: len(calls)


def test_a_zombie_that_decided_on_old_values_writes_nothing(
    bank: Bank, second_client: MongoClient[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = _a_batch(bank)
    other = bank.sor(client=second_client)
    after_other: list[dict[str, list[Document]]] = []

    def overtake() -> None:
        other.settle(batch)
        after_other.append(bank.dump())

    writes = _run_before_write(monkeypatch, overtake)
    bank.settles(*batch)

    assert writes() >= 3
    assert bank.dump() == after_other[0]
    _assert_applied_once(bank)


def test_what_was_decided_on_an_older_version_is_not_written(bank: Bank) -> None:
    """The compare-and-set holds by itself, also where no snapshot would notice."""
    bank.enrols("ann", "bob")
    order = bank.accepts("ord_1")
    with bank.client.start_session() as session, session.start_transaction():
        limits = PROFILES["sandbox"]
        found = read(bank.db, session, [order], bank.now, limits=limits)
        actor = Actor(kind="stream", id="send_money#0")
        planner = Planner(flow="send_money", actor=actor, limits=limits, found=found, log=log)
        plan = planner.decide([order])
        session.abort_transaction()
    bank.settles(order)
    before = bank.dump()

    with bank.client.start_session() as session, session.start_transaction():
        with pytest.raises(VersionConflict):
            writing.write(bank.db, session, plan, found)
        session.abort_transaction()

    assert bank.dump() == before


def test_two_payments_from_two_flows_never_spend_the_same_money(
    bank: Bank, second_client: MongoClient[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both read an account with enough for one of them; the second to write must see the first."""
    bank.enrols("ann", "bob", posted_minor=1_000)
    one, two = bank.accepts("ord_1", amount_minor=800), bank.accepts("ord_2", amount_minor=800)
    other = bank.sor(client=second_client)

    _run_before_write(monkeypatch, lambda: other.settle([two]))
    bank.settles(one)

    assert bank.statuses(["ord_1", "ord_2"]) == ["REJECTED", "COMPLETED"]
    assert bank.order("ord_1")["reason"] == "AM04"
    assert bank.balance("ann") == (200, 0)
    assert bank.problems(all_final=True) == []


def test_two_jobs_side_by_side_apply_each_order_once(
    bank: Bank, second_client: MongoClient[Document]
) -> None:
    names = ("ann", "bob", "cid", "dan")
    bank.enrols(*names[:3], posted_minor=5_000)
    bank.enrols("dan", posted_minor=5_000, alias="PENDING")
    chance = random.Random(7)
    elements: list[Element] = []
    for number in range(120):
        debtor, creditor = chance.sample(names, 2)
        amount = chance.choice([1, 50, 400])
        elements.append(bank.accepts(f"ord_{number:03}", debtor, creditor, amount))
        if number % 6 == 0:
            bank.is_asked(f"cmd_{number:03}", f"ord_{number:03}")
            elements.append(CommandElement(f"cmd_{number:03}"))
    start = threading.Barrier(2)

    def run(client: MongoClient[Document], seed: int) -> None:
        sor, mine = bank.sor(client=client), list(elements)
        random.Random(seed).shuffle(mine)
        start.wait()
        for first in range(0, len(mine), 9):
            sor.settle(mine[first : first + 9])

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(run, bank.client, 1), threads.submit(run, second_client, 2)]:
            done.result()

    assert bank.problems() == []
    assert bank.db.orders.count_documents({"status": "RECEIVED"}) == 0
    assert bank.db.outcomes.count_documents({}) == 20
    assert bank.db.dead_letters.count_documents({}) == 0

    bank.activates("dan")
    waiting = [o["_id"] for o in bank.db.orders.find({"status": "AWAITING_CLAIM"}, {"_id": 1})]
    assert waiting
    elements = [AliasElement("email:dan@example.com"), *map(WaitingElement, waiting)]
    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(run, bank.client, 3), threads.submit(run, second_client, 4)]:
            done.result()

    assert bank.problems(all_final=True) == []
    posted = [bank.balance(name)[0] for name in names]
    assert sum(posted) == 20_000
