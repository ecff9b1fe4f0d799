"""Payees: add, read, list, remove."""

from typing import Any

import pytest
from pymongo.database import Database

from apps.kernel.clock import wall_clock
from apps.parties import account_numbers
from apps.parties.domain.bank_account import FullNumber
from apps.parties.models import Payee
from apps.parties.selectors import full_number_of
from devstack.client import Document
from streaming.contracts.collections import LEFT_OUT
from tests.support.api_client import Pair
from tests.support.builders import assert_problem
from tests.support.site_client import SiteClient


@pytest.fixture
def path(pair: Pair) -> str:
    return f"/api/v1/customers/{pair.payer.id}/payees"


ACCOUNT = {"routing_number": "021000021", "account_number": "123456789"}
IBAN = "DE89370400440532013000"


def _by_email(name: str, email: str) -> Document:
    return {"name": name, "alias": {"kind": "email", "value": email}}


def test_adds_one_by_alias(
    api: SiteClient, pair: Pair, path: str, database: Database[Document]
) -> None:
    friend = _by_email("Some Friend", pair.recipient.email.upper())
    body = {**friend, "allow_duplicate": True}

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
        body = {**_by_email(name, value), "allow_duplicate": True}
        return str(api.post(path, body)["name_check"])

    assert check(pair.recipient.name.upper()) == "MATCH"
    assert check(pair.recipient.name + "s") == "CLOSE_MATCH"
    assert check("Zoë Quite-Different") == "NO_MATCH"
    assert check(pair.recipient.name, "nobody.here@example.com") == "UNAVAILABLE"


def test_shows_only_the_end_of_an_account_number(api: SiteClient, path: str) -> None:
    payee = api.post(path, {"name": "Ann", "account": ACCOUNT})

    assert payee["account"] == {"routing_number": "021000021", "account_number": "••••6789"}


def test_adds_one_by_iban(api: SiteClient, path: str) -> None:
    iban = {"iban": "DE89 3704 0044 0532 0130 00", "bic": "cobadeffxxx"}

    payee = api.post(path, {"kind": "business", "name": "Ann", "iban": iban})

    assert (payee["iban"], payee["bic"]) == ("DE89••••3000", "COBADEFFXXX")
    assert (payee["kind"], payee["name_check"]) == ("business", "UNAVAILABLE")


@pytest.mark.parametrize("way", [{"account": ACCOUNT}, {"iban": {"iban": IBAN}}])
def test_a_full_number_lies_in_one_collection_that_is_not_captured(
    api: SiteClient, path: str, database: Database[Document], way: Document
) -> None:
    payee = api.post(path, {"name": "Ann", **way})

    number = "123456789" if "account" in way else IBAN
    holding = [name for name in database.list_collection_names() if _holds(database, name, number)]
    kept = full_number_of(Payee.objects.get(pk=payee["id"]))
    assert holding == ["account_numbers"]
    assert "account_numbers" in LEFT_OUT
    assert kept.number == number
    assert number not in repr(kept)


