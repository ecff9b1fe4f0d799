"""Customers' names in this process's memory, for rows of the feed whose orders hold an id only."""

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

# A row has at most one customer without a name, so these are those of a full ring; some 250 bytes each, 12 MB at most.
KEPT_MAX = 50_000
# After so long a name is read again: people marry.
KEPT_SECONDS = 300.0


class KnownNames:
    """What `known` says of a customer is at most five minutes old when a row of theirs comes.

    A customer costs one read in that time however many orders they have, and all the customers of a batch cost one.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._read_at: dict[str, float] = {}
        self.known: Mapping[str, str] = MappingProxyType(self._names)

    async def learn(self, database: AsyncDatabase[dict[str, Any]], customers: set[str]) -> None:
        """Reads the names of those that are not known, or no longer. Raises PyMongoError."""
        now = time.monotonic()
        never, too_old = float("-inf"), now - KEPT_SECONDS
        asked = [each for each in customers if self._read_at.get(each, never) < too_old]
        if not asked:
            return
        found = await database.customers.find({"_id": {"$in": asked}}, {"name": 1}).to_list()
        names = {document["_id"]: document.get("name", "") for document in found}
        for customer in asked:
            self._forget(customer)
            # One that is nobody's is remembered too, or each order of theirs would ask again.
            self._names[customer], self._read_at[customer] = names.get(customer, ""), now
        for customer in list(self._read_at)[: max(0, len(self._read_at) - KEPT_MAX)]:
            self._forget(customer)

    def _forget(self, customer: str) -> None:
        self._names.pop(customer, None)
        self._read_at.pop(customer, None)
