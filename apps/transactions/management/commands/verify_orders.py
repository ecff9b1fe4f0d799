"""`manage.py verify_orders`: every order's history is gapless, legal and in step with the order itself."""

from typing import Any

from django.core.management.base import CommandParser
from pymongo.client_session import ClientSession
from pymongo.database import Database

from apps.kernel.findings import Findings
from apps.transactions.domain.verify import problems_of
from dpms_site.checks import CheckCommand

_BATCH = 2000
# All that the rules look at; the rest of an order is three quarters of its bytes.
_FIELDS = (
    *("kind", "amount_minor", "status", "iso_status", "reason", "version", "final"),
    *("due_at", "due_event"),
    *("history.version", "history.status", "history.iso_status", "history.reason"),
    *("history.cause", "history.actor.kind"),
)


def check_orders(
    db: Database[dict[str, Any]],
    session: ClientSession,
    *,
    all_final: bool = False,
    into: Findings | None = None,
) -> Findings:
    """Every order by itself; with `all_final` an order that has not ended is a problem too."""
    findings = Findings() if into is None else into
    findings.count("orders", 0)
    for order in db.orders.find({}, _FIELDS, session=session, batch_size=_BATCH):
        findings.count("orders")
        findings.problems += problems_of(order, all_final=all_final)
    return findings


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
