"""`manage.py verify_orders`: every order's history is gapless and legal, and fits the order and those it names."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from pymongo.client_session import ClientSession
from pymongo.database import Database

from apps.kernel.findings import Findings
from apps.transactions.domain.verify import problems_of
from apps.transactions.domain.verify_links import Links
from dpms_site.checks import CheckCommand

_BATCH = 2000
# All that the rules look at; the rest of an order is three quarters of its bytes.
_SEND_FIELDS = (
    *("kind", "amount_minor", "status", "iso_status", "reason", "version", "final"),
    *("due_at", "due_event", "caused_by", "route.customer", "debtor.customer"),
    *("history.version", "history.status", "history.iso_status", "history.reason"),
    *("history.cause", "history.actor.kind"),
)
_OTHER_FIELDS = (*_SEND_FIELDS, "account", "payment", "shares.amount_minor")
_NAMED_FIELDS = ("kind", "status", "final", "caused_by", "history.status")
_ASKED_AT_ONCE = 1000


def check_orders(
    db: Database[dict[str, Any]],
    session: ClientSession,
    *,
    all_final: bool = False,
    into: Findings | None = None,
) -> Findings:
    """Every order by itself, then beside those it names; with `all_final` one that has not ended is a problem too."""
    findings, links = Findings() if into is None else into, Links()
    findings.count("orders", 0)
    for order in _orders(db, session):
        findings.count("orders")
        findings.problems += problems_of(order, all_final=all_final)
        links.order(order)
    named = links.named()
    for at in range(0, len(named), _ASKED_AT_ONCE):
        asked = {"_id": {"$in": named[at : at + _ASKED_AT_ONCE]}}
        for order in db.orders.find(asked, _NAMED_FIELDS, session=session):
            links.keep(order)
    findings.problems += links.closing()
    return findings


def _orders(db: Database[dict[str, Any]], session: ClientSession) -> Iterator[dict[str, Any]]:
    """Nearly all are send orders: of them less is read."""
    for kind, fields in (("send", _SEND_FIELDS), ({"$ne": "send"}, _OTHER_FIELDS)):
        yield from db.orders.find({"kind": kind}, fields, session=session, batch_size=_BATCH)


class Command(CheckCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--all-final", action="store_true", help="an order that has not ended is a problem too"
        )

    def findings(
        self, db: Database[dict[str, Any]], session: ClientSession, into: Findings, **options: Any
    ) -> None:
        check_orders(db, session, all_final=options["all_final"], into=into)
