"""Django on a real MongoDB: one mongod a test run, the platform's collections and indexes, emptied after every test."""

import os
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.db import connections
from django.test import TransactionTestCase
from pymongo.database import Database

from dpms_site import mongodb
from streaming.prepare import prepare_database
from tests.support.emptied import empty
from tests.support.mongod import free_port, running_mongod

RUNNING_MONGOD = "DPMS_TEST_MONGOD"
# What Django's migrations and their signals left: no test writes there, and making it anew takes a quarter of a second.
_KEPT = frozenset({"auth_permission", "django_content_type", "django_migrations"})


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
    # In place of a flush, which deletes from every collection, full or empty, and then tells all apps of it.
    with mock.patch.object(TransactionTestCase, "_fixture_teardown", _emptied):
        yield
    mongodb.close()


def _emptied(_: TransactionTestCase) -> None:
    # By Django's own connection: what a test put in the place of the other one may still stand.
    own: Any = connections["default"]
    empty(own.database, but=_KEPT)


@pytest.fixture
def database(db: None) -> Database[mongodb.Document]:  # noqa: ARG001
    """The test database by the direct driver; like everything in it, emptied when the test is over."""
    return mongodb.database()


@pytest.fixture
def no_database(database: Database[mongodb.Document]) -> Iterator[None]:  # noqa: ARG001
    """The direct driver finds nobody at the database's address."""
    settings = connections["default"].settings_dict
    address = settings["HOST"]
    settings["HOST"] = f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0"
    yield
    settings["HOST"] = address
