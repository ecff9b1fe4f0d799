"""Blocked parties: whom no customer of the bank may pay, with who said so and why."""

from typing import Any

import pytest
from pymongo.database import Database

from apps.parties import selectors
from apps.parties.models import BlockedParty
from devstack.client import Document
from tests.support.api_client import Pair
from tests.support.builders import an_api_client, assert_problem
from tests.support.site_client import SiteClient

BLOCKED = "/api/v1/blocked-parties"
WAYS: list[Document] = [
    {"alias": {"kind": "email", "value": "Fraud@Example.com"}},
    {"account": {"routing_number": "021000021", "account_number": "123456789"}},
    {"iban": {"iban": "DE89370400440532013000"}},
]


@pytest.fixture
def payees(pair: Pair) -> str:
    return f"/api/v1/customers/{pair.payer.id}/payees"


@pytest.mark.parametrize("way", WAYS)
def test_an_alias_or_account_that_is_blocked_is_no_payee(
    api: SiteClient, payees: str, database: Database[Document], way: Document
) -> None:
    party = api.post(BLOCKED, {**way, "reason": "reported mule account"})
    before = database["payees"].count_documents({})

    answer = api.call("POST", payees, {"name": "Ann", "allow_duplicate": True, **way})

    assert_problem(answer, 409, "payee_blocked", f"/{next(iter(way))}")
    assert database["payees"].count_documents({}) == before
    assert (party["reason"], party["modified_by"]) == ("reported mule account", "client:cli_tests")
    assert "123456789" not in str(party) + str(database["blocked_parties"].find_one())


def test_under_a_blocked_name_a_payee_is_suspended(api: SiteClient, payees: str) -> None:
    api.post(BLOCKED, {"name": "Zoë Quite-Different", "reason": "list"})
    alias = {"kind": "email", "value": "zoe@example.com"}

    added = api.post(payees, {"name": "DIFFERENT, zoe quite", "alias": alias})
    renamed = api.post(payees, {"name": "Z", "alias": {**alias, "value": "z@example.com"}})
    body = {"version": 1, "name": "Zoe Quite Different"}
    renamed = api.call("PATCH", f"{payees}/{renamed['id']}", body).body

    assert (added["status"], renamed["status"]) == ("SUSPENDED", "SUSPENDED")


def test_suspends_whom_customers_have_already_and_repeats_without_harm(
    api: SiteClient, pair: Pair, payees: str, database: Database[Document]
) -> None:
    alias = {"kind": "email", "value": pair.recipient.email}

    first = api.call("POST", BLOCKED, {"alias": alias, "reason": "x"})
    again = api.call("POST", BLOCKED, {"alias": alias, "reason": "y"})

    payee = api.get(f"{payees}/{pair.payee}")
    assert (payee["trust"], payee["version"]) == ("SUSPENDED", 2)
    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body
    assert database["blocked_parties"].count_documents({}) == 1


def test_a_lifted_block_lets_the_bank_reinstate(api: SiteClient, pair: Pair, payees: str) -> None:
    alias = {"kind": "email", "value": pair.recipient.email}
    party = api.post(BLOCKED, {"alias": alias, "reason": "x"})
    reinstate = f"{payees}/{pair.payee}/reinstate"

    early = api.call("POST", reinstate, {"reason": "x"})
    lifted = api.post(f"{BLOCKED}/{party['id']}/lift", {"reason": "a mistake"}, status=200)
    again = api.call("POST", f"{BLOCKED}/{party['id']}/lift", {"reason": "a mistake"})

    assert_problem(early, 409, "payee_blocked")
    assert (lifted["status"], lifted["reason"], lifted["version"]) == ("LIFTED", "a mistake", 2)
    assert_problem(again, 409, "block_lifted")
    assert api.get(f"{payees}/{pair.payee}")["status"] == "SUSPENDED"
    assert api.post(reinstate, {"reason": "x"}, status=200)["status"] == "ACTIVE"


def test_are_listed_newest_first_by_status(api: SiteClient) -> None:
    first, second = (api.post(BLOCKED, {**way, "reason": "x"}) for way in WAYS[:2])
    api.post(f"{BLOCKED}/{first['id']}/lift", {"reason": "x"}, status=200)

    page = api.get(f"{BLOCKED}?limit=1")
    rest = api.get(f"{BLOCKED}?limit=1&cursor={page['next']}")

    assert [row["id"] for row in page["data"] + rest["data"]] == [second["id"], first["id"]]
    assert [row["id"] for row in api.get(f"{BLOCKED}?status=LIFTED")["data"]] == [first["id"]]
    assert api.get(f"{BLOCKED}/{second['id']}") == second


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"reason": "x"}, "field_required", ""),
        ({**WAYS[0], "name": "Ann", "reason": "x"}, "field_required", ""),
        (WAYS[0], "field_required", "/reason"),
        ({"name": "...", "reason": "x"}, "field_malformed", "/name"),
    ],
)
def test_refuses(
    api: SiteClient, database: Database[Document], body: dict[str, Any], code: str, pointer: str
) -> None:
    answer = api.call("POST", BLOCKED, body)

    assert_problem(answer, 400, code, pointer)
    assert database["blocked_parties"].count_documents({}) == 0


@pytest.mark.parametrize("party", [f"blk_{'0' * 26}", "blk_x", "$ne"])
def test_an_unknown_one_is_not_found(api: SiteClient, party: str) -> None:
    read = api.call("GET", f"{BLOCKED}/{party}")
    lifted = api.call("POST", f"{BLOCKED}/{party}/lift", {"reason": "x"})

    assert_problem(read, 404, "blocked_party_not_found")
    assert_problem(lifted, 404, "blocked_party_not_found")


@pytest.mark.usefixtures("api")
def test_are_the_banks_alone() -> None:
    app = an_api_client("cli_app", scopes=("payees:read", "payees:write"))

    assert_problem(app.call("GET", BLOCKED), 403, "scope_missing")
    assert_problem(app.call("POST", BLOCKED, {}), 403, "scope_missing")


def test_two_who_block_the_same_at_once_have_one_block(
    api: SiteClient, database: Database[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = api.post(BLOCKED, {**WAYS[0], "reason": "x"})
    real, looks = selectors.blocked_party_of, iter([True])

    def looked_too_early(target: str) -> BlockedParty | None:
        return None if next(looks, False) else real(target)

    monkeypatch.setattr(selectors, "blocked_party_of", looked_too_early)
    second = api.post(BLOCKED, {**WAYS[0], "reason": "y"}, status=200)

    assert second == first
    assert database["blocked_parties"].count_documents({}) == 1
