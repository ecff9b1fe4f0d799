"""The watch catches a moment in which the ledger does not hold, and is silent about what one transaction does."""

from collections.abc import Iterator
from typing import Any

import pytest
from bson.int64 import Int64
from pymongo.client_session import ClientSession

from apps.ledger.watch import LedgerWatch
from tests.integration.sor.bank import Bank
from tests.support.waiting import wait_until


@pytest.fixture
def watch(bank: Bank, mongod: str) -> Iterator[LedgerWatch]:
    bank.enrols("ann", "bob")
    with LedgerWatch(mongod, bank.db.name) as watch:
        _reads_on(watch)
        yield watch


def _reads_on(watch: LedgerWatch) -> None:
    """Two more whole reads, the second of which began after this was called."""
    enough = watch.reads + 2
    wait_until(lambda: watch.reads >= enough, 20, "the watch reads on")


def _moves(bank: Bank, name: str, amount_minor: int, session: ClientSession | None = None) -> None:
    increment = {"$inc": {"posted_minor": Int64(amount_minor)}}
    bank.db.accounts.update_one({"_id": f"acc_{name}"}, increment, session=session)


def _named(watch: LedgerWatch) -> set[tuple[str, str]]:
    return {(problem.id, problem.rule) for problem in watch.findings().problems}


def test_a_transfer_in_two_writes_is_caught(bank: Bank, watch: LedgerWatch) -> None:
    _moves(bank, "ann", -700)
    _reads_on(watch)
    _moves(bank, "bob", 700)
    _reads_on(watch)

    caught = watch.wrong
    _reads_on(watch)

    assert _named(watch) == {("USD posted", "sums_to_zero")}
    assert "-700" in watch.moments[0].problems[0].detail
    assert watch.wrong == caught
    assert watch.lost == 0


def test_the_same_in_one_transaction_is_not(bank: Bank, watch: LedgerWatch) -> None:
    with bank.client.start_session() as session, session.start_transaction():
        _moves(bank, "ann", -700, session)
        _reads_on(watch)
        _moves(bank, "bob", 700, session)
    _reads_on(watch)

    assert bank.balance("bob") == (10_700, 0)
    assert (_named(watch), watch.wrong) == (set(), 0)


def test_payments_are_made_under_its_eyes(bank: Bank, watch: LedgerWatch) -> None:
    for number in range(10):
        bank.settles(bank.accepts(f"ord_{number}"))
    _reads_on(watch)

    assert bank.balance("bob") == (20_000, 0)
    assert _named(watch) == set()


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        ({"posted_minor": Int64(-20_000)}, ("acc_ann", "not_below_zero")),
        ({"held_minor": Int64(-1)}, ("acc_ann", "not_below_zero")),
        ({"held_minor": Int64(1)}, ("USD held", "sums_to_zero")),
    ],
)
def test_a_forbidden_balance_is_kept_though_it_lasted_a_moment(
    bank: Bank, watch: LedgerWatch, damage: dict[str, Any], rule: tuple[str, str]
) -> None:
    back = {name: Int64(-amount) for name, amount in damage.items()}

    bank.db.accounts.update_one({"_id": "acc_ann"}, {"$inc": damage})
    _reads_on(watch)
    bank.db.accounts.update_one({"_id": "acc_ann"}, {"$inc": back})

    assert rule in _named(watch)
    assert bank.problems() == []


def test_lost_connections_are_counted_and_it_reads_on(bank: Bank, watch: LedgerWatch) -> None:
    data = {"failCommands": ["aggregate"], "appName": "dpms-watch", "closeConnection": True}
    admin = bank.client.admin
    admin.command("configureFailPoint", "failCommand", mode={"times": 6}, data=data)
    try:
        wait_until(lambda: watch.lost > 0, 20, "a connection is lost")
        _reads_on(watch)
    finally:
        admin.command("configureFailPoint", "failCommand", mode="off")
    _moves(bank, "ann", 1)
    _reads_on(watch)

    assert _named(watch) == {("USD posted", "sums_to_zero")}


def test_a_watch_that_can_not_read_at_all_says_so(bank: Bank) -> None:
    watch = LedgerWatch("mongodb://", bank.db.name)
    watch.start()

    with pytest.raises(Exception, match="hostname"):
        watch.stop()
