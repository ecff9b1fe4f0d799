"""Bad input to POST /orders: a clear answer that names the field, and nothing written."""

import json
from typing import Any

import pytest
from pymongo.database import Database

from devstack.client import Document
from tests.support.api_client import Pair
from tests.support.builders import assert_problem, with_field, without_field
from tests.support.site_client import SiteClient

ORDERS = "/api/v1/orders"
OPERATOR = {"$ne": None}


@pytest.fixture(autouse=True)
def _nothing_is_written(database: Database[Document]) -> object:
    yield
    assert database["orders"].count_documents({}) == 0


@pytest.mark.parametrize(
    ("field", "value", "code", "pointer"),
    [
        ("amount/currency", "ZZZ", "currency_unknown", "/amount/currency"),
        ("amount/currency", "usd", "currency_unknown", "/amount/currency"),
        ("amount/currency", OPERATOR, "currency_unknown", "/amount/currency"),
        ("amount/value", "12.345", "amount_malformed", "/amount/value"),
        ("amount/value", "12.3", "amount_malformed", "/amount/value"),
        ("amount/value", "12", "amount_malformed", "/amount/value"),
        ("amount/value", 12.34, "amount_not_a_string", "/amount/value"),
        ("amount/value", 12, "amount_not_a_string", "/amount/value"),
        ("amount/value", True, "amount_not_a_string", "/amount/value"),
        ("amount/value", None, "amount_not_a_string", "/amount/value"),
        ("amount/value", OPERATOR, "amount_not_a_string", "/amount/value"),
        ("amount/value", "1e2", "amount_malformed", "/amount/value"),
        ("amount/value", "1.00E1", "amount_malformed", "/amount/value"),
        ("amount/value", "-12.34", "amount_malformed", "/amount/value"),
        ("amount/value", "+12.34", "amount_malformed", "/amount/value"),
        ("amount/value", "0.00", "amount_not_positive", "/amount/value"),
        ("amount/value", "9" * 40 + ".00", "amount_malformed", "/amount/value"),
        ("amount/value", "9" * 37 + ".00", "amount_too_large", "/amount/value"),
        ("amount/value", "012.34", "amount_malformed", "/amount/value"),
        ("amount/value", " 12.34", "amount_malformed", "/amount/value"),
        ("amount/value", "12.34\n", "amount_malformed", "/amount/value"),
        ("amount/value", "1,234.00", "amount_malformed", "/amount/value"),
        ("amount/value", "\uff11\uff12.34", "amount_malformed", "/amount/value"),
        ("amount/value", "NaN", "amount_malformed", "/amount/value"),
        ("amount", "12.34", "amount_malformed", "/amount"),
        ("amount", OPERATOR, "amount_malformed", "/amount"),
        ("amount/scale", 2, "amount_malformed", "/amount"),
        ("kind", "barter", "choice_unknown", "/kind"),
        ("product", "wire", "choice_unknown", "/product"),
        ("product", OPERATOR, "field_malformed", "/product"),
        ("product", ["zelle"], "field_malformed", "/product"),
        ("payee", OPERATOR, "field_malformed", "/payee"),
        ("payee", {"$gt": ""}, "field_malformed", "/payee"),
        ("payee", "$where", "field_malformed", "/payee"),
        ("payee", "pay_x\x00", "characters_refused", "/payee"),
        ("payee", 7, "field_malformed", "/payee"),
        ("debtor", "cus_x", "field_malformed", "/debtor"),
        ("debtor", [], "field_malformed", "/debtor"),
        ("debtor", None, "field_null", "/debtor"),
        ("debtor/customer", OPERATOR, "field_malformed", "/debtor/customer"),
        ("debtor/account", {"$regex": ".*"}, "field_malformed", "/debtor/account"),
        ("debtor/$where", "1", "field_unknown", "/debtor/$where"),
        ("reference", "r" * 36, "field_too_long", "/reference"),
        ("reference", "a\nb", "characters_refused", "/reference"),
        ("reference", 7, "field_malformed", "/reference"),
        ("reference", "", "field_empty", "/reference"),
        ("memo", "m" * 141, "field_too_long", "/memo"),
        ("memo", "a\x00b", "characters_refused", "/memo"),
        ("memo", "\u202egnp.exe", "characters_refused", "/memo"),
        ("memo", {"$ne": 1}, "field_malformed", "/memo"),
        ("memo", ["a"], "field_malformed", "/memo"),
        ("status", "COMPLETED", "field_unknown", "/status"),
        ("version", 9, "field_unknown", "/version"),
        ("_connector", "OR", "field_unknown", "/_connector"),
        ("$where", "sleep(1000)", "field_unknown", "/$where"),
        ("a/b~c", 1, "field_unknown", "/a~1b~0c"),
    ],
)
def test_names_the_field(
    api: SiteClient, pair: Pair, field: str, value: Any, code: str, pointer: str
) -> None:
    order = pair.order()
    body = order | {field: value} if field == "a/b~c" else with_field(order, field, value)

    answer = api.call("POST", ORDERS, body, key="k1")

    assert_problem(answer, 400, code, pointer)


