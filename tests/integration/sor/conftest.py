"""A real mongod, prepared and empty before every test, and faults that it can be told to have."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from streaming.config import Config
from streaming.flows.runtime import mongo_client
from streaming.prepare import prepare_database
from tests.integration.sor.bank import COLLECTIONS, Bank, Document

DATABASE = "dpms_sor_tests"


@pytest.fixture(scope="session")
def flow_client(mongod: str) -> Iterator[MongoClient[Document]]:
    """A client exactly as a flow's task has it."""
    client = mongo_client(Config(mongodb_uri=mongod))
    prepare_database(client[DATABASE])
    yield client
    client.drop_database(DATABASE)
    client.close()


@pytest.fixture
def bank(flow_client: MongoClient[Document]) -> Bank:
    db = flow_client[DATABASE]
    for name in COLLECTIONS:
        db[name].delete_many({})
    return Bank(flow_client, db)


@pytest.fixture
def mongod_fails(flow_client: MongoClient[Document]) -> Iterator[Callable[..., None]]:
    """Makes mongod fail the next commands of the flow as told; all is well again after the test."""

    def fail(*, times: int, commands: list[str], **how: Any) -> None:
        data = {"failCommands": commands, "appName": "dpms-flow", **how}
        flow_client.admin.command(
            {"configureFailPoint": "failCommand", "mode": {"times": times}, "data": data}
        )

    yield fail
    flow_client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