def _holds(database: Database[Document], name: str, text: str) -> bool:
    return any(text in str(document) for document in database[name].find())


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
        ({"name": "Ann", "iban": {"iban": f"{IBAN[:-1]}1"}}, "iban_malformed", "/iban/iban"),
        ({"name": "Ann", "iban": {"iban": f"{IBAN}0"}}, "iban_malformed", "/iban/iban"),
        ({"name": "Ann", "iban": {"iban": IBAN, "bic": "COBA"}}, "bic_malformed", "/iban/bic"),
        (
            {"name": "Ann", "iban": {"iban": IBAN, "bic": "BNPAFRPP"}},
            "bic_mismatch",
            "/iban/bic",
        ),
        ({**_by_email("Ann", "a@example.com"), "kind": "bank"}, "choice_unknown", "/kind"),
        (
            {**_by_email("Ann", "a@example.com"), "allow_duplicate": 1},
            "field_malformed",
            "/allow_duplicate",
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

    answers = [
        api.call("GET", foreign),
        api.call("DELETE", foreign),
        api.call("PATCH", foreign, {"version": 1, "name": "Eve"}),
        api.call("POST", f"{foreign}/check", {}),
        api.call("POST", f"{foreign}/suspend", {"reason": "x"}),
        api.call("POST", f"{foreign}/reinstate", {"reason": "x"}),
    ]

    for answer in answers:
        assert_problem(answer, 404, "payee_not_found")
    assert api.get(f"{path}/{pair.payee}")["version"] == 1


def test_the_same_again_is_refused_by_the_first_ones_id_unless_it_is_wanted(
    api: SiteClient, path: str, database: Database[Document]
) -> None:
    first = api.post(path, {"name": "Ann", "account": ACCOUNT})

    again = api.call("POST", path, {"name": "Anna", "account": ACCOUNT})
    wanted = api.call("POST", path, {"name": "Anna", "account": ACCOUNT, "allow_duplicate": True})

    problem = assert_problem(again, 409, "payee_duplicate", "/account")
    assert first["id"] in problem["detail"]
    assert wanted.status == 201
    assert database["payees"].count_documents({"name": "Anna"}) == 1


def test_the_same_for_another_customer_or_after_removal_is_no_duplicate(
    api: SiteClient, pair: Pair, path: str
) -> None:
    mine = api.post(path, {"name": "Ann", "account": ACCOUNT})
    theirs = f"/api/v1/customers/{pair.recipient.id}/payees"

    others = api.call("POST", theirs, {"name": "Ann", "account": ACCOUNT})
    api.call("DELETE", f"{path}/{mine['id']}")
    again = api.call("POST", path, {"name": "Ann", "account": ACCOUNT})

    assert (others.status, again.status) == (201, 201)


class TestAChange:
    def test_of_the_name_compares_it_anew(self, api: SiteClient, pair: Pair, path: str) -> None:
        body = {"version": 1, "name": "Zoë Quite-Different", "nickname": "Z"}

        changed = api.call("PATCH", f"{path}/{pair.payee}", body).body

        assert (changed["name"], changed["nickname"]) == ("Zoë Quite-Different", "Z")
        assert (changed["name_check"], changed["version"]) == ("NO_MATCH", 2)
        assert changed["checked_at"] == changed["modified_at"]

    def test_of_the_nickname_leaves_the_check(self, api: SiteClient, pair: Pair, path: str) -> None:
        before = api.get(f"{path}/{pair.payee}")

        changed = api.call("PATCH", f"{path}/{pair.payee}", {"version": 1, "nickname": None}).body

        kept = ("name", "name_check", "checked_at", "trust")
        assert [changed[name] for name in kept] == [before[name] for name in kept]

    @pytest.mark.parametrize(
        ("body", "status", "code", "pointer"),
        [
            ({"name": "Ann"}, 400, "field_required", "/version"),
            ({"version": 1}, 400, "field_required", ""),
            ({"version": True, "name": "Ann"}, 400, "field_malformed", "/version"),
            ({"version": 2, "name": "Ann"}, 409, "version_conflict", "/version"),
            ({"version": 1, "trust": "TRUSTED"}, 400, "field_unknown", "/trust"),
            ({"version": 1, "account": ACCOUNT}, 400, "field_unknown", "/account"),
        ],
    )
    def test_is_refused(
        self,
        api: SiteClient,
        pair: Pair,
        path: str,
        body: Document,
        status: int,
        code: str,
        pointer: str,
    ) -> None:
        before = api.get(f"{path}/{pair.payee}")

        answer = api.call("PATCH", f"{path}/{pair.payee}", body)

        assert_problem(answer, status, code, pointer)
        assert api.get(f"{path}/{pair.payee}") == before

    def test_of_a_removed_one_is_refused(self, api: SiteClient, pair: Pair, path: str) -> None:
        api.call("DELETE", f"{path}/{pair.payee}")

        answer = api.call("PATCH", f"{path}/{pair.payee}", {"version": 2, "name": "Ann"})

        assert_problem(answer, 409, "payee_removed")


def test_is_not_removed_while_an_order_to_it_is_under_way(
    api: SiteClient, pair: Pair, path: str, database: Database[Document]
) -> None:
    order = api.send(pair.order())

    refused = api.call("DELETE", f"{path}/{pair.payee}")
    database["orders"].update_one({"_id": order["id"]}, {"$set": {"final": True}})
    removed = api.call("DELETE", f"{path}/{pair.payee}")

    problem = assert_problem(refused, 409, "payee_has_open_orders")
    assert order["id"] in problem["detail"]
    assert removed.status == 204


def test_two_who_keep_the_same_number_at_once_have_one_token(
    database: Database[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = FullNumber("account", "123456789", "021000021")
    first = account_numbers.token_of(number, now=wall_clock())
    looks = iter([None, first])
    monkeypatch.setattr(account_numbers, "_token", lambda *_: next(looks))

    second = account_numbers.token_of(number, now=wall_clock())

    assert second == first
    assert database["account_numbers"].count_documents({}) == 1
    assert account_numbers.full_number(first) == number


def test_a_payee_of_an_earlier_build_is_read_checked_and_changed(
    api: SiteClient, pair: Pair, path: str, database: Database[Document]
) -> None:
    later = ("kind", "name_key", "nickname", "bic", "target", "checked_at", "owner")
    gone = dict.fromkeys((*later, "known_since", "counted_from"), "")
    database["payees"].update_one({"_id": pair.payee}, {"$unset": gone})

    before = api.get(f"{path}/{pair.payee}")
    changed = api.call("PATCH", f"{path}/{pair.payee}", {"version": 1, "nickname": "B"}).body
    checked = api.post(f"{path}/{pair.payee}/check", {}, status=200)

    assert (before["kind"], before["trust"], before["checked_at"]) == ("person", "NEW", None)
    assert (changed["nickname"], checked["name_check"], checked["version"]) == ("B", "MATCH", 3)
