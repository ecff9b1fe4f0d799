"""A customer is changed by version, suspended and reinstated with a reason."""

from typing import Any

import pytest
from pymongo.database import Database

from devstack.client import Document
from tests.support.api_client import an_email
from tests.support.builders import assert_problem
from tests.support.site_client import SiteClient


@pytest.fixture
def ann(api: SiteClient) -> str:
    """The address of a customer."""
    customer = api.enrol(name="Ann Archer", email=an_email(), phone="+12025550123")
    return f"/api/v1/customers/{customer}"


def test_changes_what_is_named_and_nothing_else(
    api: SiteClient, ann: str, database: Database[Document]
) -> None:
    before = api.get(ann)
    wanted = {"name": "Ann Baker", "email": "Ann@Example.ORG", "reference": "crm-8"}

    answer = api.call("PATCH", ann, {"version": 1, **wanted})

    changed = {"email": "ann@example.org", "version": 2}
    expected = before | wanted | changed | {"modified_at": answer.body["modified_at"]}
    assert (answer.status, answer.body) == (200, expected)
    (stored,) = database["customers"].find()
    assert (stored["modified_by"], stored["version"]) == ("client:cli_tests", 2)


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"version": 2, "name": "Ann"}, 409, "version_conflict", "/version"),
        ({"name": "Ann"}, 400, "field_required", "/version"),
        ({"version": "1", "name": "Ann"}, 400, "field_malformed", "/version"),
        ({"version": True, "name": "Ann"}, 400, "field_malformed", "/version"),
        ({"version": 0, "name": "Ann"}, 400, "field_malformed", "/version"),
        ({"version": 1}, 400, "field_required", None),
        ({"version": 1, "kind": "business"}, 400, "field_unknown", "/kind"),
        ({"version": 1, "status": "SUSPENDED"}, 400, "field_unknown", "/status"),
        ({"version": 1, "products": []}, 400, "field_unknown", "/products"),
        ({"version": 1, "name": None}, 400, "field_null", "/name"),
        ({"version": 1, "email": "ann"}, 400, "alias_malformed", "/email"),
        ({"version": 1, "date_of_birth": "2020-01-01"}, 422, "too_young", "/date_of_birth"),
    ],
)
def test_refuses_a_change(
    api: SiteClient, ann: str, body: Any, status: int, code: str, pointer: str | None
) -> None:
    before = api.get(ann)

    answer = api.call("PATCH", ann, body)

    assert_problem(answer, status, code, pointer)
    assert api.get(ann) == before


def test_of_two_who_read_the_same_version_one_is_refused(api: SiteClient, ann: str) -> None:
    first = api.call("PATCH", ann, {"version": 1, "name": "Ann Baker"})

    second = api.call("PATCH", ann, {"version": 1, "name": "Ann Cook"})

    assert_problem(second, 409, "version_conflict", "/version")
    assert api.get(ann) == first.body


def test_is_suspended_and_reinstated_with_a_reason(
    api: SiteClient, ann: str, database: Database[Document]
) -> None:
    suspended = api.call("POST", f"{ann}/suspend", {"reason": "lost phone", "version": 1})
    stored = database["customers"].find_one()
    reinstated = api.call("POST", f"{ann}/reinstate", {"reason": "phone found"})

    assert (suspended.status, suspended.body["status"]) == (200, "SUSPENDED")
    assert stored is not None
    assert stored["reason"] == "lost phone"
    assert (reinstated.body["status"], reinstated.body["version"]) == ("ACTIVE", 3)


@pytest.mark.parametrize(
    ("verb", "body", "status", "code"),
    [
        ("suspend", {}, 400, "field_required"),
        ("suspend", {"reason": ""}, 400, "field_empty"),
        ("suspend", {"reason": "r" * 201}, 400, "field_too_long"),
        ("suspend", {"reason": "why", "version": 7}, 409, "version_conflict"),
        ("reinstate", {"reason": "why"}, 409, "customer_status_refuses"),
        ("unenrol", {}, 400, "field_required"),
        ("unenrol", {"reason": "why", "version": 7}, 409, "version_conflict"),
    ],
)
def test_refuses_to_move(
    api: SiteClient, ann: str, verb: str, body: Any, status: int, code: str
) -> None:
    before = api.get(ann)

    answer = api.call("POST", f"{ann}/{verb}", body)

    assert_problem(answer, status, code)
    assert api.get(ann) == before


def test_a_suspended_customer_sends_nothing(api: SiteClient, pair: Any) -> None:
    api.call("POST", f"/api/v1/customers/{pair.payer.id}/suspend", {"reason": "lost phone"})

    answer = api.call("POST", "/api/v1/orders", pair.order(), key="k1")

    assert_problem(answer, 409, "customer_not_active", "/debtor/customer")