@pytest.mark.parametrize(
    "field", ["kind", "product", "debtor", "debtor/account", "payee", "amount"]
)
def test_names_the_field_that_is_missing(api: SiteClient, pair: Pair, field: str) -> None:
    answer = api.call("POST", ORDERS, without_field(pair.order(), field), key="k1")

    assert_problem(answer, 400, "field_required", f"/{field}")


def test_names_every_fault_at_once(api: SiteClient, pair: Pair) -> None:
    body = with_field(with_field(pair.order(), "memo", 7), "amount/value", "1")

    answer = api.call("POST", ORDERS, body, key="k1")

    problem = assert_problem(answer, 400, "body_invalid")
    assert {error["pointer"] for error in problem["errors"]} == {"/memo", "/amount/value"}


def test_takes_no_body_for_an_empty_object(api: SiteClient) -> None:
    answer = api.call("POST", ORDERS, b"", key="k1")

    problem = assert_problem(answer, 400, "body_invalid")
    assert {error["code"] for error in problem["errors"]} == {"field_required"}


def _deep(levels: int) -> bytes:
    return b'{"memo":' + b"[" * levels + b"]" * levels + b"}"


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b'{"kind":"send","kind":"send"}',
        b'{"amount":NaN}',
        b'{"amount":-Infinity}',
        b'{"memo":"\xff\xfe"}',
        b'{"memo":"\\ud800"}',
        b'{"\\udfff":1}',
        b'{"memo":"a\x01b"}',
        b'{"amount":' + b"9" * 5000 + b"}",
        b'\xef\xbb\xbf{"kind":"send"}',
        "{}".encode("utf-16"),
        _deep(100_000),
    ],
    ids=lambda body: repr(body[:24]),
)
def test_refuses_what_is_not_one_json_object(api: SiteClient, body: bytes) -> None:
    answer = api.call("POST", ORDERS, body, key="k1")

    assert_problem(answer, 400, "body_malformed")


def test_refuses_a_bomb_that_parses(api: SiteClient, pair: Pair) -> None:
    bomb = json.dumps(pair.order() | {"memo": "X"}).replace('"X"', "[" * 500 + "]" * 500)

    answer = api.call("POST", ORDERS, bomb.encode(), key="k1")

    assert_problem(answer, 400, "field_malformed", "/memo")


def test_refuses_a_body_over_one_megabyte(api: SiteClient) -> None:
    answer = api.call("POST", ORDERS, b'{"memo":"' + b"m" * 10_000_000 + b'"}', key="k1")

    assert_problem(answer, 413, "body_too_large")


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_refuses_another_media_type(api: SiteClient, pair: Pair, media_type: str) -> None:
    body = json.dumps(pair.order()).encode()

    answer = api.call("POST", ORDERS, body, key="k1", headers={"Content-Type": media_type})

    assert_problem(answer, 415, "media_type_unsupported")


@pytest.mark.parametrize(
    "query",
    [
        "status[$gt]=",
        "status=RECEIVED&status=HELD",
        "status=$ne",
        "status=",
        "_connector=OR",
        "product[]=zelle",
        "customer=cus_x",
        "customer=%00",
        "party=debtor",
        "created_from=yesterday",
        "created_from=2026-02-30T00:00:00Z",
        "created_from=2026-02-01T00:00:00",
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=1e2",
        "limit=%D9%A1",
        "limit=%ff",
        "__class__=x",
    ],
)
def test_refuses_an_odd_query(api: SiteClient, query: str) -> None:
    answer = api.call("GET", f"{ORDERS}?{query}")

    assert_problem(answer, 400, "query_invalid")


@pytest.mark.parametrize("cursor", ["x", "WzEsMl0:abc", "a:b:c", "%00", "$ne"])
def test_refuses_a_cursor_it_did_not_give(api: SiteClient, cursor: str) -> None:
    answer = api.call("GET", f"{ORDERS}?cursor={cursor}")

    assert_problem(answer, 400, "cursor_invalid")
