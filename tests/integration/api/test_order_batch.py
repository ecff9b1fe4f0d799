"""POST /orders/batch."""

from pymongo.database import Database

from devstack.client import Document
from tests.support.api_client import Pair
from tests.support.builders import assert_problem, with_field
from tests.support.site_client import SiteClient

BATCH = "/api/v1/orders/batch"


def _item(pair: Pair, key: str, amount: str = "1.00") -> Document:
    return {"idempotency_key": key, **pair.order(amount)}


def test_gives_each_order_its_own_result(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    items = [
        _item(pair, "k1"),
        with_field(_item(pair, "k2"), "amount/value", "-1.00"),
        with_field(_item(pair, "k3"), "payee", "pay_" + "0" * 26),
        7,
        _item(pair, "k4", "2.00"),
    ]

    answer = api.call("POST", BATCH, {"orders": items})

    results = answer.body["results"]
    assert answer.status == 207
    assert [result["status"] for result in results] == [201, 400, 404, 400, 201]
    assert results[1]["problem"]["errors"][0]["pointer"] == "/amount/value"
    assert results[2]["problem"]["code"] == "payee_not_found"
    assert results[4]["order"] == api.order(results[4]["order"]["id"])
    assert database["orders"].count_documents({}) == 2


def test_answers_as_a_single_order_does(api: SiteClient, pair: Pair) -> None:
    single = api.call("POST", "/api/v1/orders", pair.order("1.00"), key="k1")

    answer = api.call("POST", BATCH, {"orders": [_item(pair, "k1")]})

    (result,) = answer.body["results"]
    assert result == {"status": 201, "order": single.body, "idempotency_replayed": True}


def test_repeated_is_the_same_orders(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    items = [_item(pair, f"k{number}") for number in range(5)]
    first = api.call("POST", BATCH, {"orders": items})

    second = api.call("POST", BATCH, {"orders": [*items, _item(pair, "k5")]})

    orders = [result["order"] for result in first.body["results"]]
    assert [result["order"] for result in second.body["results"][:5]] == orders
    replayed = [result.get("idempotency_replayed", False) for result in second.body["results"]]
    assert replayed == [True] * 5 + [False]
    assert database["orders"].count_documents({}) == 6


def test_one_key_twice_in_a_batch_is_one_order(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    items = [_item(pair, "k1"), _item(pair, "k1"), _item(pair, "k1", "2.00")]

    answer = api.call("POST", BATCH, {"orders": items})

    first, same, other = answer.body["results"]
    assert same["order"] == first["order"]
    assert same["idempotency_replayed"]
    assert (other["status"], other["problem"]["code"]) == (422, "idempotency_key_reused")
    assert database["orders"].count_documents({}) == 1


def test_takes_a_thousand(api: SiteClient, pair: Pair, database: Database[Document]) -> None:
    answer = api.call("POST", BATCH, {"orders": [_item(pair, f"k{n}") for n in range(1000)]})

    assert {result["status"] for result in answer.body["results"]} == {201}
    assert database["orders"].count_documents({}) == 1000


def test_refuses_more_than_a_thousand(api: SiteClient, database: Database[Document]) -> None:
    answer = api.call("POST", BATCH, {"orders": [{}] * 1001})

    assert_problem(answer, 400, "field_too_long", "/orders")
    assert database["orders"].count_documents({}) == 0


def test_refuses_what_is_no_list(api: SiteClient) -> None:
    answer = api.call("POST", BATCH, {"orders": {"$ne": 1}})

    assert_problem(answer, 400, "field_malformed", "/orders")
