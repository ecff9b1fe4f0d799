"""Balances and statements at past times: every cut agrees with every other, also within one millisecond."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from bson import Int64
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from apps.kernel.clock import rfc3339
from apps.ledger.domain.entry import Entry, capture, hold, opening, void
from apps.ledger.domain.statement import Balance, change_in
from apps.ledger.statements import NEWEST_FIRST, OLDEST_FIRST, balance_at, statement
from devstack.client import Document
from dpms_site.rest.pages import Page, Position
from tests.support.api_client import an_email
from tests.support.builders import assert_problem
from tests.support.site_client import SiteClient

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ANN = "acc_" + "a" * 26
EVER = START + timedelta(days=365)


def _ms(number: int) -> datetime:
    return START + timedelta(milliseconds=number)


def _keep(database: Database[Document], *entries: Entry) -> None:
    rows = [
        {
            **entry,
            "lines": [{**ln, "amount_minor": Int64(ln["amount_minor"])} for ln in entry["lines"]],
        }
        for entry in entries
    ]
    database["entries"].insert_many(rows)


def _of(make: Any, order: str, version: int, at: datetime, amount_minor: int, **more: str) -> Entry:
    entry: Entry = make(
        order=order,
        version=version,
        debtor=ANN,
        holds="acc_int_holds_USD_1",
        amount_minor=amount_minor,
        currency="USD",
        at=at,
        **more,
    )
    return entry


def _payments(moments: Sequence[tuple[int, int, int, bool]]) -> list[Entry]:
    """Opening, then for each (order's first version, held at, paid at, is it paid) a hold and its end."""
    entries = [opening(account=ANN, amount_minor=10_000, currency="USD", at=START)]
    for number, (version, held, lasts, paid) in enumerate(moments):
        order, amount = f"ord_{number}", number + 1
        entries.append(_of(hold, order, version, _ms(held), amount))
        end = (capture, {"creditor": "acc_bob"}) if paid else (void, {})
        entries.append(_of(end[0], order, version + 1, _ms(held + lasts), amount, **end[1]))
    return entries


@pytest.fixture
def account(api: SiteClient, database: Database[Document]) -> str:
    """An account whose only entry is its opening, long ago."""
    customer = api.enrol(name="Ann Archer", email=an_email(), phone="+12025550123")
    opened = api.open_account(customer, opening_balance="100.00")
    database["entries"].update_one({"_id": f"{opened}:opening"}, {"$set": {"at": START}})
    return opened


def _statement(api: SiteClient, account: str, *, since: datetime, until: datetime) -> Document:
    period = f"from={rfc3339(since)}&to={rfc3339(until)}"
    return api.get(f"/api/v1/accounts/{account}/statement?{period}")


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    moments=st.lists(
        # Few milliseconds, so that many entries share one; versions around 9 and 10, which do not sort as text.
        st.tuples(st.integers(2, 11), st.integers(0, 4), st.integers(0, 2), st.booleans()),
        max_size=7,
    ),
    cuts=st.lists(st.integers(-1, 8), min_size=3, max_size=3).map(sorted),
    limit=st.integers(1, 4),
)
def test_periods_join_whatever_their_bounds_and_pages(
    database: Database[Document],
    moments: list[tuple[int, int, int, bool]],
    cuts: list[int],
    limit: int,
) -> None:
    database["entries"].delete_many({})
    entries = _payments(moments)
    _keep(database, *entries)
    first, second, third = map(_ms, cuts)

    earlier = _pages(first, second, limit)
    later = _pages(second, third, limit)

    assert earlier[0].closing == later[0].opening == balance_at(ANN, second)
    assert balance_at(ANN, EVER) == _sum(entries)
    for pages, since, until in ((earlier, first, second), (later, second, third)):
        rows = [row for page in pages for row in page.rows[:limit]]
        expected = sorted(
            (entry for entry in entries if since <= entry["at"] < until),
            key=lambda entry: (entry["at"], entry["order_version"] or 0, entry["_id"]),
        )
        assert [entry["_id"] for entry, _ in rows] == [entry["_id"] for entry in expected]
        assert pages[0].totals.entries == len(rows)
        stood = [pages[0].opening, *(balance for _, balance in rows)]
        for (before, after), (entry, _) in zip(pairwise(stood), rows, strict=True):
            assert after == before.plus(change_in(entry, ANN))
        assert stood[-1] == pages[0].closing


def _pages(since: datetime, until: datetime, limit: int) -> list[Any]:
    found, after = [], None
    while True:
        page = Page(limit, after, {"from": since, "to": until}, "seal")
        found.append(statement(ANN, page, since=since, until=until))
        rows = found[-1].rows
        if len(rows) <= limit:
            return found
        last = rows[limit - 1][0]
        after = Position(last["at"], last["_id"])


def _sum(entries: Sequence[Entry]) -> Balance:
    total = Balance()
    for entry in entries:
        total = total.plus(change_in(entry, ANN))
    return total


def test_tells_what_stood_before_after_and_between(
    api: SiteClient, account: str, database: Database[Document]
) -> None:
    held = _of(hold, "ord_1", 3, _ms(5), 1_250)
    paid = _of(capture, "ord_1", 4, _ms(5), 1_250, creditor="acc_bob")
    for entry in (held, paid):
        for line in entry["lines"]:
            line["account"] = account if line["account"] == ANN else line["account"]
    _keep(database, paid, held)

    found = _statement(api, account, since=_ms(1), until=_ms(6))

    assert found["opening"]["posted"] == {"value": "100.00", "currency": "USD"}
    assert [row["kind"] for row in found["data"]] == ["hold", "capture"]
    assert [row["balance"]["available"]["value"] for row in found["data"]] == ["87.50", "87.50"]
    assert [row["balance"]["held"]["value"] for row in found["data"]] == ["12.50", "0.00"]
    assert found["closing"] == found["data"][-1]["balance"]
    assert {name: found["totals"][name]["value"] for name in ("credits", "debits")} == {
        "credits": "0.00",
        "debits": "12.50",
    }
    assert found["totals"]["set_aside"] == found["totals"]["freed"]
    assert (found["from"], found["provisional"]) == ("2026-03-02T12:00:00.001Z", False)


