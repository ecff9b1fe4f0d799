"""POST /orders with `execute_on`: a payment for a later day."""

from datetime import date, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from apps.kernel.clock import wall_clock
from apps.transactions.calendar import BUSINESS_CALENDAR
from apps.transactions.domain.execution_day import DAYS_AHEAD_MAX
from apps.transactions.management.commands.verify_idempotency import check_idempotency
from devstack.client import Document
from tests.support.api_client import Pair
from tests.support.builders import assert_problem, with_field
from tests.support.platform_clock import SandboxClock
from tests.support.site_client import SiteClient

ORDERS = "/api/v1/orders"
BATCH = f"{ORDERS}/batch"


def day(days: int) -> str:
    """So many days from today, in the bank's time zone."""
    today: date = BUSINESS_CALENDAR.date_of(wall_clock())
    return (today + timedelta(days=days)).isoformat()


@pytest.mark.parametrize("days", [0, 1, DAYS_AHEAD_MAX])
def test_is_kept_and_answered_as_it_was_asked(
    days: int, api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    order = api.send(pair.order(execute_on=day(days)))

    assert (order["status"], order["execute_on"]) == ("RECEIVED", day(days))
    assert api.order(order["id"]) == order
    (stored,) = database["orders"].find()
    assert stored["execute_on"] == day(days)
    with database.client.start_session(snapshot=True) as session:
        assert check_idempotency(database, session).problems == []


def test_left_out_or_null_is_at_once_and_the_same_request(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    first = api.call("POST", ORDERS, pair.order(), key="k1")

    second = api.call("POST", ORDERS, {**pair.order(), "execute_on": None}, key="k1")

    assert first.body["execute_on"] is None
    assert (second.status, second.body) == (201, first.body)
    (stored,) = database["orders"].find()
    assert "execute_on" not in stored


def test_another_day_under_the_same_key_is_another_body(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    api.call("POST", ORDERS, pair.order(execute_on=day(1)), key="k1")

    other = api.call("POST", ORDERS, pair.order(execute_on=day(2)), key="k1")
    none = api.call("POST", ORDERS, pair.order(), key="k1")

    assert_problem(other, 422, "idempotency_key_reused")
    assert_problem(none, 422, "idempotency_key_reused")
    assert database["orders"].count_documents({}) == 1


def test_a_repeated_request_gets_its_answer_also_when_the_day_is_past(
    api: SiteClient, pair: Pair, sandbox_clock: SandboxClock
) -> None:
    first = api.call("POST", ORDERS, pair.order(execute_on=day(1)), key="k1")
    sandbox_clock.is_ahead(days=5)

    second = api.call("POST", ORDERS, pair.order(execute_on=day(1)), key="k1")
    new = api.call("POST", ORDERS, pair.order(execute_on=day(1)), key="k2")

    assert (second.status, second.body) == (201, first.body)
    assert_problem(new, 422, "execute_on_past", "/execute_on")


REFUSED: dict[str, tuple[Any, int, str, str]] = {
    "yesterday": (day(-1), 422, "execute_on_past", day(0)),
    "the first day there is": ("0001-01-01", 422, "execute_on_past", day(0)),
    "too far": (day(DAYS_AHEAD_MAX + 1), 422, "execute_on_too_far", day(DAYS_AHEAD_MAX)),
    "the last day there is": ("9999-12-31", 422, "execute_on_too_far", day(DAYS_AHEAD_MAX)),
    "no such day": ("2027-02-29", 400, "field_malformed", "no such day"),
    "an instant": ("2027-02-28T00:00:00Z", 400, "field_malformed", "YYYY-MM-DD"),
    "a number": (20270228, 400, "field_malformed", "YYYY-MM-DD"),
    "empty": ("", 400, "field_malformed", "YYYY-MM-DD"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_by_name_and_leaves_nothing(
    name: str, api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    value, status, code, right = REFUSED[name]

    answer = api.call("POST", ORDERS, with_field(pair.order(), "execute_on", value), key="k1")

    assert_problem(answer, status, code, "/execute_on")
    assert right in str(answer.body)
    assert database["orders"].count_documents({}) == 0


def test_in_a_batch_each_order_has_its_own_day(api: SiteClient, pair: Pair) -> None:
    days = [None, day(1), day(-1), "soon"]
    items = [
        {"idempotency_key": f"k{place}", **pair.order(), "execute_on": each}
        for place, each in enumerate(days)
    ]

    results = api.call("POST", BATCH, {"orders": items}).body["results"]

    assert [result["status"] for result in results] == [201, 201, 422, 400]
    assert [result["order"]["execute_on"] for result in results[:2]] == days[:2]
    pointers = [result["problem"]["errors"][0]["pointer"] for result in results[2:]]
    assert pointers == ["/execute_on"] * 2
