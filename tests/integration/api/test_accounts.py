"""Accounts: open, read, list, their ledger lines."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import Int64
from django.test import override_settings
from pymongo.database import Database

from devstack.client import Document
from tests.support.api_client import an_email
from tests.support.builders import an_api_client, assert_problem
from tests.support.site_client import SiteClient

FUNDING = "acc_int_funding_USD"


@pytest.fixture
def customer(api: SiteClient) -> str:
    return api.enrol(name="Ann Archer", email=an_email(), phone="+12025550123")


def _usd(value: str) -> Document:
    return {"value": value, "currency": "USD"}


def test_opens_with_a_balance_and_its_entry(
    api: SiteClient, customer: str, database: Database[Document]
) -> None:
    body = {"currency": "USD", "kind": "checking", "opening_balance": "1000.00"}

    answer = api.call("POST", f"/api/v1/customers/{customer}/accounts", body)

    account = answer.body
    assert answer.status == 201
    assert account["number"].startswith("••••")
    assert len(account["number"]) == 8
    assert account["posted"] == account["available"] == _usd("1000.00")
    assert account["held"] == _usd("0.00")
    assert (account["status"], account["version"]) == ("OPEN", 1)
    assert api.get(answer.headers["location"]) == account
    (entry,) = database["entries"].find()
    assert entry["_id"] == f"{account['id']}:opening"
    assert entry["lines"] == [
        {"account": account["id"], "layer": "posted", "amount_minor": Int64(100_000)},
        {"account": FUNDING, "layer": "posted", "amount_minor": Int64(-100_000)},
    ]
    funding = database["accounts"].find_one({"_id": FUNDING})
    assert funding is not None
    assert (funding["posted_minor"], funding["kind"]) == (-100_000, "internal")


@pytest.mark.parametrize("balance", [{}, {"opening_balance": "0.00"}])
def test_opens_empty_without_an_entry(
    api: SiteClient, customer: str, database: Database[Document], balance: Document
) -> None:
    body = {"currency": "EUR", "kind": "savings"} | balance

    account = api.post(f"/api/v1/customers/{customer}/accounts", body)

    assert account["available"] == {"value": "0.00", "currency": "EUR"}
    assert database["entries"].count_documents({}) == 0


def test_many_at_once_keep_the_ledger_at_zero(
    api: SiteClient, customer: str, database: Database[Document]
) -> None:
    api.token()

    with ThreadPoolExecutor(8) as threads:
        opened = [
            threads.submit(api.open_account, customer, opening_balance="10.00") for _ in range(24)
        ]
        accounts = {each.result() for each in opened}

    assert len(accounts) == 24
    assert database["entries"].count_documents({}) == 24
    total = sum(account["posted_minor"] for account in database["accounts"].find())
    assert total == 0
    funding = database["accounts"].find_one({"_id": FUNDING})
    assert funding is not None
    assert funding["posted_minor"] == -24_000


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"currency": "ZZZ"}, "currency_unknown", "/currency"),
        ({"currency": {"$ne": 1}}, "currency_unknown", "/currency"),
        ({"kind": "internal"}, "choice_unknown", "/kind"),
        ({"opening_balance": "1.0"}, "amount_malformed", "/opening_balance"),
        ({"opening_balance": 1000}, "amount_not_a_string", "/opening_balance"),
        ({"opening_balance": "-1.00"}, "amount_malformed", "/opening_balance"),
        ({"opening_balance": _usd("1.00")}, "amount_not_a_string", "/opening_balance"),
        ({"opening_balance": None}, "field_null", "/opening_balance"),
        ({"posted_minor": 7}, "field_unknown", "/posted_minor"),
    ],
)
def test_refuses(
    api: SiteClient,
    customer: str,
    database: Database[Document],
    fields: dict[str, Any],
    code: str,
    pointer: str,
) -> None:
    body = {"currency": "USD", "kind": "checking"} | fields

    answer = api.call("POST", f"/api/v1/customers/{customer}/accounts", body)

    assert_problem(answer, 400, code, pointer)
    assert database["accounts"].count_documents({}) == 0


def test_refuses_play_money_outside_a_sandbox(
    api: SiteClient, customer: str, database: Database[Document]
) -> None:
    body = {"currency": "USD", "kind": "checking", "opening_balance": "1.00"}

    with override_settings(SANDBOX=False):
        answer = api.call("POST", f"/api/v1/customers/{customer}/accounts", body)

    assert_problem(answer, 403, "sandbox_only", "/opening_balance")
    assert database["accounts"].count_documents({}) == 0


def test_refuses_an_unknown_customer(api: SiteClient, database: Database[Document]) -> None:
    body = {"currency": "USD", "kind": "checking", "opening_balance": "1.00"}

    answer = api.call("POST", f"/api/v1/customers/cus_{'0' * 26}/accounts", body)

    assert_problem(answer, 404, "customer_not_found")
    assert database["accounts"].count_documents({}) == 0


def test_lists_a_customers_own(api: SiteClient, customer: str) -> None:
    other = api.enrol(name="Bob Baker", email=an_email(), phone="+12025550124")
    api.open_account(other, opening_balance="1.00")
    own = [api.open_account(customer, opening_balance="1.00") for _ in range(3)]
    path = f"/api/v1/customers/{customer}/accounts"

    first = api.get(f"{path}?limit=2")
    second = api.get(f"{path}?limit=2&cursor={first['next']}")

    assert [row["id"] for row in first["data"] + second["data"]] == own[::-1]


def test_shows_its_ledger_lines_from_its_own_side(api: SiteClient, customer: str) -> None:
    account = api.open_account(customer, opening_balance="12.34")

    (line,) = api.get(f"/api/v1/accounts/{account}/entries")["data"]

    assert (line["kind"], line["posted"], line["held"]) == ("opening", _usd("12.34"), _usd("0.00"))


@pytest.mark.parametrize("account", [FUNDING, f"acc_{'0' * 26}", "acc_x"])
@pytest.mark.parametrize("tail", ["", "/entries"])
def test_shows_only_customers_accounts(
    api: SiteClient, customer: str, account: str, tail: str
) -> None:
    api.open_account(customer, opening_balance="1.00")

    answer = api.call("GET", f"/api/v1/accounts/{account}{tail}")

    assert_problem(answer, 404, "account_not_found")


def _opens(api: SiteClient, customer: str, key: str | None, **fields: Any) -> Any:
    body = {"currency": "USD", "kind": "checking", "opening_balance": "10.00"} | fields
    return api.call("POST", f"/api/v1/customers/{customer}/accounts", body, key=key)


@pytest.mark.parametrize("balance", ["10.00", "0.00"])
def test_the_same_key_opens_one_account(
    api: SiteClient, customer: str, database: Database[Document], balance: str
) -> None:
    first = _opens(api, customer, "key-1", opening_balance=balance)
    # Money moved meanwhile: the answer stays that of the opening.
    database["accounts"].update_one(
        {"_id": first.body["id"]}, {"$inc": {"posted_minor": Int64(7), "version": 1}}
    )

    again = _opens(api, customer, '"key-1"', opening_balance=balance)

    assert (again.status, again.body) == (201, first.body)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert again.headers["location"] == first.headers["location"]
    assert database["accounts"].count_documents({"customer": customer}) == 1
    assert database["entries"].count_documents({}) == (1 if balance == "10.00" else 0)


def test_the_same_key_at_once_opens_one_account(
    api: SiteClient, customer: str, database: Database[Document]
) -> None:
    api.token()

    with ThreadPoolExecutor(6) as threads:
        sent = [threads.submit(_opens, api, customer, "key-1") for _ in range(6)]
        answers = [each.result() for each in sent]

    assert [answer.status for answer in answers] == [201] * 6
    assert all(answer.body == answers[0].body for answer in answers)
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    funding = database["accounts"].find_one({"_id": FUNDING})
    assert funding is not None
    assert funding["posted_minor"] == -1_000


@pytest.mark.parametrize(
    "fields",
    [{"kind": "savings"}, {"currency": "EUR"}, {"opening_balance": "10.01"}],
    ids=lambda fields: next(iter(fields)),
)
def test_refuses_the_same_key_for_something_else(
    api: SiteClient, customer: str, database: Database[Document], fields: dict[str, Any]
) -> None:
    _opens(api, customer, "key-1")

    answer = _opens(api, customer, "key-1", **fields)

    assert_problem(answer, 422, "idempotency_key_reused")
    assert database["accounts"].count_documents({"customer": customer}) == 1
    assert database["entries"].count_documents({}) == 1


def test_a_key_belongs_to_its_client_and_one_customer(api: SiteClient, customer: str) -> None:
    other = api.enrol(name="Bob Baker", email=an_email(), phone="+12025550124")
    second_client = an_api_client("cli_second")
    first = _opens(api, customer, "key-1")

    elsewhere = _opens(api, other, "key-1")
    by_another = _opens(second_client, customer, "key-1")

    assert_problem(elsewhere, 422, "idempotency_key_reused")
    assert by_another.status == 201
    assert by_another.body["id"] != first.body["id"]


def test_without_a_key_each_request_opens_an_account(api: SiteClient, customer: str) -> None:
    opened = {_opens(api, customer, None).body["id"] for _ in range(2)}

    assert len(opened) == 2


def test_refuses_a_malformed_key(
    api: SiteClient, customer: str, database: Database[Document]
) -> None:
    answer = _opens(api, customer, "x" * 256)

    assert_problem(answer, 400, "idempotency_key_malformed")
    assert database["accounts"].count_documents({}) == 0
