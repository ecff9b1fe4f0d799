"""Un-enrolment: refused while orders are under way, whole otherwise, and taken up again after a crash."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from apps.kernel import failpoint
from apps.kernel.clock import wall_clock
from apps.profiles.domain.lifecycle import MOVES, Event
from apps.profiles.unfinished import Unfinished
from devstack.client import Answer, Document, order_body
from tests.support.api_client import Pair, a_customer, an_email
from tests.support.builders import assert_problem
from tests.support.clock import frozen_at
from tests.support.site_client import SiteClient

REASON = {"reason": "moves abroad"}


def _path(customer: str) -> str:
    return f"/api/v1/customers/{customer}"


def _unenrol(api: SiteClient, customer: str) -> Answer:
    return api.call("POST", f"{_path(customer)}/unenrol", REASON)


def test_leaves_and_releases_aliases_and_keeps_history(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    bob = pair.recipient

    answer = _unenrol(api, bob.id)

    left = answer.body
    assert (answer.status, left["status"], left["products"]) == (200, "UNENROLLED", [])
    assert left["version"] == 3
    (alias,) = database["aliases"].find({"customer": bob.id})
    assert (alias["status"], alias["reason"], alias["version"]) == ("REMOVED", "moves abroad", 3)
    assert api.get(f"{_path(bob.id)}/accounts")["data"] != []
    assert api.get(f"{_path(bob.id)}/aliases")["data"] == []


def test_is_refused_while_orders_are_under_way_and_names_them(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    orders = [api.send(pair.order())["id"] for _ in range(2)]
    before = api.get(_path(pair.payer.id))

    refused = _unenrol(api, pair.payer.id)
    unchanged = api.get(_path(pair.payer.id))
    database["orders"].update_many({}, {"$set": {"final": True}})
    left = _unenrol(api, pair.payer.id)

    problem = assert_problem(refused, 409, "orders_under_way")
    assert (problem["orders"], problem["count"]) == (orders, 2)
    assert all(order in problem["detail"] for order in orders)
    assert unchanged == before
    assert left.body["status"] == "UNENROLLED"


def test_counts_orders_that_pay_the_customer(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    order = api.send(pair.order())["id"]
    creditor = {"customer": pair.recipient.id, "account": pair.recipient.account}
    database["orders"].update_one({}, {"$set": {"creditor": creditor}})

    answer = _unenrol(api, pair.recipient.id)

    assert assert_problem(answer, 409, "orders_under_way")["orders"] == [order]


def test_names_the_oldest_orders_and_counts_all(api: SiteClient, pair: Pair) -> None:
    orders = [api.send(pair.order())["id"] for _ in range(21)]

    problem = assert_problem(_unenrol(api, pair.payer.id), 409, "orders_under_way")

    assert problem["count"] == 21
    assert set(problem["orders"]) < set(orders)
    assert len(problem["orders"]) == 20
    assert "and 1 more" in problem["detail"]


def test_who_has_left_is_changed_no_more(api: SiteClient, pair: Pair) -> None:
    path = _path(pair.payer.id)
    left = _unenrol(api, pair.payer.id).body
    alias = {"kind": "email", "value": an_email(), "account": pair.payer.account}
    asked: list[tuple[str, str, Any, str]] = [
        ("PATCH", "", {"version": left["version"], "name": "Ann"}, "customer_status_refuses"),
        ("PUT", "/preferences", {}, "customer_status_refuses"),
        ("POST", "/reinstate", REASON, "customer_status_refuses"),
        ("POST", "/suspend", REASON, "customer_status_refuses"),
        ("POST", "/products", {"product": "zelle"}, "customer_not_active"),
        ("POST", "/aliases", alias, "customer_not_active"),
        ("POST", "/contact-code", {"channel": "email"}, "customer_status_refuses"),
    ]

    for method, place, body, code in asked:
        assert_problem(api.call(method, path + place, body), 409, code)
    order = api.call("POST", "/api/v1/orders", pair.order(), key="k1")

    assert_problem(order, 409, "customer_not_active", "/debtor/customer")
    assert api.get(path) == left


def test_asked_twice_it_is_done_once(api: SiteClient, pair: Pair) -> None:
    first = _unenrol(api, pair.payer.id)

    second = _unenrol(api, pair.payer.id)

    assert (second.status, second.body) == (200, first.body)


@pytest.mark.parametrize(
    ("point", "left_in"),
    [
        ("unenrol.before_mark", "ACTIVE"),
        ("unenrol.after_mark", "UNENROLLING"),
        ("unenrol.before_finish", "UNENROLLING"),
        ("unenrol.after_finish", "UNENROLLED"),
    ],
)
def test_is_taken_up_again_where_a_crash_left_it(
    api: SiteClient, pair: Pair, database: Database[Document], point: str, left_in: str
) -> None:
    failpoint.arm({"DPMS_FAIL": f"{point}:1:raise"})
    try:
        crashed = _unenrol(api, pair.payer.id)
    finally:
        failpoint.arm({})
    between = api.get(_path(pair.payer.id))["status"]

    answer = _unenrol(api, pair.payer.id)

    assert (crashed.status, between) == (500, left_in)
    assert (answer.status, answer.body["status"]) == (200, "UNENROLLED")
    assert answer.body["version"] == 3
    of_payer = {"customer": pair.payer.id}
    assert database["aliases"].distinct("status", of_payer) == ["REMOVED"]


def test_what_nobody_asks_for_again_is_finished_by_the_command(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    failpoint.arm({"DPMS_FAIL": "unenrol.after_mark:1:raise"})
    try:
        _unenrol(api, pair.payer.id)
    finally:
        failpoint.arm({})
    out = StringIO()

    call_command("finish_unenrolments", stdout=out)
    too_young = out.getvalue()
    with frozen_at(wall_clock() + timedelta(seconds=61)):
        call_command("finish_unenrolments", stdout=out)

    assert too_young == ""
    assert out.getvalue() == f"{pair.payer.id}  UNENROLLED\n"
    (left,) = database["customers"].find({"status": "UNENROLLED"})
    assert (left["reason"], left["modified_by"]) == (
        "moves abroad",
        "clock:finish_unenrolments",
    )


def test_the_clock_finishes_it_once_a_minute(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    failpoint.arm({"DPMS_FAIL": "unenrol.after_mark:1:raise"})
    try:
        _unenrol(api, pair.payer.id)
    finally:
        failpoint.arm({})
    now = wall_clock()
    times = iter([now, now + timedelta(seconds=30), now + timedelta(seconds=61)])
    task = Unfinished(clock=lambda: next(times))

    went_on_with = [task.finish() for _ in range(3)]

    assert went_on_with == [0, 0, 1]
    assert database["customers"].count_documents({"status": "UNENROLLED"}) == 1


def test_taken_up_again_with_an_order_in_the_way_the_suspended_stay_suspended(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    path = _path(pair.payer.id)
    order = _another_order(api, pair)
    api.call("POST", f"{path}/suspend", {"reason": "lost phone"})
    failpoint.arm({"DPMS_FAIL": "unenrol.after_mark:1:raise"})
    try:
        _unenrol(api, pair.payer.id)
    finally:
        failpoint.arm({})
    # As if its acceptance had read the customer before un-enrolment began, and inserted it only now.
    debtor = {"customer": pair.payer.id, "account": pair.payer.account}
    database["orders"].update_one({"_id": order}, {"$set": {"debtor": debtor, "route": debtor}})

    answer = _unenrol(api, pair.payer.id)

    assert assert_problem(answer, 409, "orders_under_way")["orders"] == [order]
    assert api.get(path)["status"] == "SUSPENDED"


def _another_order(api: SiteClient, pair: Pair) -> str:
    """An order that the pair's payer has no part in."""
    stranger = a_customer(api)
    payee = api.add_payee(stranger.id, name=pair.recipient.name, email=pair.recipient.email)
    return str(api.send(order_body(stranger, payee, "1.00"))["id"])


