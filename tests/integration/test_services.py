"""Two web processes that serve different domains: a customer is enrolled at one and pays at the other.

Both are told of a third product, which is a module of the tests and changes no other file.
"""

import functools
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pymongo.database import Database
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from apps.transactions.products.registry import PRODUCTS
from devstack.client import Client, Document, NoAnswer
from dpms_site import mongodb
from dpms_site.clock import platform_clock
from streaming.sor.element import OrderElement
from tests.integration.sor.bank import Bank
from tests.support.api_client import a_pair, balance_of
from tests.support.builders import SECRET, an_api_client, assert_problem
from tests.support.mongod import free_port
from tests.support.stack import PROJECT, _environment
from tests.support.waiting import wait_until
from tests.unit.transactions import paper_checks

# The same for both, so that each takes the other's tokens.
KEY = "shared-by-both-" * 5


@contextmanager
def web_process(services: str, *, mongod: str, database: str, directory: Path) -> Iterator[Client]:
    """A web process that serves these domains, and a client of it that may do everything."""
    port = free_port()
    program = [sys.executable, "-m", "uvicorn", "dpms_site.asgi:application", "--lifespan", "off"]
    addresses = {"DPMS_MONGODB_URI": mongod, "DPMS_MONGODB_DATABASE": database}
    settings = {"DPMS_SERVICES": services, "DPMS_SECRET_KEY": KEY, "DPMS_DIR": str(directory)}
    settings["DPMS_PRODUCT_MODULES"] = paper_checks.__name__
    process = subprocess.Popen(
        [*program, "--host", "127.0.0.1", "--port", str(port), "--no-access-log"],
        cwd=PROJECT,
        env=_environment(**addresses, **settings),
        stderr=subprocess.DEVNULL,
    )
    web = f"http://127.0.0.1:{port}"
    try:
        yield Client(web=web, client_id="cli_tests", client_secret=SECRET)
    finally:
        process.terminate()
        process.wait(20)


def _is_ready(client: Client) -> bool:
    try:
        return client.exchange("GET", "/health/ready", None, {}).status == 200
    except NoAnswer:
        return False


@pytest.fixture(scope="module")
def processes(
    mongod: str,
    django_db_setup: None,  # noqa: ARG001
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Client, Client]]:
    """Clients of one that serves profiles, parties and ledger, and of one that serves transactions."""
    directory = tmp_path_factory.mktemp("without_a_stack")
    serving = functools.partial(
        web_process, mongod=mongod, database=mongodb.database().name, directory=directory
    )
    with serving("profiles,parties,ledger") as people, serving("transactions") as payments:
        for client in (people, payments):
            wait_until(functools.partial(_is_ready, client), 90, "the process serves")
        yield people, payments


@pytest.fixture
def two_processes(
    processes: tuple[Client, Client],
    database: Database[Document],  # noqa: ARG001
) -> tuple[Client, Client]:
    """They know the client of the tests."""
    an_api_client()
    return processes


def test_a_payment_goes_through_both_and_each_answers_only_for_its_own(
    two_processes: tuple[Client, Client], database: Database[Document]
) -> None:
    people, payments = two_processes
    bank = Bank(database.client, database)

    pair = a_pair(people, balance="100.00")
    accepted = payments.send(pair.order("12.34"))
    bank.sor(clock=platform_clock).settle([OrderElement(accepted["id"])])

    assert accepted["status"] == "RECEIVED"
    assert payments.order(accepted["id"])["status"] == "COMPLETED"
    assert balance_of(people, pair.payer) == ("87.66", "0.00")
    assert balance_of(people, pair.recipient) == ("12.34", "0.00")
    assert bank.problems(all_final=True) == []

    # The other's addresses are nowhere here, on the short way of orders neither; its tokens are good here, too.
    assert_problem(people.call("POST", "/api/v1/orders", pair.order(), key="k"), 404, "not_found")
    account = f"/api/v1/accounts/{pair.payer.account}"
    assert_problem(payments.call("GET", account), 404, "not_found")
    bearer = {"Authorization": f"Bearer {payments.token()}"}
    assert people.exchange("GET", account, None, bearer).status == 200
    assert database.orders.count_documents({}) == 1
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{people._port}/ws/console/")
    assert refused.value.response.status_code == 403


def test_a_third_product_is_offered_by_both_and_decides_about_its_own_orders(
    two_processes: tuple[Client, Client],
    database: Database[Document],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people, payments = two_processes
    monkeypatch.setitem(PRODUCTS, "checks", paper_checks.CHECKS)
    pair = a_pair(people)

    account = {"routing_number": "021000021", "account_number": "123456789"}
    landlord = people.post(
        f"/api/v1/customers/{pair.payer.id}/payees", {"name": "Lena Landlord", "account": account}
    )
    order = payments.send({**pair.order(), "product": "checks", "payee": landlord["id"]})
    Bank(database.client, database).sor(clock=platform_clock).settle([OrderElement(order["id"])])

    offered = people.get(f"/api/v1/customers/{pair.payer.id}")["products"]
    assert offered == ["checks", "interfi", "zelle"]
    # It goes out over the network that the product names.
    sent = payments.order(order["id"])
    assert (sent["product"], sent["status"]) == ("checks", "SUBMITTED")
    messages = database.rail_messages.find({"order": order["id"]})
    assert [(each["network"], each["type"]) for each in messages] == [("interfi", "pacs.008")]
    assert balance_of(people, pair.payer) == ("1000.00", "12.34")
    refused = payments.call(
        "POST", "/api/v1/orders", {**pair.order(), "product": "checks"}, key="k"
    )
    assert_problem(refused, 422, "payee_without_account", "/payee")
