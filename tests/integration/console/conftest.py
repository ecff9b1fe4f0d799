"""What tests of the console start from: the feed of an empty database, and somebody of staff with a session."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pymongo.database import Database

from apps.console.feed import Feed
from dpms_site.mongodb import Document
from tests.integration.console.bank import Bank
from tests.integration.console.people import somebody
from tests.integration.console.records import Records


@pytest.fixture
def feed(database: Database[Document]) -> Feed:
    """The feed with its leader in charge."""
    leader = Feed(database)
    leader.take_over()
    return leader


@pytest.fixture
def staff(db: None) -> User:  # noqa: ARG001 - a mark does not act on a fixture
    # Without a password, whose hash is slow on purpose; the test of the login sets one.
    return somebody("maria", "operator")


@pytest.fixture
def browser(staff: User) -> Client:
    """A browser in which staff are signed in."""
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def records(database: Database[Document]) -> Iterator[Records]:
    written = Records(database)
    yield written
    written.forget_cases()


@pytest.fixture
def bank(database: Database[Document], feed: Feed) -> Bank:
    return Bank(database, feed)
