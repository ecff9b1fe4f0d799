"""Customers: enrol, read, list."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from pymongo.database import Database

from apps.kernel.clock import wall_clock
from devstack.client import Document
from tests.support.builders import assert_problem, with_field, without_field
from tests.support.clock import frozen_at
from tests.support.site_client import SiteClient

CUSTOMERS = "/api/v1/customers"
ANN: Document = {
    "kind": "person",
    "name": "Ann Archer",
    "email": "Ann@Example.com",
    "phone": "(202) 555-0123",
    "date_of_birth": "1990-02-03",
    "address": {"line1": "1 Main Street", "city": "Springfield", "country": "US"},
    "terms_version": "2026-01",
    "reference": "crm-7",
}


def test_enrols(api: SiteClient, database: Database[Document]) -> None:
    answer = api.call("POST", CUSTOMERS, ANN)

    customer = answer.body
    assert answer.status == 201
    assert {name: customer[name] for name in ANN} == ANN | {
        "email": "ann@example.com",
        "phone": "+12025550123",
    }
    assert (customer["status"], customer["products"]) == ("ACTIVE", ["interfi", "zelle"])
    assert customer["version"] == 1
    assert api.get(answer.headers["location"]) == customer
    (stored,) = database["customers"].find()
    assert stored["_id"] == customer["id"]
    assert stored["modified_by"] == "client:cli_tests"
    assert stored["request_id"] == answer.headers["request-id"]


def test_keeps_odd_texts_as_they_are(api: SiteClient) -> None:
    name = "$name.first {$ne: 1} 😀 Ölçü's"

    customer = api.post(CUSTOMERS, with_field(ANN, "name", name))

    assert api.get(f"{CUSTOMERS}/{customer['id']}")["name"] == name


def test_waits_for_the_banks_checks_outside_a_sandbox(api: SiteClient) -> None:
    with override_settings(SANDBOX=False):
        customer = api.post(CUSTOMERS, ANN)

    assert (customer["status"], customer["products"]) == ("PENDING", [])


@pytest.mark.parametrize(
    ("field", "value", "code", "pointer"),
    [
        ("kind", "robot", "choice_unknown", "/kind"),
        ("name", "n" * 141, "field_too_long", "/name"),
        ("name", " ", "field_empty", "/name"),
        ("name", {"$ne": 1}, "field_malformed", "/name"),
        ("name", "Ann\x00", "characters_refused", "/name"),
        ("email", "ann", "alias_malformed", "/email"),
        ("email", "a@b", "alias_malformed", "/email"),
        ("phone", "555-0123", "alias_malformed", "/phone"),
        ("phone", 2025550123, "field_malformed", "/phone"),
        ("date_of_birth", "1990-02-30", "field_malformed", "/date_of_birth"),
        ("date_of_birth", "2990-02-03", "field_malformed", "/date_of_birth"),
        ("date_of_birth", 19900203, "field_malformed", "/date_of_birth"),
        ("address", "1 Main Street", "field_malformed", "/address"),
        ("address/country", "USA", "field_malformed", "/address/country"),
        ("address/planet", "Earth", "field_unknown", "/address/planet"),
        ("terms_version", "t" * 33, "field_too_long", "/terms_version"),
        ("status", "ACTIVE", "field_unknown", "/status"),
        ("version", 2, "field_unknown", "/version"),
        ("is_staff", True, "field_unknown", "/is_staff"),
    ],
)
def test_refuses(
    api: SiteClient, database: Database[Document], field: str, value: Any, code: str, pointer: str
) -> None:
    answer = api.call("POST", CUSTOMERS, with_field(ANN, field, value))

    assert_problem(answer, 400, code, pointer)
    assert database["customers"].count_documents({}) == 0


@pytest.mark.parametrize("field", ["kind", "name", "email", "phone", "terms_version"])
def test_needs(api: SiteClient, field: str) -> None:
    answer = api.call("POST", CUSTOMERS, without_field(ANN, field))

    assert_problem(answer, 400, "field_required", f"/{field}")


@pytest.mark.parametrize("identifier", [f"cus_{'0' * 26}", "cus_x", "$ne", "%00", "a[$gt]"])
def test_an_unknown_one_is_not_found(api: SiteClient, identifier: str) -> None:
    answer = api.call("GET", f"{CUSTOMERS}/{identifier}")

    assert_problem(answer, 404, "customer_not_found")


def test_lists_the_newest_first_and_loses_nothing_among_equal_times(api: SiteClient) -> None:
    with frozen_at(wall_clock() + timedelta(minutes=1)):
        api.token()
        enrolled = {api.post(CUSTOMERS, ANN)["id"] for _ in range(5)}
        first = api.get(f"{CUSTOMERS}?limit=3&status=ACTIVE")

        second = api.get(f"{CUSTOMERS}?limit=3&status=ACTIVE&cursor={first['next']}")

    rows = [row["id"] for row in first["data"] + second["data"]]
    assert (len(first["data"]), first["has_more"], second["has_more"]) == (3, True, False)
    assert len(rows) == 5
    assert set(rows) == enrolled
