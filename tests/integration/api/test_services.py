"""A web process that serves some domains answers as if the addresses of the others did not exist."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from unittest import mock

import pytest
from django.test import Client as BrowserClient
from django.test import override_settings

from dpms_site import urls
from tests.support.builders import assert_problem
from tests.support.site_client import SiteClient

# One address of each domain, and what its process answers to somebody without token and session.
ADDRESS_OF = {
    "profiles": ("/api/v1/customers/cus_1", 401),
    "parties": ("/api/v1/customers/cus_1/payees", 401),
    "ledger": ("/api/v1/customers/cus_1/accounts", 401),
    "transactions": ("/api/v1/orders", 401),
    "audit": ("/console/audit", 302),
    "console": ("/console/orders", 302),
}


@contextmanager
def serving(*services: str) -> Iterator[None]:
    """The site as a process with this selection has it."""
    module: Any = ModuleType("addresses_of_some")
    module.urlpatterns = urls.addresses(set(services))
    for name in ("handler400", "handler404", "handler500"):
        setattr(module, name, getattr(urls, name))
    with (
        mock.patch.dict(sys.modules, {module.__name__: module}),
        override_settings(SERVICES=frozenset(services), ROOT_URLCONF=module.__name__),
    ):
        yield


@pytest.mark.parametrize("service", ADDRESS_OF)
def test_alone_it_answers_its_own_addresses_and_no_other(api: SiteClient, service: str) -> None:
    with serving(service):
        answers = {
            name: api.exchange("GET", address, None, {})
            for name, (address, _) in ADDRESS_OF.items()
        }

    assert {name: answer.status for name, answer in answers.items()} == {
        name: status if name == service else 404 for name, (_, status) in ADDRESS_OF.items()
    }


def test_what_it_does_not_serve_is_a_problem_as_any_unknown_address_is(api: SiteClient) -> None:
    with serving("profiles"):
        order = api.call("POST", "/api/v1/orders", {"kind": "send"}, key="key")
        page = api.call("POST", "/console/login/", {})
        root = api.call("GET", "/")
        unknown = api.call("GET", "/api/v1/nothing")

    for answer in (order, page, root, unknown):
        problem = assert_problem(answer, 404, "not_found")
        assert problem["detail"] == "There is nothing at this address."


def test_every_process_gives_tokens_health_and_the_clock_of_a_sandbox(api: SiteClient) -> None:
    with serving("parties"):
        clock = api.get("/api/v1/sandbox/clock")
        ready = api.exchange("GET", "/health/ready", None, {})

    assert clock["ahead_seconds"] == 0
    assert (ready.status, ready.body["services"]) == (200, ["parties"])
    assert ready.body["accepts_orders"] is False


@pytest.mark.usefixtures("api")
def test_its_description_lists_what_it_serves() -> None:
    with serving("ledger"):
        description = BrowserClient().get("/api/schema/?format=json").json()

    assert set(description["paths"]) == {
        "/api/v1/accounts/{account_id}",
        "/api/v1/accounts/{account_id}/balance",
        "/api/v1/accounts/{account_id}/close",
        "/api/v1/accounts/{account_id}/entries",
        "/api/v1/accounts/{account_id}/statement",
        "/api/v1/customers/{customer_id}/accounts",
        "/api/v1/ledger/positions",
        "/api/v1/sandbox/clock",
        "/api/v1/sandbox/clock/advance",
        "/oauth/token",
    }


@pytest.mark.usefixtures("api")
def test_pages_lead_to_those_that_another_process_serves() -> None:
    with serving("audit"):
        elsewhere = BrowserClient().post("/console/login/")
        guarded = BrowserClient().get("/console/audit")

    assert (elsewhere.status_code, guarded.status_code) == (404, 302)
    assert 'href="/console/orders"' in elsewhere.content.decode()
    assert guarded.headers["Location"].startswith("/console/login/")
