"""The command that looks again at customers without activity."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pymongo.database import Database

from apps.kernel.clock import wall_clock
from apps.profiles.dormancy import (
    DormancyCheck,
    dormant_customers,
    suspend_if_unchanged,
    suspension,
)
from devstack.client import Document
from tests.support.api_client import Pair
from tests.support.clock import frozen_at
from tests.support.site_client import SiteClient

A_YEAR_LATER = timedelta(days=366)


def _check(*options: str) -> list[Document]:
    out = StringIO()
    call_command("check_dormancy", "--json", *options, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_lists_whom_nothing_happened_to_for_so_long(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    later = wall_clock() + A_YEAR_LATER
    order = api.send(pair.order())["id"]
    recent = {"created_at": later - timedelta(days=30)}

    with frozen_at(later):
        both = {told["customer"] for told in _check()}
        more_patient = _check("--months", "13")
        database["orders"].update_one({"_id": order}, {"$set": recent})
        one = [told["customer"] for told in _check()]
        creditor = {"creditor": {"customer": pair.recipient.id}}
        database["orders"].update_one({"_id": order}, {"$set": creditor})
        nobody = _check()

    assert _check() == []
    assert both == {pair.payer.id, pair.recipient.id}
    assert more_patient == []
    assert (one, nobody) == ([pair.recipient.id], [])
    assert database["customers"].distinct("version") == [1]


def test_suspends_them_with_the_reason_once(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    path = f"/api/v1/customers/{pair.payer.id}"
    with frozen_at(wall_clock() + A_YEAR_LATER):
        first = _check("--suspend")
        again = _check("--suspend")
        suspended = database["customers"].find({"_id": pair.payer.id}).next()
        api._token_until = 0.0
        api.call("POST", f"{path}/reinstate", {"reason": "called us"})
        after_reinstatement = _check()

    assert [told["suspended"] for told in first] == [True, True]
    assert again == []
    assert (suspended["status"], suspended["reason"]) == (
        "SUSPENDED",
        "no activity for 12 months",
    )
    assert (suspended["modified_by"], suspended["version"]) == ("clock:check_dormancy", 2)
    assert after_reinstatement == []


def test_the_clock_suspends_them_a_few_a_turn_and_looks_once_a_day(
    pair: Pair, database: Database[Document]
) -> None:
    later = wall_clock() + A_YEAR_LATER
    times = iter([later, later, later, later, later + timedelta(days=1)])
    task = DormancyCheck(clock=lambda: next(times), batch=1)

    suspended = [task.check() for _ in range(3)]
    database["customers"].update_one({"_id": pair.payer.id}, {"$set": {"status": "ACTIVE"}})
    on_that_day, a_day_later = task.check(), task.check()

    assert suspended == [1, 1, 0]
    assert (on_that_day, a_day_later) == (0, 1)
    made = {each["modified_by"] for each in database["customers"].find()}
    assert made == {"clock:check_dormancy"}


def test_the_clock_leaves_alone_who_was_changed_meanwhile(
    pair: Pair, database: Database[Document]
) -> None:
    now = wall_clock() + A_YEAR_LATER
    found = list(dormant_customers(now=now, months=12))
    database["customers"].update_one({"_id": pair.payer.id}, {"$inc": {"version": 1}})

    made = suspension(now=now, months=12)
    suspended = [suspend_if_unchanged(customer, made=made) for customer in found]

    assert sorted(suspended) == [False, True]
    changed = database["customers"].find({"_id": pair.payer.id}).next()
    assert (changed["status"], changed["version"]) == ("ACTIVE", 2)


def test_refuses_no_months_at_all(database: Database[Document]) -> None:  # noqa: ARG001
    with pytest.raises(CommandError, match="at least 1"):
        _check("--months", "0")
