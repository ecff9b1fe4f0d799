"""What every test of the API has: a real database, a client that may do everything, and a pair who can pay."""

import pytest
from pymongo.database import Database

from devstack.client import Document
from tests.support.api_client import Pair, a_pair
from tests.support.builders import an_api_client
from tests.support.site_client import SiteClient


@pytest.fixture
def api(database: Database[Document]) -> SiteClient:  # noqa: ARG001
    return an_api_client()


@pytest.fixture
def pair(api: SiteClient) -> Pair:
    return a_pair(api)
