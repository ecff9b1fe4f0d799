"""`manage.py verify_idempotency`: one order a client and key, one outcome a command, each in its order's history."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import CommandParser
from pymongo.client_session import ClientSession
from pymongo.database import Database

from apps.kernel.findings import Findings, Problem
from apps.transactions.domain.verify_requests import Requests, rival_problem
from dpms_site.checks import CheckCommand

Document = dict[str, Any]

_BATCH = 2000
_SEND_FIELDS = (
    *("client", "idempotency_key", "body_hash", "kind", "product", "debtor", "payee"),
    *("amount_minor", "currency", "reference", "memo", "execute_on", "caused_by"),
    *("history.version", "history.cause", "history.actor"),
)
_OTHER_FIELDS = (
    *_SEND_FIELDS,
    *("creditor", "payee_name", "alias_key", "shares", "expires_at", "is_expiry_asked"),
    *("end_to_end_id", "direction", "asked"),
)
_CASE_FIELDS = ("order", "cause", "actor")
_COMMAND_FIELDS = ("type", "order", "actor")
_OUTCOME_FIELDS = ("order", "state", "order_version")


def check_idempotency(
    db: Database[Document],
    session: ClientSession,
    *,
    all_answered: bool = False,
    into: Findings | None = None,
) -> Findings:
    """Orders and cases, then commands beside outcomes; with `all_answered` a command that waits is a problem too."""
    findings, requests = Findings() if into is None else into, Requests()
    for kind in ("orders", "commands", "outcomes"):
        findings.count(kind, 0)
    for order in _orders(db, session):
        findings.count("orders")
        if "idempotency_key" not in order and order.get("kind") == "send":
            findings.count("orders without their key")
        findings.problems += requests.order(order)
    for case in db.cases.find({}, _CASE_FIELDS, session=session, batch_size=_BATCH):
        findings.problems += requests.case(case)
    commands = db.commands.find({}, _COMMAND_FIELDS, session=session, batch_size=_BATCH)
    outcomes = db.outcomes.find({}, _OUTCOME_FIELDS, session=session, batch_size=_BATCH)
    for command, outcome in _paired(commands.sort("_id"), outcomes.sort("_id")):
        findings.count("commands", command is not None)
        findings.count("outcomes", outcome is not None)
        findings.problems += requests.command(command, outcome)
        if all_answered and command is not None and outcome is None:
            findings.problems.append(Problem(str(command["_id"]), "all_answered", "it waits"))
    findings.problems += [*requests.closing(), *_rivals(db, session, requests)]
    return findings


def _orders(db: Database[Document], session: ClientSession) -> Iterator[Document]:
    """Nearly all are send orders: of them less is read."""
    for kind, fields in (("send", _SEND_FIELDS), ({"$ne": "send"}, _OTHER_FIELDS)):
        yield from db.orders.find({"kind": kind}, fields, session=session, batch_size=_BATCH)


def _rivals(
    db: Database[Document], session: ClientSession, requests: Requests
) -> Iterator[Problem]:
    astray = requests.rivals()
    if astray:
        asked = {"_id": {"$in": sorted(astray)}}
        for found in db.orders.find(asked, {"_id": 1}, session=session).sort("_id"):
            yield rival_problem(found["_id"], astray[found["_id"]])


def _paired(
    commands: Iterable[Document], outcomes: Iterable[Document]
) -> Iterator[tuple[Document | None, Document | None]]:
    """Each command with its outcome; both come sorted by their id, which they share."""
    left, right = iter(commands), iter(outcomes)
    command, outcome = next(left, None), next(right, None)
    while command is not None or outcome is not None:
        of_command, of_outcome = _id_of(command), _id_of(outcome)
        if outcome is None or (command is not None and of_command < of_outcome):
            yield command, None
            command = next(left, None)
        elif command is None or of_outcome < of_command:
            yield None, outcome
            outcome = next(right, None)
        else:
            yield command, outcome
            command, outcome = next(left, None), next(right, None)


def _id_of(document: Document | None) -> str:
    return "" if document is None else str(document["_id"])


class Command(CheckCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--all-answered",
            action="store_true",
            help="a command that waits for its outcome is a problem too",
        )

    def findings(
        self, db: Database[Document], session: ClientSession, into: Findings, **options: Any
    ) -> None:
        check_idempotency(db, session, all_answered=options["all_answered"], into=into)