VERBS = {
    "suspend": Event.SUSPEND,
    "reinstate": Event.REINSTATE,
    "unenrol": Event.UNENROL,
}


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(st.sampled_from([*VERBS, "send", "end", "product", "leave"]), min_size=4, max_size=8)
)
def test_any_sequence_keeps_to_the_table(
    api: SiteClient, pair: Pair, database: Database[Document], steps: list[str]
) -> None:
    database["customers"].update_many({}, {"$set": {"status": "ACTIVE", "products": ["zelle"]}})
    database["orders"].delete_many({})

    for number, step in enumerate(steps):
        before, under_way = _customer(pair, database), _under_way(database)
        answer = _does(api, pair, database, step, number)
        after = _customer(pair, database)
        if step in VERBS:
            assert after["status"] == _expected(step, before["status"], under_way)
        if answer is not None and answer.status >= 400:
            assert after == before
        if step == "send" and before["status"] == "ACTIVE" and "zelle" in before["products"]:
            assert _under_way(database) == under_way + 1


def _customer(pair: Pair, database: Database[Document]) -> Document:
    return database["customers"].find({"_id": pair.payer.id}).next()


def _under_way(database: Database[Document]) -> int:
    return database["orders"].count_documents({"final": False})


def _does(
    api: SiteClient, pair: Pair, database: Database[Document], step: str, number: int
) -> Answer | None:
    path = _path(pair.payer.id)
    match step:
        case "send":
            return api.call("POST", "/api/v1/orders", pair.order(), key=f"k{number}")
        case "end":
            database["orders"].update_many({}, {"$set": {"final": True}})
            return None
        case "product":
            return api.call("POST", f"{path}/products", {"product": "zelle"})
        case "leave":
            return api.call("DELETE", f"{path}/products/zelle")
    return api.call("POST", f"{path}/{step}", REASON)


def _expected(step: str, status: str, under_way: int) -> str:
    """What the table says; un-enrolment passes UNENROLLING within one request."""
    targets = [move.target for move in MOVES if (move.source, move.event) == (status, VERBS[step])]
    if not targets:
        return status
    if step != "unenrol":
        return targets[0]
    return status if under_way else "UNENROLLED"