def test_an_entry_belongs_to_the_time_from_its_own_moment_on(api: SiteClient, account: str) -> None:
    path = f"/api/v1/accounts/{account}/balance?at="

    before, after = api.get(path + rfc3339(START)), api.get(path + rfc3339(_ms(1)))

    assert (before["posted"]["value"], after["posted"]["value"]) == ("0.00", "100.00")
    assert _statement(api, account, since=START, until=_ms(1))["totals"]["entries"] == 1
    assert _statement(api, account, since=_ms(1), until=_ms(2))["totals"]["entries"] == 0


def test_the_balance_of_the_present_is_the_accounts(api: SiteClient, account: str) -> None:
    present = api.get(f"/api/v1/accounts/{account}/balance?at={rfc3339(EVER)}")

    shown = api.account(account)
    assert {name: present[name] for name in ("posted", "held", "available")} == {
        name: shown[name] for name in ("posted", "held", "available")
    }
    assert present["provisional"] is True


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ("statement", "from is missing"),
        ("statement?from=2026-03-02T12:00:00Z", "to is missing"),
        ("statement?from=2026-03-02&to=2026-03-03", "from is malformed"),
        ("statement?from=2026-03-03T00:00:00Z&to=2026-03-03T00:00:00Z", "from must be earlier"),
        ("statement?from=2026-03-04T00:00:00Z&to=2026-03-03T00:00:00Z", "from must be earlier"),
        ("statement?since=2026-03-02T12:00:00Z", "'since' is not known"),
        ("entries?from=2026-03-04T00:00:00Z&to=2026-03-03T00:00:00Z", "from must be earlier"),
        ("entries?kind=theft", "kind is malformed"),
        ("entries?order=ann", "order is malformed"),
        ("balance", "at is missing"),
        ("balance?at=yesterday", "at is malformed"),
        ("balance?at=2026-03-02T12:00:00Z&at=2026-03-02T12:00:00Z", "at is given 2 times"),
    ],
)
def test_names_the_parameter_that_is_wrong(
    api: SiteClient, account: str, tail: str, said: str
) -> None:
    answer = api.call("GET", f"/api/v1/accounts/{account}/{tail}")

    problem = assert_problem(answer, 400, "query_invalid")
    assert said in problem["detail"]


@pytest.mark.parametrize("tail", ["balance?at=2026-03-02T12:00:00Z", "statement"])
def test_the_banks_own_accounts_have_no_statement_for_callers(
    api: SiteClient, account: str, tail: str
) -> None:
    assert account
    answer = api.call("GET", f"/api/v1/accounts/acc_int_funding_USD/{tail}")

    assert_problem(answer, 404, "account_not_found")


def test_a_cursor_serves_its_own_period_only(
    api: SiteClient, account: str, database: Database[Document]
) -> None:
    later = opening(account=account, amount_minor=1, currency="USD", at=_ms(3))
    _keep(database, later | {"_id": "ord_1:2", "order_version": 2})
    path = f"/api/v1/accounts/{account}/statement?from={rfc3339(START)}&to="

    first = api.call("GET", f"{path}{rfc3339(_ms(9))}&limit=1")
    second = api.get(f"{path}{rfc3339(_ms(9))}&limit=1&cursor={first.body['next']}")
    other = api.call("GET", f"{path}{rfc3339(_ms(8))}&limit=1&cursor={first.body['next']}")

    assert first.body["has_more"] is True
    assert 'rel="next"' in first.headers["link"]
    assert [row["balance"]["posted"]["value"] for row in second["data"]] == ["100.01"]
    assert second["closing"] == first.body["closing"]
    assert_problem(other, 400, "cursor_invalid")


def test_entries_are_filtered_by_time_kind_and_order(
    api: SiteClient, account: str, database: Database[Document]
) -> None:
    order = "ord_" + "7" * 26
    moved = _of(hold, order, 3, _ms(5), 100)
    moved["lines"][0]["account"] = account
    _keep(database, moved)
    path = f"/api/v1/accounts/{account}/entries"

    found = {
        asked: [row["id"] for row in api.get(f"{path}?{asked}")["data"]]
        for asked in ("kind=hold", f"order={order}", f"to={rfc3339(_ms(5))}", "kind=void")
    }

    assert found == {
        "kind=hold": [f"{order}:3"],
        f"order={order}": [f"{order}:3"],
        f"to={rfc3339(_ms(5))}": [f"{account}:opening"],
        "kind=void": [],
    }
    assert [row["id"] for row in api.get(path)["data"]] == [f"{order}:3", f"{account}:opening"]


@pytest.mark.parametrize("sort", [OLDEST_FIRST, NEWEST_FIRST, None])
def test_every_read_goes_by_the_index_without_sorting(
    database: Database[Document], sort: list[tuple[str, int]] | None
) -> None:
    _keep(database, *_payments([(3, number % 5, 1, True) for number in range(30)]))
    asked = {"lines.account": ANN, "at": {"$gte": _ms(1), "$lt": _ms(3)}}

    found = database["entries"].find(asked)
    plan = str((found.sort(sort) if sort else found).explain()["queryPlanner"]["winningPlan"])

    assert "'indexName': 'account_lines'" in plan
    assert "'stage': 'SORT'" not in plan
