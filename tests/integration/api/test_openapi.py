"""The OpenAPI description and its page are public, complete, and say what the API really answers."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from django.test import Client as BrowserClient
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from apps.transactions.orders_out import order_json
from tests.support.api_client import Pair
from tests.support.site_client import SiteClient
from tests.unit.transactions.test_receive_and_return import a_receipt, a_return


@pytest.fixture
def description(api: SiteClient) -> dict[str, Any]:  # noqa: ARG001
    answer = BrowserClient().get("/api/schema/?format=json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def _assert_fits(
    description: dict[str, Any], method: str, path: str, status: int, body: Any
) -> None:
    """The body fits its schema and has no field that the schema does not name."""
    responses = description["paths"][path][method]["responses"]
    schema = responses[str(status)]["content"]["application/json"]["schema"]
    registry: Any = Registry().with_resource(
        "urn:api", Resource.from_contents(description, default_specification=DRAFT202012)
    )
    name = schema["$ref"].removeprefix("#/components/schemas/")
    reference = {"$ref": f"urn:api#/components/schemas/{name}"}
    jsonschema.Draft202012Validator(reference, registry=registry).validate(body)
    assert set(body) <= set(description["components"]["schemas"][name]["properties"])


def test_describes_version_3_1(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    assert description["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_describes_what_is_answered(
    api: SiteClient, pair: Pair, description: dict[str, Any]
) -> None:
    order = api.send(pair.order())
    messages = f"/api/v1/orders/{order['id']}/messages"
    command = api.cancel(order["id"], reason="x")
    customer = f"/api/v1/customers/{pair.payer.id}"
    payee = f"{customer}/payees/{pair.payee}"
    renamed = api.call("PATCH", payee, {"version": 1, "nickname": "Bobby"}).body
    blocked = api.post("/api/v1/blocked-parties", {"name": "Eve Nobody", "reason": "x"})

    answered = {
        ("/api/v1/orders", "post", 201): order,
        ("/api/v1/orders", "get", 200): api.get("/api/v1/orders"),
        ("/api/v1/feed", "get", 200): api.get("/api/v1/feed"),
        ("/api/v1/orders/{order_id}", "get", 200): api.order(order["id"]),
        ("/api/v1/orders/{order_id}/events", "get", 200): api.get(
            f"/api/v1/orders/{order['id']}/events"
        ),
        ("/api/v1/orders/{order_id}/messages", "get", 200): api.get(messages),
        ("/api/v1/orders/{order_id}/commands", "post", 202): command,
        ("/api/v1/commands/{command_id}", "get", 200): api.get(f"/api/v1/commands/{command['id']}"),
        ("/api/v1/customers/{customer_id}", "get", 200): api.get(customer),
        ("/api/v1/customers/{customer_id}/preferences", "get", 200): api.get(
            f"{customer}/preferences"
        ),
        ("/api/v1/customers/{customer_id}/contact-code", "post", 201): api.post(
            f"{customer}/contact-code", {"channel": "email"}
        ),
        ("/api/v1/customers/{customer_id}/aliases", "get", 200): api.get(f"{customer}/aliases"),
        ("/api/v1/customers/{customer_id}/accounts", "get", 200): api.get(f"{customer}/accounts"),
        ("/api/v1/customers/{customer_id}/payees", "get", 200): api.get(f"{customer}/payees"),
        ("/api/v1/customers/{customer_id}/payees/{payee_id}", "patch", 200): renamed,
        ("/api/v1/customers/{customer_id}/payees/{payee_id}/check", "post", 200): api.post(
            f"{payee}/check", {}, status=200
        ),
        ("/api/v1/blocked-parties", "post", 201): blocked,
        ("/api/v1/blocked-parties", "get", 200): api.get("/api/v1/blocked-parties"),
        ("/api/v1/directory", "get", 200): api.get(
            f"/api/v1/directory?kind=email&value={pair.recipient.email}"
        ),
        ("/api/v1/accounts/{account_id}", "get", 200): api.account(pair.payer.account),
        ("/api/v1/accounts/{account_id}/entries", "get", 200): api.get(
            f"/api/v1/accounts/{pair.payer.account}/entries"
        ),
        ("/api/v1/accounts/{account_id}/balance", "get", 200): api.get(
            f"/api/v1/accounts/{pair.payer.account}/balance?at=2030-01-01T00:00:00Z"
        ),
        ("/api/v1/accounts/{account_id}/statement", "get", 200): api.get(
            f"/api/v1/accounts/{pair.payer.account}/statement"
            "?from=2020-01-01T00:00:00Z&to=2030-01-01T00:00:00Z"
        ),
        ("/api/v1/ledger/positions", "get", 200): api.get(
            "/api/v1/ledger/positions?date=2026-01-05"
        ),
    }

    for (path, method, status), body in answered.items():
        _assert_fits(description, method, path, status, body)


def test_describes_orders_of_every_kind(
    api: SiteClient, pair: Pair, description: dict[str, Any]
) -> None:
    payer = {"name": "Zoe", "alias": {"kind": "phone", "value": "+12025550123"}}
    amount = {"value": "30.00", "currency": "USD"}
    creditor = {"customer": pair.payer.id, "account": pair.payer.account}
    asked = {"kind": "request", "product": "zelle", "creditor": creditor, "amount": amount}
    other = {"name": "Ann", "alias": {"kind": "email", "value": pair.recipient.email}}
    shares = [share | {"amount": {"value": "15.00", "currency": "USD"}} for share in (payer, other)]
    request, split = api.send(asked | {"payer": payer}), api.send(asked | {"shares": shares})

    by_rules = [order_json(dict(each)) for each in (a_receipt("POSTED"), a_return("RETURNED"))]

    assert [order["kind"] for order in by_rules] == ["receive", "return"]
    for order in (request, split, *by_rules):
        _assert_fits(description, "post", "/api/v1/orders", 201, order)


def test_describes_every_operation_with_its_problems(description: dict[str, Any]) -> None:
    operations = [
        operation for path in description["paths"].values() for operation in path.values()
    ]

    assert len(operations) > 20
    assert all("default" in operation["responses"] for operation in operations)
    assert all(operation.get("summary") for operation in operations)


@pytest.mark.usefixtures("description")
def test_has_a_page_that_needs_no_other_host() -> None:
    page = BrowserClient().get("/api/docs/")

    assert page.status_code == 200
    text = page.content.decode()
    assert "swagger-ui" in text
    assert "https://" not in text
