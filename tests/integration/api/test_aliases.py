"""Aliases: enrol, prove with the code, remove."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import override_settings
from pymongo.database import Database

from apps.kernel.clock import rfc3339, wall_clock
from apps.profiles.aliases import release_alias
from apps.profiles.domain.code import CODE_LIFE, CODE_TRIES_MAX, CODES_MAX
from apps.profiles.selectors import alias_owner
from devstack.client import Answer, Document
from dpms_site.changes import Change
from tests.support.api_client import an_email
from tests.support.builders import assert_problem
from tests.support.clock import frozen_at
from tests.support.site_client import SiteClient


class Someone:
    """A customer with an account and no alias."""

    def __init__(self, api: SiteClient) -> None:
        self.api = api
        self.id = api.enrol(name="Ann Archer", email=an_email(), phone="+12025550123")
        self.account = api.open_account(self.id, opening_balance="0.00")
        self.path = f"/api/v1/customers/{self.id}/aliases"

    def enrols(self, value: Any = "ann@example.com", kind: Any = "email", **fields: Any) -> Answer:
        body = {"kind": kind, "value": value, "account": self.account, **fields}
        return self.api.call("POST", self.path, body)

    def proves(self, alias: Document, code: str | None = None) -> Answer:
        body = {"code": code or alias["sandbox_code"]}
        return self.api.call("POST", f"/api/v1/aliases/{alias['id']}/verify", body)


@pytest.fixture
def ann(api: SiteClient) -> Someone:
    return Someone(api)


def _other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_waits_for_its_code_and_becomes_active(ann: Someone, database: Database[Document]) -> None:
    alias = ann.enrols("Ann@Example.com").body

    answer = ann.proves(alias)

    assert (alias["status"], alias["value"]) == ("PENDING", "ann@example.com")
    assert (answer.status, answer.body["status"], answer.body["version"]) == (200, "ACTIVE", 2)
    (stored,) = database["aliases"].find()
    assert stored["key"] == "email:ann@example.com"
    assert (stored["customer"], stored["account"]) == (ann.id, ann.account)
    assert alias["sandbox_code"] not in str(stored)


def test_a_phone_number_has_one_form(ann: Someone) -> None:
    assert ann.enrols("202-555-0123", "phone").body["value"] == "+12025550123"


def test_tells_the_code_in_a_sandbox_only(ann: Someone) -> None:
    with override_settings(SANDBOX=False):
        alias = ann.enrols().body

    assert "sandbox_code" not in alias


def test_has_one_owner_at_a_time(api: SiteClient, ann: Someone) -> None:
    bob = Someone(api)
    early = bob.enrols().body
    ann.proves(ann.enrols().body)

    late = bob.enrols()
    proof = bob.proves(early)

    assert_problem(late, 409, "alias_taken", "/value")
    assert_problem(proof, 409, "alias_taken")
    assert api.get(f"{bob.path}/{early['id']}")["status"] == "PENDING"


def test_two_who_prove_it_at_once_leave_one_owner(
    api: SiteClient, ann: Someone, database: Database[Document]
) -> None:
    claims = [
        (someone, someone.enrols().body) for someone in (ann, *(Someone(api) for _ in "1234"))
    ]

    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(lambda claim: claim[0].proves(claim[1]), claims))

    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409, 409]
    assert database["aliases"].count_documents({"status": "ACTIVE"}) == 1


def test_a_wrong_code_leaves_it_pending(api: SiteClient, ann: Someone) -> None:
    alias = ann.enrols().body

    answer = ann.proves(alias, _other(alias["sandbox_code"]))

    assert_problem(answer, 409, "code_wrong", "/code")
    assert api.get(f"{ann.path}/{alias['id']}")["status"] == "PENDING"
    assert ann.proves(alias).status == 200


def test_the_code_can_not_be_guessed_for_ever(ann: Someone) -> None:
    alias = ann.enrols().body
    for _ in range(CODE_TRIES_MAX):
        ann.proves(alias, _other(alias["sandbox_code"]))

    answer = ann.proves(alias)

    assert_problem(answer, 409, "code_spent", "/code")


def test_moves_to_who_proves_it_and_is_new_in_their_hands(
    api: SiteClient, ann: Someone, database: Database[Document]
) -> None:
    old = ann.proves(ann.enrols().body).body
    bob = Someone(api)
    wanted = bob.enrols(move=True)
    in_between = api.get(f"{ann.path}/{old['id']}")

    moved = bob.proves(wanted.body)

    assert (wanted.status, in_between) == (201, old)
    assert (moved.status, moved.body["status"]) == (200, "ACTIVE")
    assert api.get(f"{ann.path}/{old['id']}")["status"] == "REMOVED"
    owner = alias_owner("email:ann@example.com")
    assert owner is not None
    assert (owner.customer, rfc3339(owner.owned_since)) == (bob.id, moved.body["owned_since"])
    assert moved.body["owned_since"] > old["owned_since"]
    assert database["aliases"].count_documents({"status": "ACTIVE"}) == 1


def test_stays_in_the_same_hands_when_it_moves_to_another_account(
    api: SiteClient, ann: Someone
) -> None:
    old = ann.proves(ann.enrols().body).body
    ann.account = api.open_account(ann.id, opening_balance="0.00")

    moved = ann.proves(ann.enrols(move=True).body).body

    assert (moved["account"], moved["owned_since"]) == (ann.account, old["owned_since"])


def test_of_many_who_move_it_at_once_the_last_owns_it(
    api: SiteClient, ann: Someone, database: Database[Document]
) -> None:
    ann.proves(ann.enrols().body)
    claims = [(each, each.enrols(move=True).body) for each in (Someone(api) for _ in "1234")]

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda claim: claim[0].proves(claim[1]), claims))

    assert {answer.status for answer in answers} <= {200, 409}
    active = database["aliases"].count_documents({"status": "ACTIVE"})
    removed = database["aliases"].count_documents({"status": "REMOVED"})
    assert (active, removed) == (1, sum(answer.status == 200 for answer in answers))


def test_the_old_owner_keeps_it_when_the_code_is_wrong(api: SiteClient, ann: Someone) -> None:
    old = ann.proves(ann.enrols().body).body
    bob = Someone(api)
    wanted = bob.enrols(move=True).body

    answer = bob.proves(wanted, _other(wanted["sandbox_code"]))

    assert_problem(answer, 409, "code_wrong", "/code")
    assert api.get(f"{ann.path}/{old['id']}") == old


def test_leaves_for_another_bank(api: SiteClient, ann: Someone) -> None:
    alias = ann.proves(ann.enrols().body).body
    made = Change(by="network:zelle", at=wall_clock(), request_id="req_1", reason="moved away")

    released = [release_alias(key="email:ann@example.com", made=made) for _ in "12"]

    assert released == [True, False]
    assert api.get(f"{ann.path}/{alias['id']}")["status"] == "REMOVED"
    assert alias_owner("email:ann@example.com") is None


def test_the_code_expires(api: SiteClient, ann: Someone) -> None:
    alias = ann.enrols("202-555-0123", "phone").body

    with frozen_at(wall_clock() + CODE_LIFE["phone"]):
        api.token()
        answer = ann.proves(alias)

    assert_problem(answer, 409, "code_expired", "/code")
    assert api.get(f"{ann.path}/{alias['id']}") == {
        name: value for name, value in alias.items() if name != "sandbox_code"
    }


def test_of_a_suspended_customer_is_not_proved(api: SiteClient, ann: Someone) -> None:
    alias = ann.enrols().body
    api.call("POST", f"/api/v1/customers/{ann.id}/suspend", {"reason": "lost phone"})

    answer = ann.proves(alias)

    assert_problem(answer, 409, "customer_not_active")
    assert api.get(f"{ann.path}/{alias['id']}")["status"] == "PENDING"


def test_only_so_many_codes_are_sent_to_one_address(
    api: SiteClient, ann: Someone, database: Database[Document]
) -> None:
    for _ in range(CODES_MAX):
        ann.enrols()

    answer = ann.enrols()

    assert_problem(answer, 409, "codes_too_many")
    assert database["aliases"].count_documents({}) == CODES_MAX
    assert Someone(api).enrols().status == 201
    assert ann.enrols("ann@example.org").status == 201


def test_is_proved_once(ann: Someone) -> None:
    alias = ann.enrols().body
    ann.proves(alias)

    answer = ann.proves(alias)

    assert_problem(answer, 409, "alias_not_pending")


def test_removed_it_is_free_again(api: SiteClient, ann: Someone) -> None:
    alias = ann.enrols().body
    ann.proves(alias)

    removed = api.call("DELETE", f"{ann.path}/{alias['id']}")
    again = api.call("DELETE", f"{ann.path}/{alias['id']}")

    assert (removed.status, again.status) == (204, 204)
    assert api.get(f"{ann.path}/{alias['id']}")["status"] == "REMOVED"
    assert api.get(ann.path)["data"] == []
    bob = Someone(api)
    assert bob.proves(bob.enrols().body).status == 200


@pytest.mark.parametrize(
    ("kind", "value", "code", "pointer"),
    [
        ("fax", "1", "choice_unknown", "/kind"),
        ("email", "ann", "alias_malformed", "/value"),
        ("email", {"$ne": None}, "field_malformed", "/value"),
        ("email", "a\x00@example.com", "characters_refused", "/value"),
        ("phone", "ann@example.com", "alias_malformed", "/value"),
    ],
)
def test_refuses(
    ann: Someone, database: Database[Document], kind: Any, value: Any, code: str, pointer: str
) -> None:
    answer = ann.enrols(value, kind)

    assert_problem(answer, 400, code, pointer)
    assert database["aliases"].count_documents({}) == 0


def test_refuses_another_customers_account(
    api: SiteClient, ann: Someone, database: Database[Document]
) -> None:
    body = {"kind": "email", "value": "ann@example.com", "account": Someone(api).account}

    answer = api.call("POST", ann.path, body)

    assert_problem(answer, 404, "account_not_found", "/account")
    assert database["aliases"].count_documents({}) == 0


def test_is_of_its_customer_only(api: SiteClient, ann: Someone) -> None:
    alias = ann.enrols().body
    bob = Someone(api)

    answer = api.call("DELETE", f"{bob.path}/{alias['id']}")

    assert_problem(answer, 404, "alias_not_found")
    assert api.get(f"{ann.path}/{alias['id']}")["status"] == "PENDING"
