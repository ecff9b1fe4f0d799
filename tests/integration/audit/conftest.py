"""An AuditDB and a live database on a real mongod, empty before every test, and a recorder between them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from streaming.config import Config
from streaming.flows.audit.recorder import Recorder
from streaming.flows.runtime import mongo_client
from streaming.prepare import prepare_audit_database, prepare_database
from tests.integration.audit.capture import Capture
from tests.support.core import NOW
from tests.support.emptied import empty

Document = dict[str, Any]
LIVE, AUDIT = "dpms_audit_tests_live", "dpms_audit_tests"


@pytest.fixture(scope="session")
def flow_client(mongod: str) -> Iterator[MongoClient[Document]]:
    client = mongo_client(Config(mongodb_uri=mongod))
    prepare_database(client[LIVE])
    prepare_audit_database(client[AUDIT])
    yield client
    for name in (LIVE, AUDIT):
        client.drop_database(name)
    client.close()


@pytest.fixture
def live(flow_client: MongoClient[Document]) -> Database[Document]:
    return _emptied(flow_client[LIVE])


@pytest.fixture
def trail(flow_client: MongoClient[Document]) -> Any:
    return _emptied(flow_client[AUDIT]).audit_entries


@pytest.fixture
def recorder(trail: Any, live: Database[Document]) -> Recorder:
    def clock() -> datetime:
        return NOW

    return Recorder(trail=trail, live=live, job="audit#1", clock=clock)


@pytest.fixture
def capture() -> Capture:
    return Capture()


def _emptied(database: Database[Document]) -> Database[Document]:
    empty(database)
    return database
