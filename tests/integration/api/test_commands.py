"""POST /orders/{id}/commands and GET /commands/{id}."""

from typing import Any

import pytest
from pymongo.database import Database

from apps.kernel.clock import wall_clock
from devstack.client import Document
from tests.support.api_client import Pair
from tests.support.builders import assert_problem
from tests.support.site_client import SiteClient

CANCEL = {"type": "cancel", "reason": "changed my mind"}


@pytest.fixture
def order(api: SiteClient, pair: Pair) -> str:
    return str(api.send(pair.order())["id"])


def _outcome(command: str, order: str, **fields: Any) -> Document:
    outcome = {"_id": command, "order": order, "order_version": 2, "at": wall_clock()}
    return outcome | {"state": "APPLIED", "reason": None, "detail": None} | fields


def test_is_taken_and_waits(api: SiteClient, order: str, database: Database[Document]) -> None:
    answer = api.call("POST", f"/api/v1/orders/{order}/commands", CANCEL)

    command = answer.body
    assert answer.status == 202
    assert (command["order"], command["type"], command["state"]) == (order, "cancel", "PENDING")
    assert api.get(answer.headers["location"]) == command
    (stored,) = database["commands"].find()
    assert stored["actor"] == {"kind": "customer", "id": "cli_tests"}
    assert stored["reason"] == "changed my mind"
    found = database["orders"].find_one({"_id": order})
    assert found is not None
    assert stored["route"] == found["route"]
    assert found["status"] == "RECEIVED"


def test_tells_that_it_was_applied(
    api: SiteClient, order: str, database: Database[Document]
) -> None:
    command = api.cancel(order, reason="changed my mind")["id"]
    database["outcomes"].insert_one(_outcome(command, order))

    found = api.get(f"/api/v1/commands/{command}")

    assert (found["state"], found["order_version"], found["reason"]) == ("APPLIED", 2, None)


def test_tells_why_it_was_refused(
    api: SiteClient, order: str, database: Database[Document]
) -> None:
    command = api.cancel(order, reason="changed my mind")["id"]
    refusal = {"state": "REFUSED", "reason": "order_final", "detail": "The order is COMPLETED."}
    database["outcomes"].insert_one(_outcome(command, order, **refusal))

    found = api.get(f"/api/v1/commands/{command}")

    assert {name: found[name] for name in refusal} == refusal
    assert found["requested_reason"] == "changed my mind"


def test_repeated_with_a_key_is_one_command(
    api: SiteClient, order: str, database: Database[Document]
) -> None:
    path = f"/api/v1/orders/{order}/commands"
    first = api.call("POST", path, CANCEL, key="c1")

    second = api.call("POST", path, CANCEL, key="c1")
    other = api.call("POST", path, CANCEL | {"reason": "another"}, key="c1")

    assert (second.status, second.body) == (202, first.body)
    assert second.headers["idempotency-replayed"] == "true"
    assert_problem(other, 422, "idempotency_key_reused")
    assert database["commands"].count_documents({}) == 1


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"type": "explode", "reason": "x"}, "command_unknown", "/type"),
        ({"type": {"$ne": 1}, "reason": "x"}, "field_malformed", "/type"),
        ({"type": "cancel"}, "field_required", "/reason"),
        ({"type": "cancel", "reason": ""}, "field_empty", "/reason"),
        ({"type": "cancel", "reason": "r" * 201}, "field_too_long", "/reason"),
        ({"type": "cancel", "reason": "x", "actor": "operator"}, "field_unknown", "/actor"),
    ],
)
def test_refuses(
    api: SiteClient,
    order: str,
    database: Database[Document],
    body: Document,
    code: str,
    pointer: str,
) -> None:
    answer = api.call("POST", f"/api/v1/orders/{order}/commands", body)

    assert_problem(answer, 400, code, pointer)
    assert database["commands"].count_documents({}) == 0


def test_refuses_one_for_an_order_that_is_not(
    api: SiteClient, database: Database[Document]
) -> None:
    answer = api.call("POST", f"/api/v1/orders/ord_{'a' * 32}/commands", CANCEL)

    assert_problem(answer, 404, "order_not_found")
    assert database["commands"].count_documents({}) == 0


def test_an_unknown_command_is_not_found(api: SiteClient) -> None:
    answer = api.call("GET", f"/api/v1/commands/cmd_{'0' * 26}")

    assert_problem(answer, 404, "command_not_found")
