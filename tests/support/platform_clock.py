"""A sandbox's clock in tests: moved without waiting, and back where it was after the test."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pymongo.database import Database

from dpms_site import clock
from dpms_site.mongodb import Document
from streaming.platform_clock import COLLECTION, DOCUMENT

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class SandboxClock:
    """The stored offset of one database."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database

    def is_ahead(self, *, days: int) -> None:
        """From now on, for whoever reads it anew."""
        offset = {"seconds": days * 86_400, "before_seconds": 0, "from_at": _LONG_AGO, "version": 1}
        self._database[COLLECTION].replace_one({"_id": DOCUMENT}, offset, upsert=True)
        clock.forget()


@pytest.fixture
def sandbox_clock(database: Database[Document]) -> Iterator[SandboxClock]:
    clock.forget()
    yield SandboxClock(database)
    clock.forget()
