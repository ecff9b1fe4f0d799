"""`manage.py verify_orders` and `verify_ledger`: what they print, and the exit codes that scripts rely on."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pymongo import MongoClient
from pymongo.database import Database

from dpms_site import checks
from tests.integration.sor.bank import Bank, Document

COMMANDS = ("verify_orders", "verify_ledger")


@pytest.fixture
def site_bank(database: Database[Document]) -> Bank:
    """A bank in the database that the site's commands read: one payment done, one waiting."""
    bank = Bank(database.client, database)
    bank.enrols("ann", "bob")
    bank.settles(bank.accepts("ord_paid"), bank.accepts("ord_waits", to="nobody"))
    return bank


def _run(command: str, *options: str) -> tuple[int, str]:
    """The exit code, and what was printed."""
    out = StringIO()
    try:
        call_command(command, *options, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.usefixtures("site_bank")
def test_without_a_problem_they_say_what_they_checked() -> None:
    assert _run("verify_orders") == (0, "checked 2 orders: no problem\n")
    assert _run("verify_ledger") == (
        0,
        "checked 2 orders, 4 entries, 4 accounts, 1 usages: no problem\n",
    )


def test_problems_are_lines_and_exit_code_1(site_bank: Bank) -> None:
    site_bank.db.orders.update_one({"_id": "ord_paid"}, {"$set": {"version": 9}})

    code, told = _run("verify_orders")

    assert code == checks.PROBLEMS == 1
    assert told.splitlines() == [
        "ord_paid: version_is_last_step: it is 9, the last step has 4",
        "checked 2 orders: 1 problem",
    ]


def test_problems_as_json(site_bank: Bank) -> None:
    site_bank.db.accounts.update_one({"_id": "acc_bob"}, {"$inc": {"posted_minor": -1}})

    code, told = _run("verify_ledger", "--json")

    found = json.loads(told)
    assert code == 1
    assert found["checked"] == {"orders": 2, "entries": 4, "accounts": 4, "usages": 1}
    assert found["problems"] == [
        {
            "id": "acc_bob",
            "rule": "posted_is_sum_of_lines",
            "detail": "it is 10999, the lines sum to 11000",
        },
        {"id": "USD posted", "rule": "sums_to_zero", "detail": "all accounts together have -1"},
    ]


@pytest.mark.usefixtures("site_bank")
def test_an_order_that_waits_is_a_problem_only_when_all_must_have_ended() -> None:
    assert _run("verify_orders")[0] == 0
    assert _run("verify_orders", "--all-final") == (
        1,
        "ord_waits: all_final: the order is AWAITING_CLAIM and has not ended\n"
        "checked 2 orders: 1 problem\n",
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_database_nothing_is_known(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere: MongoClient[Document] = MongoClient("127.0.0.1", 1, serverSelectionTimeoutMS=50)
    monkeypatch.setattr("dpms_site.mongodb.client", lambda: nowhere)
    monkeypatch.setattr("dpms_site.mongodb.database", lambda: nowhere["dpms"])

    with pytest.raises(CommandError, match="could not check") as ended:
        call_command(command)

    assert ended.value.returncode == checks.COULD_NOT_CHECK == 2
    nowhere.close()
