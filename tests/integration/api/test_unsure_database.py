"""An accept whose outcome the client is not told: wholly there or wholly absent, and one order when it asks again."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from apps.kernel.ids import derived_id, order_id
from devstack.client import Document
from tests.support.api_client import Pair
from tests.support.builders import assert_problem
from tests.support.site_client import SiteClient

ORDERS = "/api/v1/orders"
ORDER = order_id("cli_tests", "k1")
UNSURE = {"writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}}
GONE = {"closeConnection": True}


def written(database: Database[Document], name: str) -> list[Document]:
    """What mongod has, whether a majority has it already or not."""
    return list(database[name].with_options(read_concern=ReadConcern("local")).find())


class Inserts:
    """What becomes of the site's inserts."""

    def __init__(self, database: Database[Document]) -> None:
        self._admin = database.client.admin

    def fail(self, how: dict[str, Any]) -> None:
        data = {"failCommands": ["insert"], "appName": "dpms-web", **how}
        self._admin.command("configureFailPoint", "failCommand", mode="alwaysOn", data=data)

    def succeed(self) -> None:
        self._admin.command("configureFailPoint", "failCommand", mode="off")


@pytest.fixture
def inserts(database: Database[Document]) -> Iterator[Inserts]:
    inserts = Inserts(database)
    yield inserts
    inserts.succeed()


@pytest.mark.parametrize(("how", "there"), [(UNSURE, 1), (GONE, 0)], ids=["done", "not done"])
def test_an_order_is_wholly_there_or_absent_and_the_same_when_asked_for_again(
    api: SiteClient,
    pair: Pair,
    database: Database[Document],
    inserts: Inserts,
    how: dict[str, Any],
    there: int,
) -> None:
    api.token()
    inserts.fail(how)
    unsure = api.call("POST", ORDERS, pair.order(), key="k1")
    inserts.succeed()
    after_first = written(database, "orders")

    again = api.call("POST", ORDERS, pair.order(), key="k1")

    assert_problem(unsure, 503, "outcome_unknown")
    assert unsure.headers["retry-after"] == "1"
    assert [order["_id"] for order in after_first] == [ORDER] * there
    assert (again.status, again.body["id"], again.body["version"]) == (201, ORDER, 1)
    assert ("idempotency-replayed" in again.headers) == bool(there)
    (order,) = database["orders"].find()
    assert after_first in ([], [order])
    assert (order["status"], len(order["history"])) == ("RECEIVED", 1)


@pytest.mark.parametrize(("how", "there"), [(UNSURE, 1), (GONE, 0)], ids=["done", "not done"])
def test_a_command_is_wholly_there_or_absent_and_the_same_when_asked_again(
    api: SiteClient,
    pair: Pair,
    database: Database[Document],
    inserts: Inserts,
    how: dict[str, Any],
    there: int,
) -> None:
    path = f"{ORDERS}/{api.send(pair.order())['id']}/commands"
    body = {"type": "cancel", "reason": "not wanted"}
    inserts.fail(how)
    unsure = api.call("POST", path, body, key="c1")
    inserts.succeed()
    after_first = written(database, "commands")

    again = api.call("POST", path, body, key="c1")

    assert_problem(unsure, 503, "outcome_unknown")
    assert len(after_first) == there
    (command,) = database["commands"].find()
    assert again.body["id"] == command["_id"]
    assert command["_id"] == derived_id("cmd", "cli_tests", command["order"], "c1")


def test_a_batch_that_no_majority_has_is_not_answered_as_accepted(
    api: SiteClient, pair: Pair, database: Database[Document], inserts: Inserts
) -> None:
    body = {"orders": [{**pair.order(), "idempotency_key": f"b{number}"} for number in range(3)]}
    api.token()
    inserts.fail(UNSURE)
    unsure = api.call("POST", f"{ORDERS}/batch", body)
    inserts.succeed()

    again = api.call("POST", f"{ORDERS}/batch", body)

    assert_problem(unsure, 503, "outcome_unknown")
    assert [result["status"] for result in again.body["results"]] == [201] * 3
    assert database["orders"].count_documents({}) == 3
