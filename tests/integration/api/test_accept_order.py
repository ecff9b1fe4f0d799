"""POST /orders."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from bson import Int64
from pymongo.database import Database

from apps.kernel.ids import order_id
from devstack.client import Document
from tests.support.api_client import Pair, a_customer, a_pair, a_stranger_as_payee
from tests.support.builders import an_api_client, assert_problem, with_field
from tests.support.site_client import SiteClient

ORDERS = "/api/v1/orders"


def test_answers_with_the_order_as_it_was_written(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    body = pair.order("12.34", reference="rent", memo="May")

    answer = api.call("POST", ORDERS, body, key="k1")

    order = answer.body
    assert answer.status == 201
    assert order["id"] == order_id("cli_tests", "k1")
    assert answer.headers["location"] == f"{ORDERS}/{order['id']}"
    assert "idempotency-replayed" not in answer.headers
    assert {name: order[name] for name in body} == body
    assert (order["status"], order["iso_status"], order["reason"]) == ("RECEIVED", "RCVD", None)
    assert (order["version"], order["final"]) == (1, False)
    assert order["sentence"].startswith(f"12.34 USD to {pair.recipient.name}.")
    assert api.order(order["id"]) == order
    (stored,) = database["orders"].find()
    assert stored["amount_minor"] == Int64(1234)
    assert stored["alias_key"] == f"email:{pair.recipient.email}"
    assert stored["route"] == {
        "order": order["id"],
        "customer": pair.payer.id,
        "account": pair.payer.account,
    }
    assert stored["request_id"] == answer.headers["request-id"]


def test_tells_the_orders_history(api: SiteClient, pair: Pair) -> None:
    order = api.send(pair.order())

    (event,) = api.events(order["id"])

    assert event == {
        "version": 1,
        "status": "RECEIVED",
        "iso_status": "RCVD",
        "reason": None,
        "sentence": order["sentence"],
        "at": order["created_at"],
        "actor": "customer",
        "cause": order["id"],
    }


def test_a_payee_whom_nobody_here_is_can_be_paid(api: SiteClient, pair: Pair) -> None:
    payee, _ = a_stranger_as_payee(api, pair.payer)

    order = api.send(with_field(pair.order(), "payee", payee))

    assert order["status"] == "RECEIVED"


class TestARepeatedRequest:
    def test_gets_the_original_answer(
        self, api: SiteClient, pair: Pair, database: Database[Document]
    ) -> None:
        first = api.call("POST", ORDERS, pair.order(), key="k1")
        _complete(database, first.body["id"])

        second = api.call("POST", ORDERS, pair.order(), key="k1")

        assert (second.status, second.body) == (201, first.body)
        assert second.headers["idempotency-replayed"] == "true"
        assert api.order(first.body["id"])["status"] == "COMPLETED"
        assert database["orders"].count_documents({}) == 1

    @pytest.mark.parametrize("key", ["k 1", '"k 1"'])
    def test_may_write_its_key_bare_or_quoted(self, api: SiteClient, pair: Pair, key: str) -> None:
        first = api.call("POST", ORDERS, pair.order(), key="k 1")

        second = api.call("POST", ORDERS, pair.order(), key=key)

        assert second.body == first.body

    def test_may_spell_its_body_differently(self, api: SiteClient, pair: Pair) -> None:
        first = api.call("POST", ORDERS, pair.order(), key="k1")
        same = dict(reversed(pair.order().items())) | {"memo": None}

        second = api.call("POST", ORDERS, same, key="k1")

        assert (second.status, second.body) == (201, first.body)

    @pytest.mark.parametrize(
        ("field", "value"),
        [("amount/value", "12.35"), ("memo", "other"), ("reference", "other")],
    )
    def test_is_refused_with_another_body(
        self,
        api: SiteClient,
        pair: Pair,
        database: Database[Document],
        field: str,
        value: str,
    ) -> None:
        api.call("POST", ORDERS, pair.order(), key="k1")

        answer = api.call("POST", ORDERS, with_field(pair.order(), field, value), key="k1")

        assert_problem(answer, 422, "idempotency_key_reused")
        assert database["orders"].count_documents({}) == 1

    def test_gets_its_answer_also_when_the_payee_is_gone(
        self, api: SiteClient, pair: Pair, database: Database[Document]
    ) -> None:
        first = api.call("POST", ORDERS, pair.order(), key="k1")
        database["orders"].update_one({}, {"$set": {"final": True}})
        api.call("DELETE", f"/api/v1/customers/{pair.payer.id}/payees/{pair.payee}")

        second = api.call("POST", ORDERS, pair.order(), key="k1")
        another = api.call("POST", ORDERS, pair.order(), key="k2")

        assert (second.status, second.body) == (201, first.body)
        assert_problem(another, 409, "payee_removed", "/payee")

    def test_of_another_client_is_another_order(
        self, api: SiteClient, pair: Pair, database: Database[Document]
    ) -> None:
        first = api.call("POST", ORDERS, pair.order(), key="k1")

        second = an_api_client("cli_other").call("POST", ORDERS, pair.order(), key="k1")

        assert second.status == 201
        assert second.body["id"] != first.body["id"]
        assert database["orders"].count_documents({}) == 2

    def test_twenty_times_at_once_is_one_order(
        self, api: SiteClient, pair: Pair, database: Database[Document]
    ) -> None:
        api.token()

        with ThreadPoolExecutor(20) as threads:
            asked = [
                threads.submit(api.call, "POST", ORDERS, pair.order(), key="k1") for _ in range(20)
            ]
            answers = [each.result() for each in asked]

        assert [answer.status for answer in answers] == [201] * 20
        assert len({answer.body["created_at"] for answer in answers}) == 1
        replayed = [answer for answer in answers if "idempotency-replayed" in answer.headers]
        assert len(replayed) == 19
        assert database["orders"].count_documents({}) == 1


class TestIsRefused:
    """Each leaves no order behind."""

    @pytest.fixture(autouse=True)
    def _nothing_is_written(self, database: Database[Document]) -> object:
        yield
        assert database["orders"].count_documents({}) == 0

    @pytest.mark.parametrize(
        ("key", "code"),
        [
            (None, "idempotency_key_missing"),
            ("", "idempotency_key_malformed"),
            ('""', "idempotency_key_malformed"),
            ("k" * 256, "idempotency_key_malformed"),
            ("clé", "idempotency_key_malformed"),
            ("a\tb", "idempotency_key_malformed"),
        ],
    )
    def test_without_a_proper_key(
        self, api: SiteClient, pair: Pair, key: str | None, code: str
    ) -> None:
        answer = api.call("POST", ORDERS, pair.order(), key=key)

        assert_problem(answer, 400, code)

    def test_while_the_customer_has_sending_switched_off(self, api: SiteClient, pair: Pair) -> None:
        preferences = f"/api/v1/customers/{pair.payer.id}/preferences"
        api.call("PUT", preferences, {"products": {"zelle": {"send": False}}})

        answer = api.call("POST", ORDERS, pair.order(), key="k1")

        assert_problem(answer, 409, "sending_switched_off", "/product")

    def test_for_an_unknown_payee(self, api: SiteClient, pair: Pair) -> None:
        body = with_field(pair.order(), "payee", "pay_" + "0" * 26)

        answer = api.call("POST", ORDERS, body, key="k1")

        assert_problem(answer, 404, "payee_not_found", "/payee")

    def test_for_another_customers_payee(self, api: SiteClient, pair: Pair) -> None:
        body = with_field(pair.order(), "payee", a_pair(api).payee)

        answer = api.call("POST", ORDERS, body, key="k1")

        assert_problem(answer, 404, "payee_not_found", "/payee")

    def test_from_another_customers_account(self, api: SiteClient, pair: Pair) -> None:
        body = with_field(pair.order(), "debtor/account", pair.recipient.account)

        answer = api.call("POST", ORDERS, body, key="k1")

        assert_problem(answer, 404, "account_not_found", "/debtor/account")

    def test_from_the_banks_own_account(self, api: SiteClient, pair: Pair) -> None:
        body = with_field(pair.order(), "debtor/account", "acc_int_funding_USD")

        answer = api.call("POST", ORDERS, body, key="k1")

        assert_problem(answer, 400, "field_malformed", "/debtor/account")

    def test_for_an_unknown_customer(self, api: SiteClient, pair: Pair) -> None:
        body = with_field(pair.order(), "debtor/customer", "cus_" + "0" * 26)

        answer = api.call("POST", ORDERS, body, key="k1")

        assert_problem(answer, 404, "customer_not_found", "/debtor/customer")

    def test_for_a_customer_who_is_suspended(
        self, api: SiteClient, pair: Pair, database: Database[Document]
    ) -> None:
        database["customers"].update_one({"_id": pair.payer.id}, {"$set": {"status": "SUSPENDED"}})

        answer = api.call("POST", ORDERS, pair.order(), key="k1")

        assert_problem(answer, 409, "customer_not_active", "/debtor/customer")

    def test_for_a_customer_without_the_product(
        self, api: SiteClient, pair: Pair, database: Database[Document]
    ) -> None:
        database["customers"].update_one({"_id": pair.payer.id}, {"$set": {"products": []}})

        answer = api.call("POST", ORDERS, pair.order(), key="k1")

        assert_problem(answer, 409, "product_not_enrolled", "/product")

    def test_from_a_closed_account(
        self, api: SiteClient, pair: Pair, database: Database[Document]
    ) -> None:
        account = {"_id": pair.payer.account}
        database["accounts"].update_one(account, {"$set": {"status": "CLOSED"}})

        answer = api.call("POST", ORDERS, pair.order(), key="k1")

        assert_problem(answer, 409, "account_closed", "/debtor/account")

    def test_in_a_currency_the_product_does_not_pay(self, api: SiteClient, pair: Pair) -> None:
        body = with_field(pair.order(), "amount/currency", "EUR")

        answer = api.call("POST", ORDERS, body, key="k1")

        assert_problem(answer, 422, "currency_not_offered", "/amount/currency")

    def test_from_an_account_in_another_currency(self, api: SiteClient, pair: Pair) -> None:
        euros = api.post(
            f"/api/v1/customers/{pair.payer.id}/accounts", {"currency": "EUR", "kind": "savings"}
        )
        body = with_field(pair.order(), "debtor/account", euros["id"])

        answer = api.call("POST", ORDERS, body, key="k1")

        assert_problem(answer, 422, "currency_mismatch", "/amount/currency")

    def test_to_a_payee_whom_the_product_does_not_reach(self, api: SiteClient, pair: Pair) -> None:
        account = {"routing_number": "021000021", "account_number": "123456789"}
        payee = api.post(
            f"/api/v1/customers/{pair.payer.id}/payees", {"name": "Ann", "account": account}
        )

        answer = api.call("POST", ORDERS, with_field(pair.order(), "payee", payee["id"]), key="k1")

        assert_problem(answer, 422, "payee_without_alias", "/payee")

    def test_by_alias_where_the_product_pays_to_accounts(self, api: SiteClient, pair: Pair) -> None:
        answer = api.call("POST", ORDERS, with_field(pair.order(), "product", "interfi"), key="k1")

        assert_problem(answer, 422, "payee_without_account", "/payee")


def test_a_payee_with_a_bank_account_is_paid_by_a_product_that_pays_to_accounts(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    account = {"routing_number": "021000021", "account_number": "123456789"}
    payees = f"/api/v1/customers/{pair.payer.id}/payees"
    payee = api.post(payees, {"name": "Ann", "account": account})["id"]

    order = api.send(pair.order() | {"product": "interfi", "payee": payee})

    assert (order["status"], order["payee"]) == ("RECEIVED", payee)
    (stored,) = database["orders"].find()
    assert stored["alias_key"] is None
    assert "123456789" not in str(stored)


def test_is_accepted_whatever_the_funds(api: SiteClient) -> None:
    """Funds and limits are the flow's to decide."""
    pair = a_pair(api, balance="0.00")

    order = api.send(pair.order("9999.00"))

    assert order["status"] == "RECEIVED"


def test_reads_are_of_the_one_asked_for(api: SiteClient, pair: Pair) -> None:
    a_customer(api)
    order = api.send(pair.order())

    missing = api.call("GET", f"{ORDERS}/ord_{'a' * 32}")
    misshaped = api.call("GET", f"{ORDERS}/{order['id']}%00")

    assert_problem(missing, 404, "order_not_found")
    assert_problem(misshaped, 404, "order_not_found")


def _complete(database: Database[Document], order: str) -> None:
    """What the system of record makes of the order: moved on, the first step still inside it."""
    stored = database["orders"].find_one({"_id": order})
    assert stored is not None
    step = {**stored["history"][0], "version": 2, "status": "COMPLETED", "iso_status": "ACCC"}
    change = {
        "status": "COMPLETED",
        "iso_status": "ACCC",
        "final": True,
        "version": 2,
        "history": [stored["history"][0], step],
        "creditor": {"customer": "cus_x", "account": "acc_x"},
    }
    database["orders"].update_one({"_id": order}, {"$set": change})
