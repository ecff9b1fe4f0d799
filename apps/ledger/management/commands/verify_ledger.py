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
from apps.ledger.domain.verify import Books, fit, orphan
from apps.ledger.watch import LedgerWatch
from apps.transactions.domain.verify import expected_of, limit_problem_of, use_of
from dpms_site.checks import COULD_NOT_CHECK, CheckCommand, or_could_not_check

Document = dict[str, Any]

_BATCH = 2000
_ORDER_FIELDS = (
    *("product", "debtor", "creditor", "currency", "amount_minor", "limit_day"),
    *("history.version", "history.status"),
)


def check_ledger(
    db: Database[Document], session: ClientSession, *, into: Findings | None = None
) -> Findings:
    """One pass over each collection, with orders and entries side by side in the order of their ids."""
    findings, books = Findings() if into is None else into, Books()
    for kind in ("orders", "entries", "accounts", "usages"):
        findings.count(kind, 0)
    orders = db.orders.find({}, _ORDER_FIELDS, session=session, batch_size=_BATCH).sort("_id")
    entries = db.entries.find({}, session=session, batch_size=_BATCH).sort("order")
    for order, of_order in joined(orders, entries):
        for entry in of_order:
            findings.count("entries")
            findings.problems += books.entry(entry)
            if order is None and entry.get("order") is not None:
                findings.problems.append(orphan(entry))
        if order is not None:
            findings.count("orders")
            findings.problems += _of_order(books, order, of_order)
    for account in db.accounts.find({}, session=session, batch_size=_BATCH):
        findings.count("accounts")
        findings.problems += books.account(account)
    for usage in db.limit_usage.find({}, session=session, batch_size=_BATCH):
        findings.count("usages")
        findings.problems += books.usage(usage)
    findings.problems += books.closing()
    return findings


def _of_order(books: Books, order: Document, entries: list[Document]) -> list[Problem]:
    try:
        expected, use, limit_problem = expected_of(order), use_of(order), limit_problem_of(order)
    except (KeyError, TypeError) as error:
        return [Problem(str(order["_id"]), "readable", f"{type(error).__name__}: {error}")]
    books.order(expected)
    if use is not None:
        books.use(use)
    return fit(expected, entries) + ([limit_problem] if limit_problem else [])


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
