"""A real mongod with the databases of the walk, and a nursery of children that work on it."""

from collections.abc import Iterator

import pytest
from pymongo import MongoClient

from streaming.config import Config
from streaming.flows.runtime import mongo_client
from streaming.prepare import prepare_audit_database, prepare_database
from tests.failpoints.children import Children, nursery
from tests.failpoints.scenes import emptied
from tests.failpoints.undisturbed import Undisturbed
from tests.failpoints.workloads import DATABASE, TRAIL
from tests.integration.sor.bank import Bank, Document


@pytest.fixture(scope="session")
def walk_client(mongod: str) -> Iterator[MongoClient[Document]]:
    client = mongo_client(Config(mongodb_uri=mongod))
    prepare_database(client[DATABASE])
    prepare_audit_database(client[TRAIL])
    yield client
    for name in (DATABASE, TRAIL):
        client.drop_database(name)
    client.close()


@pytest.fixture(scope="session")
def children(mongod: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Children]:
    with nursery(mongod, tmp_path_factory.mktemp("children")) as children:
        yield children


@pytest.fixture
def bank(walk_client: MongoClient[Document]) -> Bank:
    return emptied(Bank(walk_client, walk_client[DATABASE]))


@pytest.fixture(scope="session")
def known() -> dict[str, Undisturbed]:
    return {}


@pytest.fixture
def undisturbed(known: dict[str, Undisturbed], children: Children, bank: Bank) -> Undisturbed:
    return known.setdefault("runs", Undisturbed(children, bank))
