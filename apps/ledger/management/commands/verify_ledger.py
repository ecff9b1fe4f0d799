"""`manage.py verify_ledger`: entries balance, balances are their sums, orders explain every line."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import groupby
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connections
from pymongo.client_session import ClientSession
from pymongo.database import Database

from apps.kernel.findings import Findings, Problem
from apps.ledger.domain.glance import Glance
from apps.ledger.domain.verify import Books, fit, orphan
from apps.ledger.watch import LedgerWatch
from apps.transactions.domain.verify_money import expected_of, limit_problem_of, use_of
from apps.transactions.products.registry import PRODUCTS
from dpms_site.checks import COULD_NOT_CHECK, CheckCommand, or_could_not_check

Document = dict[str, Any]

_BATCH = 2000
_DOUBTFUL_BATCH = 500
_ENTRY_FIELDS = ("kind", "order", "order_version", "currency", "lines")
_SEND_FIELDS = (
    *("kind", "product", "debtor", "creditor", "currency", "amount_minor", "limit_day"),
    *("history.version", "history.status", "history.cause"),
)
_ORDER_FIELDS = (*_SEND_FIELDS, "account", "direction", "history.detail")
_NETWORKS = {name: product.network for name, product in PRODUCTS.items()}


def check_ledger(
    db: Database[Document], session: ClientSession, *, into: Findings | None = None
) -> Findings:
    """One pass over each collection, in the order in which it lies there.

    A glance finds the orders whose entries may not be what their histories make; only those are read again, with their
    entries.
    """
    findings, books, glance = Findings() if into is None else into, Books(), Glance()
    for kind in ("orders", "entries", "accounts", "usages"):
        findings.count(kind, 0)
    for order in _orders(db, session):
        findings.count("orders")
        findings.problems += _of_order(books, glance, order)
    for entry in db.entries.find({}, _ENTRY_FIELDS, session=session, batch_size=_BATCH):
        findings.count("entries")
        findings.problems += books.entry(entry)
        if entry.get("order") is not None:
            glance.meet(entry)
    findings.problems += _of_doubtful(db, session, sorted(glance.doubtful()))
    for account in db.accounts.find({}, session=session, batch_size=_BATCH):
        findings.count("accounts")
        findings.problems += books.account(account)
    for usage in db.limit_usage.find({}, session=session, batch_size=_BATCH):
        findings.count("usages")
        findings.problems += books.usage(usage)
    findings.problems += books.closing()
    return findings


def _orders(db: Database[Document], session: ClientSession) -> Iterator[Document]:
    """Nearly all are send orders: of them less is read."""
    sends: Document = {"kind": "send"}
    yield from db.orders.find(sends, _SEND_FIELDS, session=session, batch_size=_BATCH)
    others: Document = {"kind": {"$ne": "send"}}
    yield from db.orders.find(others, _ORDER_FIELDS, session=session, batch_size=_BATCH)


def _of_order(books: Books, glance: Glance, order: Document) -> list[Problem]:
    try:
        expected = expected_of(order, _NETWORKS)
        use, limit_problem = use_of(order), limit_problem_of(order)
    except (KeyError, TypeError) as error:
        glance.leave_out(order["_id"])
        return [Problem(str(order["_id"]), "readable", f"{type(error).__name__}: {error}")]
    books.order(expected)
    glance.expect(expected)
    if use is not None:
        books.use(use)
    return [limit_problem] if limit_problem else []


def _of_doubtful(
    db: Database[Document], session: ClientSession, doubtful: list[str]
) -> Iterator[Problem]:
    """Those orders with their entries, some hundred at a time, side by side by the orders' ids."""
    for at in range(0, len(doubtful), _DOUBTFUL_BATCH):
        ids = doubtful[at : at + _DOUBTFUL_BATCH]
        orders = db.orders.find({"_id": {"$in": ids}}, _ORDER_FIELDS, session=session)
        entries = db.entries.find({"order": {"$in": ids}}, session=session)
        for order, of_order in joined(orders.sort("_id"), entries.sort("order")):
            if order is not None:
                yield from fit(expected_of(order, _NETWORKS), of_order)
            else:
                yield from map(orphan, of_order)


def joined(
    orders: Iterable[Document], entries: Iterable[Document]
) -> Iterator[tuple[Document | None, list[Document]]]:
    """Each order with its entries, and each entry without an order by itself; both come sorted by the order's id."""
    left = iter(orders)
    order = next(left, None)
    for order_id, group in groupby(entries, key=lambda entry: str(entry.get("order") or "")):
        while order is not None and order["_id"] < order_id:
            yield order, []
            order = next(left, None)
        if order is not None and order["_id"] == order_id:
            yield order, list(group)
            order = next(left, None)
        else:
            yield from ((None, [entry]) for entry in group)
    while order is not None:
        yield order, []
        order = next(left, None)


class Command(CheckCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--watch",
            type=float,
            metavar="SECONDS",
            help="instead reads sums and balances again and again for so long, each time in one snapshot",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        if options["watch"] is None:
            super().handle(**options)
            return
        with or_could_not_check():
            watch = self._watch(options["watch"])
        if watch.reads == 0:
            raise CommandError("could not check: no snapshot was read", returncode=COULD_NOT_CHECK)
        self.tell(watch.findings(), **options)

    def findings(
        self, db: Database[Document], session: ClientSession, into: Findings, **_: Any
    ) -> None:
        check_ledger(db, session, into=into)

    def _watch(self, seconds: float) -> LedgerWatch:
        default = connections["default"].settings_dict
        watch = LedgerWatch(default["HOST"], default["NAME"])
        # Ctrl-C ends the watch and tells what it saw.
        with watch, suppress(KeyboardInterrupt):
            time.sleep(seconds)
        return watch
