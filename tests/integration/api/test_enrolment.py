"""Enrolment as a process: eligibility, terms, the proof of the contact, and products one by one."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from pymongo.database import Database

from apps.kernel.clock import wall_clock
from apps.profiles.domain.code import CODE_LIFE, CODE_TRIES_MAX, CODES_MAX
from devstack.client import Answer, Document
from tests.support.builders import assert_problem, with_field, without_field
from tests.support.clock import frozen_at
from tests.support.site_client import SiteClient

CUSTOMERS = "/api/v1/customers"
ANN: Document = {
    "kind": "person",
    "name": "Ann Archer",
    "email": "ann@example.com",
    "phone": "+12025550123",
    "date_of_birth": "1990-02-03",
    "address": {"line1": "1 Main Street", "city": "Springfield", "country": "US"},
    "terms_version": "2026-01",
}
OUTSIDE_A_SANDBOX = override_settings(SANDBOX=False)


class Enrolment:
    """Ann enrols at a bank that is no sandbox; only the test reads her codes."""

    def __init__(self, api: SiteClient, body: Document = ANN) -> None:
        self.api = api
        with OUTSIDE_A_SANDBOX:
            self.path = f"{CUSTOMERS}/{api.post(CUSTOMERS, body)['id']}"

    def read(self) -> Document:
        with OUTSIDE_A_SANDBOX:
            return self.api.get(self.path)

    def code(self, channel: str = "email") -> str:
        sent = self.api.post(f"{self.path}/contact-code", {"channel": channel})
        return str(sent["sandbox_code"])

    def asks(self, method: str, path: str, body: Document | None = None) -> Answer:
        with OUTSIDE_A_SANDBOX:
            return self.api.call(method, self.path + path, body)

    def proves(self, code: str) -> Answer:
        return self.asks("POST", "/verify", {"code": code})


@pytest.fixture
def ann(api: SiteClient) -> Enrolment:
    return Enrolment(api)


def _other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_keeps_when_the_terms_were_accepted(api: SiteClient) -> None:
    now = wall_clock() + timedelta(minutes=1)
    with frozen_at(now):
        api.token()
        customer = api.post(CUSTOMERS, ANN)
        with frozen_at(now + timedelta(seconds=5)):
            wanted = {"version": 1, "terms_version": "2026-02", "name": "Ann A. Archer"}
            changed = api.call("PATCH", f"{CUSTOMERS}/{customer['id']}", wanted).body

    assert customer["terms_accepted_at"] == customer["created_at"]
    assert changed["terms_version"] == "2026-02"
    assert changed["terms_accepted_at"] == changed["modified_at"] > customer["modified_at"]


def test_refuses_a_child(api: SiteClient, database: Database[Document]) -> None:
    born = wall_clock().date() - timedelta(days=17 * 365)

    answer = api.call("POST", CUSTOMERS, with_field(ANN, "date_of_birth", born.isoformat()))
    business = api.call(
        "POST", CUSTOMERS, {**ANN, "kind": "business", "date_of_birth": born.isoformat()}
    )

    assert_problem(answer, 422, "too_young", "/date_of_birth")
    assert business.status == 201
    assert database["customers"].count_documents({}) == 1


def test_outside_a_sandbox_it_waits_for_the_code_and_is_active_then(ann: Enrolment) -> None:
    waiting = ann.read()

    answer = ann.proves(ann.code())

    assert (waiting["status"], waiting["awaits"]) == ("PENDING", ["contact_code"])
    active = answer.body
    assert (answer.status, active["status"], active["awaits"]) == (200, "ACTIVE", [])
    assert active["contact_verified_at"] == active["modified_at"]
    assert active["products"] == []


def test_waits_for_what_the_bank_must_know(api: SiteClient) -> None:
    ann = Enrolment(api, without_field(without_field(ANN, "address"), "date_of_birth"))
    proved = ann.proves(ann.code("phone")).body

    partly = ann.asks("PATCH", "", {"version": proved["version"], "address": ANN["address"]}).body
    whole = ann.asks("PATCH", "", {"version": partly["version"], "date_of_birth": "1990-02-03"})

    assert (proved["status"], proved["awaits"]) == ("PENDING", ["date_of_birth", "address"])
    assert (partly["status"], partly["awaits"]) == ("PENDING", ["date_of_birth"])
    assert (whole.body["status"], whole.body["awaits"]) == ("ACTIVE", [])


def test_tells_the_code_in_a_sandbox_only(ann: Enrolment, database: Database[Document]) -> None:
    sent = ann.asks("POST", "/contact-code", {"channel": "email"})

    assert sent.status == 201
    assert "sandbox_code" not in sent.body
    code = ann.code()
    (stored,) = database["customers"].find()
    assert code not in {str(value) for value in stored.values()}


def test_a_new_code_voids_the_one_before(ann: Enrolment) -> None:
    first = ann.code()
    second = ann.code()

    refused = ann.proves(first) if first != second else None
    answer = ann.proves(second)

    assert refused is None or refused.body["code"] == "code_wrong"
    assert answer.status == 200


def test_the_code_expires(api: SiteClient, ann: Enrolment) -> None:
    code = ann.code("phone")
    before = ann.read()

    with frozen_at(wall_clock() + CODE_LIFE["phone"]):
        api.token()
        answer = ann.proves(code)

    assert_problem(answer, 409, "code_expired", "/code")
    assert ann.read() == before


def test_the_code_can_not_be_guessed_for_ever(ann: Enrolment) -> None:
    code = ann.code()

    wrong = [ann.proves(_other(code)) for _ in range(CODE_TRIES_MAX)]
    answer = ann.proves(code)

    assert {each.body["code"] for each in wrong} == {"code_wrong"}
    assert_problem(answer, 409, "code_spent", "/code")
    assert ann.read()["status"] == "PENDING"


def test_only_so_many_codes_are_sent_at_a_time(api: SiteClient, ann: Enrolment) -> None:
    for _ in range(CODES_MAX):
        ann.code("phone")
    before = ann.read()

    refused = ann.asks("POST", "/contact-code", {"channel": "phone"})
    unchanged = ann.read()
    with frozen_at(wall_clock() + CODE_LIFE["phone"]):
        api.token()
        answer = ann.asks("POST", "/contact-code", {"channel": "phone"})

    assert_problem(refused, 409, "codes_too_many")
    assert unchanged == before
    assert answer.status == 201


def test_is_proved_once_and_only_after_a_code(ann: Enrolment) -> None:
    too_early = ann.proves("123456")
    ann.proves(ann.code())

    again = ann.proves("123456")
    another = ann.asks("POST", "/contact-code", {"channel": "email"})

    assert_problem(too_early, 409, "code_not_asked", "/code")
    assert_problem(again, 409, "code_not_asked", "/code")
    assert_problem(another, 409, "contact_verified")


def test_a_new_address_is_not_proved(ann: Enrolment) -> None:
    proved = ann.proves(ann.code()).body
    version = proved["version"]

    phone = ann.asks("PATCH", "", {"version": version, "phone": "+12025550199"}).body
    email = ann.asks("PATCH", "", {"version": version + 1, "email": "ann@example.org"}).body

    assert phone["contact_verified_at"] is not None
    assert (email["contact_verified_at"], email["status"]) == (None, "ACTIVE")


def test_enrols_in_a_product_once_and_leaves_it_once(ann: Enrolment) -> None:
    ann.proves(ann.code())

    enrolled = ann.asks("POST", "/products", {"product": "zelle"})
    twice = ann.asks("POST", "/products", {"product": "zelle"})
    after_twice = ann.read()
    left = ann.asks("DELETE", "/products/zelle")
    left_twice = ann.asks("DELETE", "/products/zelle")

    assert (enrolled.status, enrolled.body["products"]) == (201, ["zelle"])
    assert_problem(twice, 409, "product_enrolled", "/product")
    assert after_twice == enrolled.body
    assert (left.status, left.body["products"]) == (200, [])
    assert_problem(left_twice, 409, "product_not_enrolled")
    assert ann.read() == left.body


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"product": "barter"}, "product_unknown", "/product"),
        ({"product": 1}, "field_malformed", "/product"),
        ({}, "field_required", "/product"),
        ({"product": "zelle", "status": "ACTIVE"}, "field_unknown", "/status"),
    ],
)
def test_refuses_what_is_no_product(ann: Enrolment, body: Any, code: str, pointer: str) -> None:
    assert_problem(ann.asks("POST", "/products", body), 400, code, pointer)


def test_only_an_active_customer_enrols_in_products_and_aliases(ann: Enrolment) -> None:
    before = ann.read()

    product = ann.asks("POST", "/products", {"product": "zelle"})
    alias = {"kind": "email", "value": "ann@example.com", "account": f"acc_{'0' * 26}"}
    enrolled = ann.asks("POST", "/aliases", alias)

    assert_problem(product, 409, "customer_not_active")
    assert_problem(enrolled, 409, "customer_not_active")
    assert ann.read() == before
