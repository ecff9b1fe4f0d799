"""A real mongod, prepared and empty before every test, and faults that it can be told to have."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pymongo import MongoClient

from streaming.config import Config
from streaming.flows.runtime import mongo_client
from streaming.prepare import prepare_database
from tests.integration.sor.bank import Bank, Document
from tests.support.emptied import empty

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
def second_client(mongod: str) -> Iterator[MongoClient[Document]]:
    """Another task's client."""
    client = mongo_client(Config(mongodb_uri=mongod))
    yield client
    client.close()


@pytest.fixture
def bank(flow_client: MongoClient[Document]) -> Bank:
    db = flow_client[DATABASE]
    empty(db)
    return Bank(flow_client, db)


@dataclass
class Faults:
    """What mongod was told to do wrong to clients of flows."""

    client: MongoClient[Document]

    def plan(self, *, times: int, commands: list[str], **how: Any) -> None:
        data = {"failCommands": commands, "appName": "dpms-flow", **how}
        mode = {"times": times}
        self.client.admin.command("configureFailPoint", "failCommand", mode=mode, data=data)

    def end(self) -> int:
        """All is well again; answers how often a command was made to fail."""
        answer = self.client.admin.command("configureFailPoint", "failCommand", mode="off")
        return int(answer["count"])


@pytest.fixture
def faults(flow_client: MongoClient[Document]) -> Iterator[Faults]:
    faults = Faults(flow_client)
    faults.end()
    yield faults
    faults.end()


@pytest.fixture
def transactions_end_soon(flow_client: MongoClient[Document]) -> Iterator[None]:
    """A transaction whose client is gone keeps what it wrote locked until mongod ends it: here after a second."""
    name = "transactionLifetimeLimitSeconds"
    before = flow_client.admin.command({"getParameter": 1, name: 1})[name]
    flow_client.admin.command({"setParameter": 1, name: 1})
    yield
    flow_client.admin.command({"setParameter": 1, name: before})
