"""Networks' positions over REST and as a command: the settlement accounts' sums on a business day."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from bson import Int64
from django.core.management import CommandError, call_command
from pymongo.database import Database

from apps.ledger.domain.internal import internal_account
from apps.ledger.domain.transfers import moved as entry_of
from devstack.client import Document
from tests.support.builders import an_api_client, assert_problem
from tests.support.clock import frozen_at
from tests.support.site_client import SiteClient

# Business day 2 March 2026 in New York: from 05:00 UTC to 05:00 UTC of the next day.
BEFORE = datetime(2026, 3, 2, 4, 59, 59, 999_000, tzinfo=UTC)
FIRST = datetime(2026, 3, 2, 5, tzinfo=UTC)
LAST = datetime(2026, 3, 3, 4, 59, 59, 999_000, tzinfo=UTC)
AFTER = datetime(2026, 3, 3, 5, tzinfo=UTC)
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
PATH = "/api/v1/ledger/positions"


def _usd(value: str) -> Document:
    return {"value": value, "currency": "USD"}


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with frozen_at(NOW):
        yield


@pytest.fixture
def moved(database: Database[Document]) -> None:
    """Two sub-accounts of zelle and one of interfi, with what came in before, on and after the day."""
    _moves(database, "ord_1:1", "receipt", "zelle", 1, 100, BEFORE)
    _moves(database, "ord_2:1", "receipt", "zelle", 1, 2_000, FIRST)
    _moves(database, "ord_3:5", "return_in", "zelle", 2, 30_000, LAST)
    _moves(database, "ord_4:1", "receipt", "zelle", 2, 400_000, AFTER)
    _moves(database, "ord_5:1", "receipt", "interfi", 1, 7, FIRST)


def _moves(
    database: Database[Document],
    entry_id: str,
    kind: Any,
    network: str,
    shard: int,
    amount_minor: int,
    at: datetime,
) -> None:
    """An entry from the network's settlement account, which takes it as the SOR does."""
    settlement = internal_account("settlement", network=network, currency="USD", shard=shard)
    order, _, version = entry_id.partition(":")
    entry = entry_of(
        kind,
        order=order,
        version=int(version),
        source=settlement,
        target="acc_ann",
        amount_minor=amount_minor,
        currency="USD",
        at=at,
    )
    for line in entry["lines"]:
        line["amount_minor"] = Int64(line["amount_minor"])
    database["entries"].insert_one(dict(entry))
    database["accounts"].update_one(
        {"_id": settlement},
        {
            "$inc": {"posted_minor": Int64(-amount_minor)},
            "$setOnInsert": {"customer": None, "purpose": "settlement", "currency": "USD"},
        },
        upsert=True,
    )


@pytest.mark.usefixtures("moved")
def test_tells_the_day_by_network_and_kind(api: SiteClient) -> None:
    found = api.get(f"{PATH}?date=2026-03-02")

    assert found["data"] == [
        {
            "network": "interfi",
            "currency": "USD",
            "opening": _usd("0.00"),
            "closing": _usd("-0.07"),
            "movements": [{"kind": "receipt", "entries": 1, "amount": _usd("-0.07")}],
        },
        {
            "network": "zelle",
            "currency": "USD",
            "opening": _usd("-1.00"),
            "closing": _usd("-321.00"),
            "movements": [
                {"kind": "receipt", "entries": 1, "amount": _usd("-20.00")},
                {"kind": "return_in", "entries": 1, "amount": _usd("-300.00")},
            ],
        },
    ]
    assert (found["from"], found["to"]) == ("2026-03-02T05:00:00.000Z", "2026-03-03T05:00:00.000Z")
    assert (found["zone"], found["provisional"]) == ("America/New_York", False)


@pytest.mark.usefixtures("moved")
def test_one_network_on_the_day_that_runs(api: SiteClient) -> None:
    found = api.get(f"{PATH}?date=2026-03-03&network=zelle")

    (zelle,) = found["data"]
    assert (zelle["opening"], zelle["closing"]) == (_usd("-321.00"), _usd("-4321.00"))
    assert found["provisional"] is True
    assert api.get(f"{PATH}?date=2026-03-03&network=none")["data"] == []


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ("", "date is missing"),
        ("?date=yesterday", "date is malformed"),
        ("?date=2026-02-30", "there is no such day"),
        ("?date=2026-03-04", "has not begun"),
        ("?date=9999-12-31", "out of range"),
        ("?date=2026-03-02&network=Zelle", "network is malformed"),
        ("?date=2026-03-02&currency=USD", "'currency' is not known"),
    ],
)
def test_names_the_parameter_that_is_wrong(api: SiteClient, tail: str, said: str) -> None:
    problem = assert_problem(api.call("GET", PATH + tail), 400, "query_invalid")

    assert said in problem["detail"]


@pytest.mark.usefixtures("api")
def test_needs_a_scope_of_its_own() -> None:
    reader = an_api_client("cli_reader", scopes=("accounts:read",))

    assert_problem(reader.call("GET", f"{PATH}?date=2026-03-02"), 403, "scope_missing")


@pytest.mark.usefixtures("moved")
def test_the_command_reports_the_day_that_ended_last(api: SiteClient) -> None:
    told, lines = StringIO(), StringIO()

    call_command("report_positions", "--json", stdout=told)
    call_command("report_positions", "--network", "zelle", stdout=lines)

    assert json.loads(told.getvalue()) == api.get(f"{PATH}?date=2026-03-02")
    assert lines.getvalue().splitlines() == [
        "zelle USD: opening -1.00, change -320.00, closing -321.00",
        "business day 2026-03-02 (America/New_York),"
        " 2026-03-02T05:00:00.000Z to 2026-03-03T05:00:00.000Z: final",
    ]


@pytest.mark.usefixtures("database")
def test_the_command_says_by_its_exit_code_that_a_day_is_not_over() -> None:
    told = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("report_positions", "--date", "2026-03-03", stdout=told)

    assert ended.value.code == 1
    assert "provisional" in told.getvalue()


@pytest.mark.usefixtures("database")
def test_the_command_refuses_a_day_to_come() -> None:
    with pytest.raises(CommandError, match="has not begun") as refused:
        call_command("report_positions", "--date", "2026-03-04")

    assert refused.value.returncode == 2
