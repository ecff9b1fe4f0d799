"""Django on a real MongoDB: one mongod a test run, the platform's collections and indexes, emptied after every test."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from pymongo.database import Database

from dpms_site import mongodb
from streaming.prepare import INDEXES, prepare_database
from tests.support.mongod import running_mongod


@pytest.fixture(scope="session")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a mongod that this test run has for itself."""
    with running_mongod(tmp_path_factory.mktemp("mongod")) as uri:
        yield uri


@pytest.fixture(scope="session")
def django_db_modify_db_settings(mongod: str) -> None:
    """Sends Django and the direct driver to that mongod before either connects."""
    connections.databases["default"]["HOST"] = mongod


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        prepare_database(mongodb.database())
    yield
    mongodb.client().close()


@pytest.fixture
def database(db: None) -> Iterator[Database[mongodb.Document]]:
    """The test database by the direct driver, whose collections Django's flush does not know."""
    yield mongodb.database()
    for name in INDEXES:
        mongodb.collection(name).delete_many({})
