"""Preferences: replaced as a whole, with defaults for what is left out."""

from typing import Any

import pytest
from pymongo.database import Database

from apps.profiles.domain.preferences import OwnLimits, own_limits
from devstack.client import Answer, Document
from tests.support.api_client import an_email
from tests.support.builders import assert_problem
from tests.support.site_client import SiteClient

USD_100 = {"value": "100.00", "currency": "USD"}
ALL_ON = {"send": True, "receive": True, "request": True, "limits": {"order": None, "day": None}}


class Someone:
    def __init__(self, api: SiteClient) -> None:
        self.api = api
        self.id = api.enrol(name="Ann Archer", email=an_email(), phone="+12025550123")
        self.account = api.open_account(self.id, opening_balance="0.00")
        self.path = f"/api/v1/customers/{self.id}/preferences"

    def read(self) -> Document:
        return self.api.get(self.path)

    def puts(self, body: Any) -> Answer:
        return self.api.call("PUT", self.path, body)


@pytest.fixture
def ann(api: SiteClient) -> Someone:
    return Someone(api)


def test_nothing_said_is_all_defaults(ann: Someone) -> None:
    found = ann.read()

    assert (found["customer"], found["version"]) == (ann.id, 1)
    assert (found["default_account"], found["language"]) == (None, "en")
    assert found["products"]["zelle"] == ALL_ON
    assert found["notifications"]["payment_failed"] == ["email", "push"]


def test_are_replaced_as_a_whole(ann: Someone, database: Database[Document]) -> None:
    body = {
        "version": 1,
        "default_account": ann.account,
        "language": "es",
        "notifications": {"payment_sent": ["push", "email"], "request_answered": []},
        "products": {"zelle": {"request": False, "limits": {"order": USD_100}}},
    }

    first = ann.puts(body)
    stored = database["customers"].find_one()
    second = ann.puts({"language": "es"})

    told = first.body
    assert (first.status, told) == (200, told | {"default_account": ann.account, "version": 2})
    assert told["notifications"]["payment_sent"] == ["email", "push"]
    assert told["notifications"]["request_answered"] == []
    limits = {"order": USD_100, "day": None}
    assert told["products"]["zelle"] == ALL_ON | {"request": False, "limits": limits}
    assert stored is not None
    own = own_limits(stored["preferences"], product="zelle", currency="USD")
    assert own == OwnLimits(order_minor=10_000)
    assert stored["modified_by"] == "client:cli_tests"
    assert second.body == ann.read()
    assert second.body["default_account"] is None
    assert second.body["products"]["zelle"] == ALL_ON


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"language": "tlh"}, "choice_unknown", "/language"),
        ({"default_account": "acc_x"}, "field_malformed", "/default_account"),
        ({"colour": "red"}, "field_unknown", "/colour"),
        ({"version": 1.0}, "field_malformed", "/version"),
        ({"notifications": []}, "field_malformed", "/notifications"),
        ({"notifications": {"full_moon": []}}, "event_unknown", "/notifications/full_moon"),
        ({"notifications": {"security": []}}, "channel_needed", "/notifications/security"),
        (
            {"notifications": {"payment_sent": ["pigeon"]}},
            "choice_unknown",
            "/notifications/payment_sent",
        ),
        (
            {"notifications": {"payment_sent": ["email", "email"]}},
            "field_malformed",
            "/notifications/payment_sent",
        ),
        ({"products": {"barter": {}}}, "product_unknown", "/products/barter"),
        ({"products": {"zelle": {"send": 1}}}, "field_malformed", "/products/zelle/send"),
        ({"products": {"zelle": []}}, "field_malformed", "/products/zelle"),
        (
            {"products": {"zelle": {"limits": {"week": USD_100}}}},
            "field_unknown",
            "/products/zelle/limits/week",
        ),
        (
            {"products": {"zelle": {"limits": {"day": {"value": "0.00", "currency": "USD"}}}}},
            "amount_not_positive",
            "/products/zelle/limits/day/value",
        ),
        (
            {"products": {"zelle": {"limits": {"day": {"value": "1.00", "currency": "EUR"}}}}},
            "currency_unknown",
            "/products/zelle/limits/day/currency",
        ),
    ],
)
def test_refuses(ann: Someone, body: Any, code: str, pointer: str) -> None:
    before = ann.read()

    answer = ann.puts(body)

    assert_problem(answer, 400, code, pointer)
    assert ann.read() == before


def test_refuses_another_customers_account(api: SiteClient, ann: Someone) -> None:
    before = ann.read()

    answer = ann.puts({"default_account": Someone(api).account})

    assert_problem(answer, 404, "account_not_found", "/default_account")
    assert ann.read() == before


def test_refuses_a_stale_version(ann: Someone) -> None:
    ann.puts({"language": "es"})

    answer = ann.puts({"version": 1, "language": "en"})

    assert_problem(answer, 409, "version_conflict", "/version")
    assert ann.read()["language"] == "es"
