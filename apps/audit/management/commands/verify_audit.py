"""`manage.py verify_audit`: the trail folds to the live documents field by field, and the other way round."""

import time
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.core.management.base import CommandParser
from pymongo.client_session import ClientSession
from pymongo.database import Database

from apps.audit.domain.entry import CAPTURE_ORDER
from apps.audit.domain.fold import Folded, compared, fold
from apps.audit.selectors import trail
from apps.kernel.findings import Findings, Problem
from dpms_site import mongodb
from dpms_site.checks import CheckCommand
from streaming.contracts.collections import CAPTURED

# A change is in the trail within a second; one that is missing for longer is missing.
PATIENCE_SECONDS = 10.0
ASK_AGAIN_SECONDS = 0.5
_BATCH = 500

Document = dict[str, Any]


def check_audit(
    trail_entries: Any,
    live: Database[Document],
    *,
    patience_seconds: float = PATIENCE_SECONDS,
    into: Findings | None = None,
) -> Findings:
    """Every document of every captured collection against its entries.

    Changes go on meanwhile: what does not agree is read again until it does or `patience_seconds` have passed.
    """
    findings = Findings() if into is None else into
    for kind in ("documents", "entries"):
        findings.count(kind, 0)
    differing: list[tuple[str, str]] = []
    for collection in CAPTURED:
        known = set()
        for entity, folded in _folds(trail_entries, collection, findings):
            known.add(entity)
            findings.count("documents")
            findings.problems += folded.problems
            if compared(collection, entity, folded.state, _live(live, collection, folded, entity)):
                differing.append((collection, entity))
        differing += [
            (collection, str(found["_id"]))
            for found in live[collection].find({}, {"_id": 1}, batch_size=_BATCH)
            if str(found["_id"]) not in known
        ]
    findings.problems += _still_differing(trail_entries, live, differing, patience_seconds)
    findings.problems = list(dict.fromkeys(findings.problems))
    return findings


def _folds(entries: Any, collection: str, findings: Findings) -> Iterator[tuple[str, Folded]]:
    found = entries.find({"collection": collection}, batch_size=_BATCH).sort(CAPTURE_ORDER)
    for entity, of_it in groupby(found, key=lambda entry: str(entry["entity"])):
        folded = Folded()
        for entry in of_it:
            findings.count("entries")
            folded.add(entry)
        yield entity, folded


def _still_differing(
    entries: Any, live: Database[Document], differing: list[tuple[str, str]], patience: float
) -> list[Problem]:
    deadline = time.monotonic() + patience
    problems: list[Problem] = []
    for collection, entity in differing:
        while True:
            folded = fold(
                entries.find({"collection": collection, "entity": entity}).sort(CAPTURE_ORDER)
            )
            found = compared(
                collection, entity, folded.state, _live(live, collection, folded, entity)
            )
            if not found or time.monotonic() > deadline:
                problems += [*folded.problems, *found]
                break
            time.sleep(ASK_AGAIN_SECONDS)
    return problems


def _live(
    live: Database[Document], collection: str, folded: Folded, entity: str
) -> Document | None:
    # An id that is no text comes from a write out of band; the entry holds it as it was.
    key = folded.state["_id"] if folded.state is not None else entity
    return live[collection].find_one({"_id": key})


class Command(CheckCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--patience",
            type=float,
            default=PATIENCE_SECONDS,
            help="seconds in which what is changing now must come to agree (default %(default)s)",
        )

    def findings(
        self,
        db: Database[mongodb.Document],
        session: ClientSession,  # noqa: ARG002 - two databases are read, no snapshot spans them
        into: Findings,
        **options: Any,
    ) -> None:
        check_audit(trail(), db, patience_seconds=options["patience"], into=into)
