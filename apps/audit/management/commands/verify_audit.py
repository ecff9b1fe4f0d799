"""`manage.py verify_audit`: the trail folds to the live documents field by field, and the other way round."""

import time
from typing import Any

import bson
from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.int64 import Int64
from bson.raw_bson import RawBSONDocument
from django.core.management.base import CommandParser
from pymongo.client_session import ClientSession
from pymongo.database import Database

from apps.audit.domain.entry import CAPTURE_ORDER
from apps.audit.domain.fold import Folded, compared, fold
from apps.audit.domain.glance import Glance, Name
from apps.audit.selectors import trail
from apps.kernel.findings import Findings, Problem
from dpms_site import mongodb
from dpms_site.checks import CheckCommand
from streaming.contracts.collections import CAPTURED

# A change is in the trail within a second; one that is missing for longer is missing.
PATIENCE_SECONDS = 10.0
ASK_AGAIN_SECONDS = 0.5
_BATCH = 1000

Document = dict[str, Any]


def check_audit(
    trail_entries: Any,
    live: Database[Document],
    *,
    patience_seconds: float = PATIENCE_SECONDS,
    into: Findings | None = None,
) -> Findings:
    """Every document of every captured collection against its entries.

    One pass over the trail and one over each collection, in the order in which they lie there, find the documents that
    may not agree; only those are folded entry by entry. Changes go on meanwhile: what does not agree is read again
    until it does or `patience_seconds` have passed.
    """
    findings = Findings() if into is None else into
    for kind in ("documents", "entries"):
        findings.count(kind, 0)
    doubtful = _doubtful(trail_entries, live, findings)
    findings.problems += _still_differing(trail_entries, live, doubtful, patience_seconds)
    findings.problems = list(dict.fromkeys(findings.problems))
    return findings


def _doubtful(entries: Any, live: Database[Document], findings: Findings) -> list[Name]:
    """The documents of which a glance does not show that trail and live document agree."""
    glance = Glance()
    for entry in entries.with_options(_UNREAD).find({}, _SHOWN, batch_size=_BATCH):
        findings.count("entries")
        is_first = glance.add(
            (entry["collection"], str(entry["entity"])),
            (entry["captured_at"], entry.get("offset", _NO_OFFSET)),
            before=_bytes(entry["before"]),
            after=_bytes(entry["after"]),
            is_alarm=entry["is_alarm"],
        )
        if is_first:
            findings.count("documents")
    for collection in CAPTURED:
        documents = live[collection].with_options(_AS_IN_TRAIL)
        for document in documents.find({}, batch_size=_BATCH):
            glance.meet((collection, str(document["_id"])), bson.encode(document))
    return sorted(name for name in glance.doubtful() if name[0] in CAPTURED)


class _NarrowInt64(TypeDecoder):
    """The trail's writer keeps no difference between 32 and 64 bits, and stores what fits in 32 so."""

    bson_type = Int64

    def transform_bson(self, value: Any) -> int:
        return int(value)


_SHOWN = {
    **dict.fromkeys(("collection", "entity", "before", "after", "is_alarm", "captured_at"), 1),
    "offset": "$position.offset",
}
# Before every place in Kafka, as in the order of capture.
_NO_OFFSET = -1
# Images of the trail are compared as they lie there; decoding them is most of the work of reading them.
_UNREAD: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)
_AS_IN_TRAIL: CodecOptions[Document] = CodecOptions(type_registry=TypeRegistry([_NarrowInt64()]))


def _bytes(image: Any) -> bytes | None:
    return None if image is None else image.raw


def _still_differing(
    entries: Any, live: Database[Document], doubtful: list[Name], patience: float
) -> list[Problem]:
    deadline = time.monotonic() + patience
    problems: list[Problem] = []
    for collection, entity in doubtful:
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
