"""Django on a real MongoDB: one mongod a test run, the platform's collections and indexes, emptied after every test."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from pymongo.database import Database

from dpms_site import mongodb
from streaming.prepare import INDEXES, prepare_database
from tests.support.mongod import free_port, running_mongod

RUNNING_MONGOD = "DPMS_TEST_MONGOD"


@pytest.fixture(scope="session")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a mongod that this test run has for itself, or that the run which started it has."""
    if known := os.environ.get(RUNNING_MONGOD):
        yield known
        return
    with running_mongod(tmp_path_factory.mktemp("mongod")) as uri:
        yield uri


@pytest.fixture(scope="session")
def django_db_modify_db_settings(mongod: str) -> None:
    """Sends Django and the direct driver to that mongod before either connects."""
    connections.databases["default"]["HOST"] = mongod


@pytest.fixture(scope="session")
def django_db_setup(  # its own name asks for the fixture that it extends
    django_db_setup: None,  # noqa: ARG001
    django_db_blocker: Any,
) -> Iterator[None]:
    with django_db_blocker.unblock():
        prepare_database(mongodb.database())
    yield
    mongodb.close()


@pytest.fixture
def database(db: None) -> Iterator[Database[mongodb.Document]]:  # noqa: ARG001
    """The test database by the direct driver, whose collections Django's flush does not know."""
    yield mongodb.database()
    for name in INDEXES:
        mongodb.collection(name).delete_many({})


@pytest.fixture
def no_database(database: Database[mongodb.Document]) -> Iterator[None]:  # noqa: ARG001
    """The direct driver finds nobody at the database's address."""
    settings = connections["default"].settings_dict
    address = settings["HOST"]
    settings["HOST"] = f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0"
    yield
    settings["HOST"] = address
