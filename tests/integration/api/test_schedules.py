"""Scheduled and recurring payments over the API, and the orders that the clock makes of them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from apps.kernel.clock import wall_clock
from apps.kernel.ids import order_id
from apps.transactions.calendar import BUSINESS_CALENDAR
from apps.transactions.models import Schedule
from apps.transactions.scheduling.making import DueSchedules
from devstack.client import Answer, Document
from tests.support.api_client import Pair
from tests.support.builders import assert_problem, with_field, without_field
from tests.support.site_client import SiteClient

TODAY = BUSINESS_CALENDAR.date_of(wall_clock())
FIRST = TODAY + timedelta(days=10)


def due(days: int = 0) -> datetime:
    """A minute after the payment of that many days after the first is due."""
    six = datetime.min.time().replace(hour=6, minute=1)
    return BUSINESS_CALENDAR.at(FIRST + timedelta(days=days), six)


def body(pair: Pair, **fields: Any) -> Document:
    order = pair.order("12.34", reference="rent")
    del order["kind"]
    rule = {"first_on": FIRST.isoformat(), "frequency": "weekly", "roll": "same_day"}
    return {**order, **rule, **fields}


def place(pair: Pair, schedule: Document | None = None) -> str:
    path = f"/api/v1/customers/{pair.payer.id}/schedules"
    return f"{path}/{schedule['id']}" if schedule else path


def set_up(api: SiteClient, pair: Pair, **fields: Any) -> Document:
    return api.post(place(pair), body(pair, **fields))


def clock_at(instant: datetime) -> int:
    return DueSchedules(clock=lambda: instant, holder="host:1").make()


def change(api: SiteClient, pair: Pair, schedule: Document, status: str) -> Answer:
    wanted = {"version": schedule["version"], "status": status}
    return api.call("PATCH", place(pair, schedule), wanted)


def orders(api: SiteClient) -> list[Document]:
    """Oldest first."""
    return list(reversed(api.get("/api/v1/orders")["data"]))


def test_says_what_was_asked_and_what_is_next(api: SiteClient, pair: Pair) -> None:
    made = set_up(api, pair, end={"count": 3})

    assert made["status"] == "ACTIVE"
    assert made["next"] == {
        "on": FIRST.isoformat(),
        "pay_on": FIRST.isoformat(),
        "due_at": made["next"]["due_at"],
        "is_being_made": False,
    }
    assert datetime.fromisoformat(made["next"]["due_at"]) == due() - timedelta(minutes=1)
    assert (made["end"], made["version"], made["last_order"]) == ({"count": 3}, 1, None)
    assert made["amount"] == {"value": "12.34", "currency": "USD"}
    assert api.get(place(pair, made)) == made
    assert api.get(place(pair))["data"] == [made]
    assert api.get(place(pair) + "?status=PAUSED")["data"] == []
    assert orders(api) == []


def test_makes_one_order_for_each_date_as_the_customer_would(api: SiteClient, pair: Pair) -> None:
    schedule = set_up(api, pair, end={"count": 2})

    assert clock_at(due() - timedelta(minutes=2)) == 0
    assert [clock_at(due()), clock_at(due())] == [1, 0]
    assert clock_at(due(7)) == 1
    assert clock_at(due(70)) == 0

    first, second = orders(api)
    assert (first["status"], first["reference"]) == ("RECEIVED", "rent")
    assert first["amount"] == {"value": "12.34", "currency": "USD"}
    assert datetime.fromisoformat(first["created_at"]) == due()
    key = f"{schedule['id']}/{FIRST + timedelta(days=7)}"
    assert second["id"] == order_id("cli_tests", key)
    over = api.get(place(pair, schedule))
    assert (over["status"], over["next"], over["made_count"]) == ("ENDED", None, 2)
    assert (over["last_order"], over["last_refusal"]) == (second["id"], None)


def test_dates_that_came_while_no_clock_ran_are_made_each_by_itself(
    api: SiteClient, pair: Pair
) -> None:
    schedule = set_up(api, pair, end={"on": (FIRST + timedelta(days=20)).isoformat()})

    assert clock_at(due(60)) == 3

    assert len(orders(api)) == 3
    assert api.get(place(pair, schedule))["status"] == "ENDED"


def test_a_clock_that_died_between_order_and_schedule_makes_no_second_order(
    api: SiteClient, pair: Pair
) -> None:
    schedule = set_up(api, pair)
    making = DueSchedules(clock=due, holder="host:1")
    claimed = making._claim(Schedule.objects.get(pk=schedule["id"]), due())
    making._result(claimed, due())

    assert clock_at(due() + timedelta(hours=1)) == 1

    (order,) = orders(api)
    found = api.get(place(pair, schedule))
    assert (found["last_order"], found["made_count"]) == (order["id"], 1)
    assert found["next"]["on"] == (FIRST + timedelta(days=7)).isoformat()


def test_a_refusal_is_kept_and_the_next_date_is_tried(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    schedule = set_up(api, pair)
    api.call("DELETE", f"/api/v1/customers/{pair.payer.id}/payees/{pair.payee}")

    clock_at(due())

    found = api.get(place(pair, schedule))
    assert (found["status"], found["refused_count"], found["made_count"]) == ("ACTIVE", 1, 0)
    assert found["last_refusal"] == {
        "on": FIRST.isoformat(),
        "code": "payee_removed",
        "detail": "The payee was removed.",
    }
    assert found["next"]["on"] == (FIRST + timedelta(days=7)).isoformat()
    assert database.orders.count_documents({}) == 0


def test_a_paused_schedule_pays_nothing_and_does_not_make_up_for_it(
    api: SiteClient, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = set_up(api, pair)
    paused = change(api, pair, schedule, "PAUSED").body
    assert (paused["status"], paused["next"], paused["version"]) == ("PAUSED", None, 2)
    assert clock_at(due(7)) == 0

    monkeypatch.setattr("dpms_site.rest.views.platform_clock", lambda: due(8))
    resumed = change(api, pair, paused, "ACTIVE").body

    assert resumed["next"]["on"] == (FIRST + timedelta(days=14)).isoformat()
    assert [clock_at(due(13)), clock_at(due(14))] == [0, 1]
    assert len(orders(api)) == 1


@pytest.mark.parametrize("status", ["PAUSED", "CANCELLED"])
def test_what_was_begun_before_it_was_stopped_is_finished_and_nothing_more(
    api: SiteClient, pair: Pair, status: str
) -> None:
    schedule = set_up(api, pair)
    making = DueSchedules(clock=due, holder="host:1")
    making._claim(Schedule.objects.get(pk=schedule["id"]), due())
    begun = api.get(place(pair, schedule))
    assert begun["next"]["is_being_made"]

    if status == "PAUSED":
        change(api, pair, begun, "PAUSED")
    else:
        api.call("DELETE", place(pair, schedule))

    assert [clock_at(due()), clock_at(due(70))] == [1, 0]
    stopped = api.get(place(pair, schedule))
    assert (stopped["status"], stopped["made_count"], stopped["next"]) == (status, 1, None)
    assert len(orders(api)) == 1


def test_who_stopped_it_first_is_sure_that_nothing_is_made(api: SiteClient, pair: Pair) -> None:
    """The clock has read the schedule before it was cancelled, and goes on after."""
    schedule = set_up(api, pair)
    read = Schedule.objects.get(pk=schedule["id"])
    assert api.call("DELETE", place(pair, schedule)).status == 204

    with pytest.raises(Exception, match="version_conflict"):
        DueSchedules(clock=due, holder="host:1")._make(read, due())

    assert orders(api) == []


def test_a_repeated_request_is_one_schedule(api: SiteClient, pair: Pair) -> None:
    first = api.call("POST", place(pair), body(pair), key="k1")
    again = api.call("POST", place(pair), body(pair), key="k1")
    other = api.call("POST", place(pair), body(pair, frequency="monthly"), key="k1")

    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert again.headers["idempotency-replayed"] == "true"
    assert_problem(other, 422, "idempotency_key_reused")
    assert Schedule.objects.count() == 1
    assert first.headers["location"] == place(pair, first.body)


def test_a_cancelled_schedule_stays_so(api: SiteClient, pair: Pair) -> None:
    schedule = set_up(api, pair)

    assert api.call("DELETE", place(pair, schedule)).status == 204
    assert api.call("DELETE", place(pair, schedule)).status == 204

    found = api.get(place(pair, schedule))
    assert (found["status"], found["version"]) == ("CANCELLED", 2)
    assert_problem(change(api, pair, found, "ACTIVE"), 409, "schedule_over", "/status")


def test_a_change_of_an_old_version_is_refused(api: SiteClient, pair: Pair) -> None:
    schedule = set_up(api, pair)
    change(api, pair, schedule, "PAUSED")

    assert_problem(change(api, pair, schedule, "ACTIVE"), 409, "version_conflict", "/version")

    assert api.get(place(pair, schedule))["status"] == "PAUSED"


PAST = (TODAY - timedelta(days=1)).isoformat()
REFUSED: list[tuple[str, Any, int, str, str]] = [
    ("first_on", PAST, 422, "schedule_in_past", "/first_on"),
    ("first_on", "2000-02-29", 422, "schedule_in_past", "/first_on"),
    ("first_on", "9999-12-31", 422, "schedule_too_far", "/first_on"),
    ("first_on", "2027-02-29", 400, "field_malformed", "/first_on"),
    ("first_on", 5, 400, "field_malformed", "/first_on"),
    ("frequency", "daily", 400, "choice_unknown", "/frequency"),
    ("roll", "never", 400, "choice_unknown", "/roll"),
    ("end", {}, 400, "field_required", "/end"),
    ("end", {"on": PAST}, 422, "schedule_ends_first", "/end/on"),
    ("end", {"on": PAST, "count": 2}, 400, "field_required", "/end"),
    ("end", {"count": 0}, 400, "number_out_of_bounds", "/end/count"),
    ("end_of_month", "yes", 400, "field_malformed", "/end_of_month"),
    ("end_of_month", True, 422, "schedule_rule_unfit", "/end_of_month"),
    ("amount/value", "0.00", 400, "amount_not_positive", "/amount/value"),
    ("payee", "pay_" + "0" * 26, 404, "payee_not_found", "/payee"),
    ("debtor/account", "acc_" + "0" * 26, 404, "account_not_found", "/debtor/account"),
    ("debtor/customer", "cus_" + "0" * 26, 422, "customer_mismatch", "/debtor/customer"),
    ("kind", "send", 400, "field_unknown", "/kind"),
]


@pytest.mark.parametrize(
    ("field", "value", "status", "code", "pointer"), REFUSED, ids=lambda value: str(value)[:20]
)
def test_refuses_what_cannot_be_and_names_the_field(
    api: SiteClient, pair: Pair, field: str, value: Any, status: int, code: str, pointer: str
) -> None:
    wanted = with_field(body(pair), field, value)

    assert_problem(api.call("POST", place(pair), wanted, key="k1"), status, code, pointer)

    assert Schedule.objects.count() == 0


def test_refuses_what_is_not_complete(api: SiteClient, pair: Pair) -> None:
    without_date = without_field(body(pair), "first_on")

    assert_problem(api.call("POST", place(pair), body(pair)), 400, "idempotency_key_missing")
    answer = api.call("POST", place(pair), without_date, key="k1")
    assert_problem(answer, 400, "field_required", "/first_on")

    assert Schedule.objects.count() == 0


def test_another_customers_schedule_is_not_found(api: SiteClient, pair: Pair) -> None:
    schedule = set_up(api, pair)
    elsewhere = f"/api/v1/customers/{pair.recipient.id}/schedules/{schedule['id']}"

    for method, wanted in (("GET", None), ("DELETE", None)):
        assert_problem(api.call(method, elsewhere, wanted), 404, "schedule_not_found")
    wanted = {"version": 1, "status": "PAUSED"}
    assert_problem(api.call("PATCH", elsewhere, wanted), 404, "schedule_not_found")

    assert api.get(place(pair, schedule)) == schedule


def test_amounts_are_stored_as_64_bits(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    set_up(api, pair)

    assert database.schedules.count_documents({"amount_minor": {"$type": "long"}}) == 1
