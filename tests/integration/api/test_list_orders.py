"""GET /orders."""

from datetime import datetime, timedelta, timezone
from urllib.parse import quote

import pytest
from pymongo.database import Database

from apps.kernel.clock import rfc3339, wall_clock
from devstack.client import Document
from tests.support.api_client import Pair, a_pair
from tests.support.builders import assert_problem
from tests.support.clock import frozen_at
from tests.support.site_client import SiteClient

ORDERS = "/api/v1/orders"


@pytest.fixture
def then() -> datetime:
    """A whole minute to come that the client's token, made at this test's start, outlives."""
    return wall_clock().replace(second=0, microsecond=0) + timedelta(minutes=5)


def _pages(api: SiteClient, path: str) -> list[Document]:
    """The rows of all pages, following `Link` as it is given."""
    rows: list[Document] = []
    following: str | None = path
    while following:
        answer = api.call("GET", following)
        rows += answer.body["data"]
        assert answer.body["has_more"] == ("link" in answer.headers)
        following = None
        if answer.body["has_more"]:
            following = answer.headers["link"].removeprefix("<").partition(">")[0]
    return rows


@pytest.mark.parametrize("limit", [1, 3, 7, 200])
def test_loses_and_repeats_nothing_among_equal_times(
    api: SiteClient, pair: Pair, then: datetime, limit: int
) -> None:
    with frozen_at(then):
        sent = {api.send(pair.order())["id"] for _ in range(7)}

        rows = _pages(api, f"{ORDERS}?limit={limit}")

    assert len(rows) == 7
    assert {row["id"] for row in rows} == sent


def test_loses_nothing_that_was_there_while_orders_keep_coming(api: SiteClient, pair: Pair) -> None:
    before = [api.send(pair.order())["id"] for _ in range(4)]
    first = api.get(f"{ORDERS}?limit=2")
    api.send(pair.order())

    second = api.get(f"{ORDERS}?limit=2&cursor={first['next']}")

    assert [row["id"] for row in first["data"] + second["data"]] == before[::-1]
    assert second["next"] is None


def test_is_empty_without_orders(api: SiteClient) -> None:
    assert api.get(ORDERS) == {"data": [], "next": None, "has_more": False}


def test_filters_by_customer_and_side(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    other = a_pair(api)
    own, foreign = api.send(pair.order())["id"], api.send(other.order())["id"]
    creditor = {"customer": pair.payer.id, "account": pair.payer.account}
    database["orders"].update_one({"_id": foreign}, {"$set": {"creditor": creditor}})

    both = api.get(f"{ORDERS}?customer={pair.payer.id}")
    sent = api.get(f"{ORDERS}?customer={pair.payer.id}&party=debtor")
    received = api.get(f"{ORDERS}?customer={pair.payer.id}&party=creditor")

    assert {row["id"] for row in both["data"]} == {own, foreign}
    assert [row["id"] for row in sent["data"]] == [own]
    assert [row["id"] for row in received["data"]] == [foreign]


def test_filters_by_status_product_and_time(api: SiteClient, pair: Pair, then: datetime) -> None:
    with frozen_at(then):
        early = api.send(pair.order())["id"]
    with frozen_at(then + timedelta(minutes=1)):
        late = api.send(pair.order())["id"]

        def listed(query: str) -> list[str]:
            return [row["id"] for row in api.get(f"{ORDERS}?{query}")["data"]]

        assert listed("status=RECEIVED&product=zelle") == [late, early]
        assert listed("status=COMPLETED") == []
        assert listed(f"created_from={rfc3339(then + timedelta(seconds=30))}") == [late]
        assert listed(f"created_to={rfc3339(then + timedelta(minutes=1))}") == [early]
        elsewhere = then.astimezone(timezone(timedelta(hours=1))).isoformat()
        assert listed(f"created_from={quote(elsewhere)}") == [late, early]


def test_a_cursor_serves_only_the_filters_that_gave_it(api: SiteClient, pair: Pair) -> None:
    for _ in range(2):
        api.send(pair.order())
    cursor = api.get(f"{ORDERS}?limit=1")["next"]

    other = api.call("GET", f"{ORDERS}?limit=1&status=RECEIVED&cursor={cursor}")
    changed = api.call("GET", f"{ORDERS}?limit=1&cursor=A{cursor[1:]}")

    assert_problem(other, 400, "cursor_invalid")
    assert_problem(changed, 400, "cursor_invalid")
