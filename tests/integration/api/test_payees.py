"""Payees: add, read, list, remove."""

from typing import Any

import pytest
from pymongo.database import Database

from devstack.client import Document
from tests.support.api_client import Pair
from tests.support.builders import assert_problem
from tests.support.site_client import SiteClient


@pytest.fixture
def path(pair: Pair) -> str:
    return f"/api/v1/customers/{pair.payer.id}/payees"


def _by_email(name: str, email: str) -> Document:
    return {"name": name, "alias": {"kind": "email", "value": email}}


def test_adds_one_by_alias(
    api: SiteClient, pair: Pair, path: str, database: Database[Document]
) -> None:
    body = _by_email("Some Friend", pair.recipient.email.upper())

    answer = api.call("POST", path, body)

    payee = answer.body
    assert answer.status == 201
    assert payee["alias"] == {"kind": "email", "value": pair.recipient.email}
    assert (payee["trust"], payee["status"]) == ("NEW", "ACTIVE")
    assert api.get(answer.headers["location"]) == payee
    stored = database["payees"].find_one({"_id": payee["id"]})
    assert stored is not None
    assert stored["alias"]["key"] == f"email:{pair.recipient.email}"


def test_compares_the_name_with_the_owners(api: SiteClient, pair: Pair, path: str) -> None:
    email = pair.recipient.email

    def check(name: str, value: str = email) -> str:
        return str(api.post(path, _by_email(name, value))["name_check"])

    assert check(pair.recipient.name.upper()) == "MATCH"
    assert check(pair.recipient.name + "s") == "CLOSE_MATCH"
    assert check("Zoë Quite-Different") == "NO_MATCH"
    assert check(pair.recipient.name, "nobody.here@example.com") == "UNAVAILABLE"


def test_keeps_only_the_end_of_an_account_number(
    api: SiteClient, path: str, database: Database[Document]
) -> None:
    account = {"routing_number": "021000021", "account_number": "123456789"}

    payee = api.post(path, {"name": "Ann", "account": account})

    assert payee["account"] == {"routing_number": "021000021", "account_number": "••••6789"}
    assert "123456789" not in str(database["payees"].find_one({"_id": payee["id"]}))


def test_adds_one_by_iban(api: SiteClient, path: str) -> None:
    payee = api.post(path, {"name": "Ann", "iban": {"iban": "DE89 3704 0044 0532 0130 00"}})

    assert payee["iban"] == "DE89••••3000"


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"name": "Ann"}, "field_required", ""),
        (
            {
                **_by_email("Ann", "a@example.com"),
                "iban": {"iban": "DE89370400440532013000"},
            },
            "field_required",
            "",
        ),
        ({"alias": {"kind": "email", "value": "a@example.com"}}, "field_required", "/name"),
        (_by_email("Ann", "ann"), "alias_malformed", "/alias/value"),
        ({"name": "Ann", "alias": "a@example.com"}, "field_malformed", "/alias"),
        ({"name": "Ann", "alias": {"$ne": 1}}, "field_unknown", "/alias/$ne"),
        (
            {"name": "Ann", "account": {"routing_number": "021000022", "account_number": "1234"}},
            "routing_number_malformed",
            "/account/routing_number",
        ),
        (
            {"name": "Ann", "account": {"routing_number": "021000021", "account_number": "12 4"}},
            "field_malformed",
            "/account/account_number",
        ),
        (
            {"name": "Ann", "iban": {"iban": "DE89370400440532013001"}},
            "iban_malformed",
            "/iban/iban",
        ),
        ({**_by_email("Ann", "a@example.com"), "trust": "TRUSTED"}, "field_unknown", "/trust"),
    ],
)
def test_refuses(
    api: SiteClient,
    path: str,
    database: Database[Document],
    body: dict[str, Any],
    code: str,
    pointer: str,
) -> None:
    before = database["payees"].count_documents({})

    answer = api.call("POST", path, body)

    assert_problem(answer, 400, code, pointer)
    assert database["payees"].count_documents({}) == before


def test_removed_it_is_not_listed_and_still_known(api: SiteClient, pair: Pair, path: str) -> None:
    removed = api.call("DELETE", f"{path}/{pair.payee}")
    again = api.call("DELETE", f"{path}/{pair.payee}")

    assert (removed.status, again.status) == (204, 204)
    assert api.get(path)["data"] == []
    found = api.get(f"{path}/{pair.payee}")
    assert (found["status"], found["version"]) == ("REMOVED", 2)


def test_is_of_its_customer_only(api: SiteClient, pair: Pair, path: str) -> None:
    foreign = f"/api/v1/customers/{pair.recipient.id}/payees/{pair.payee}"

    read = api.call("GET", foreign)
    removed = api.call("DELETE", foreign)

    assert_problem(read, 404, "payee_not_found")
    assert_problem(removed, 404, "payee_not_found")
    assert api.get(f"{path}/{pair.payee}")["status"] == "ACTIVE"
