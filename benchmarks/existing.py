"""`python -m benchmarks.existing --orders 500000`: a bank with so many final orders, loaded past the platform.

For figures of a platform that is not empty, and for the speed of the checkers. It writes to MongoDB only, so it must
run before the connector first starts (`python -m devstack up --only mongod`), into a database without orders.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection

from benchmarks import existing_orders
from benchmarks.existing_orders import Books, Document, Trail
from streaming.config import Config, load
from streaming.contracts.codec import storable
from streaming.prepare import prepare_audit_database, prepare_database

_CHUNK = 1000


@dataclass(frozen=True)
class Place:
    """Where to load: addresses of a user who may write, and the names of both databases."""

    uri: str
    audit_uri: str
    database: str
    audit_database: str

    @classmethod
    def of(cls, config: Config) -> "Place":
        audit_uri = config.owner_mongodb_uri or config.audit_uri
        return cls(
            config.owner_uri, audit_uri, config.mongodb_database, config.audit_mongodb_database
        )


class Target:
    """Both databases; single writes are not waited for on disk, since a load that breaks off is begun anew."""

    def __init__(self, place: Place) -> None:
        self._live = MongoClient[Document](place.uri, tz_aware=True, w=1, journal=False)
        self._audit = MongoClient[Document](place.audit_uri, tz_aware=True, w=1, journal=False)
        self.db = self._live[place.database]
        self.audit = self._audit[place.audit_database]
        self.trail: Collection[Document] = self.audit["audit_entries"]

    def __enter__(self) -> "Target":
        return self

    def __exit__(self, *_: Any) -> None:
        self._live.close()
        self._audit.close()

    def prepare(self) -> None:
        """Collections and indexes as the platform has them."""
        prepare_database(self.db)
        prepare_audit_database(self.audit)

    def insert(self, collection: str, documents: Iterable[Document], trail: Trail) -> None:
        """Documents with the entries of their creation."""
        found = list(documents)
        if found:
            self.db[collection].insert_many([storable(each) for each in found], ordered=False)
            entries = [trail.entry(collection, None, each) for each in found]
            self.trail.insert_many(entries, ordered=False)


class NotEmpty(RuntimeError):
    """There are orders already: what is loaded would not fit to their trail and balances."""


def load_orders(place: Place, orders: int, *, processes: int | None = None) -> float:
    """Loads and answers how many orders a second. Raises NotEmpty, and then writes nothing."""
    if not existing_orders.day_is_fair(orders):
        raise ValueError(f"{orders} orders are more than the limits of a month allow")
    workers = processes or os.cpu_count() or 1
    with Target(place) as target:
        if target.db.orders.find_one({}, {"_id": 1}) is not None:
            raise NotEmpty("there are orders in this database already")
        target.prepare()
        started = time.monotonic()
        # An index that is made at the end costs half of one that every insert goes into.
        for collection in (target.db.orders, target.db.entries, target.trail):
            collection.drop_indexes()
        books = _load_payments(place, orders, workers)
        _load_parties(target, books)
        target.prepare()
    return orders / (time.monotonic() - started)


def _load_payments(place: Place, orders: int, workers: int) -> Books:
    share = -(-orders // workers)
    spans = [range(at, min(at + share, orders)) for at in range(0, orders, share)]
    if workers == 1:
        return Books(*_load_span(place, spans[0], orders))
    books = Books()
    # A fresh interpreter each: a forked one would share its parent's connections.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        jobs = [pool.submit(_load_span, place, span, orders) for span in spans]
        for job in jobs:
            balances, usage = job.result()
            books.plus(Books(balances, usage))
    return books


def _load_span(
    place: Place, numbers: range, total: int
) -> tuple[dict[tuple[str, str], int], dict[str, Document]]:
    books, trail = Books(), Trail(numbers.start)
    with Target(place) as target:
        for chunk in _chunks(existing_orders.payments(numbers, total)):
            for paid in chunk:
                books.add(paid.applied)
            target.db.orders.insert_many([p.stored_order() for p in chunk], ordered=False)
            entries = [entry for p in chunk for entry in p.stored_entries()]
            target.db.entries.insert_many(entries, ordered=False)
            told = [entry for p in chunk for entry in trail.of_payment(p)]
            target.trail.insert_many(told, ordered=False)
    return dict(books.balances), books.usage


def _chunks(payments: Iterator[existing_orders.Paid]) -> Iterator[list[existing_orders.Paid]]:
    while chunk := list(islice(payments, _CHUNK)):
        yield chunk


def _load_parties(target: Target, books: Books) -> None:
    """Everybody, with the balances that the payments left; each account has changed once since it was opened."""
    parties, trail = existing_orders.parties(), Trail(-1)
    for name in ("customers", "aliases", "payees", "entries"):
        target.insert(name, getattr(parties, name), trail)
    opened = [*parties.accounts, existing_orders.funding(), *existing_orders.holds_accounts()]
    target.insert("accounts", opened, trail)
    target.insert("limit_usage", books.usage.values(), trail)
    for account in opened:
        after = books.after(account)
        if after is not account:
            target.db.accounts.replace_one({"_id": account["_id"]}, storable(after))
            target.trail.insert_one(trail.entry("accounts", account, after))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.existing", description=__doc__)
    parser.add_argument("--orders", type=int, required=True, help="how many final orders to load")
    arguments = parser.parse_args()
    try:
        rate = load_orders(Place.of(load()), arguments.orders)
    except NotEmpty as error:
        print(error, file=sys.stderr)
        return 1
    figure = {"figure": "existing_orders", "orders": arguments.orders, "per_second": round(rate)}
    print(json.dumps(figure))
    return 0


if __name__ == "__main__":
    sys.exit(main())
