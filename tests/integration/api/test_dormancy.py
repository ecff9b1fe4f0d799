"""The command that looks again at customers without activity."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pymongo.database import Database

from apps.kernel.clock import wall_clock
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


def test_refuses_no_months_at_all(database: Database[Document]) -> None:  # noqa: ARG001
    with pytest.raises(CommandError, match="at least 1"):
        _check("--months", "0")
