"""The access log: who of staff looked at what, was refused, signed in or out. Insert only.

Writers call `record` before they answer; a row that cannot be written is an answer that is not given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from pymongo import DESCENDING

from apps.access.sessions import address_of, handle_of_request
from apps.kernel.clock import wall_clock
from apps.kernel.errors import Invalid
from apps.kernel.ids import new_id
from dpms_site import mongodb
from dpms_site.request_ids import request_id_of

ACTIONS = (
    "view",
    "search",
    "denied",
    "login",
    "login_failed",
    "locked_out",
    "logout",
    "session_ended",
    "totp_enrolled",
)
TEXT_CHARACTERS_MAX = 150
PAGE_ROWS = 50
# What a page has shown is looked up so far back: no session lives longer.
SESSION_LIFE = timedelta(hours=12)


@dataclass(frozen=True)
class Subject:
    """Whom a row is about: `staff` is somebody signed in, `visitor` a name that somebody typed."""

    kind: str
    id: str
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Object:
    """What was looked at or acted on: an order, a page, a session."""

    type: str
    id: str


@dataclass(frozen=True)
class Trace:
    """From which session and address a request came; taken before a session ends."""

    session: str | None
    address: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Trace":
        return cls(handle_of_request(request), address_of(request))


def record(
    request: HttpRequest,
    *,
    subject: Subject,
    action: str,
    looked_at: Object | None = None,
    query: Mapping[str, str] | None = None,
    result: str = "allowed",
    reason: str | None = None,
    trace: Trace | None = None,
) -> str:
    """Writes one row, journaled on a majority, and returns its id. Not to be repeated: each call is a row of its own.

    `result` is allowed, denied or failed. Raises PyMongoError when it cannot be sure that the row is there.
    """
    now = wall_clock()
    trace = trace or Trace.of(request)
    row = {
        "_id": new_id("acl", now),
        "at": now,
        "subject": {"kind": subject.kind, "id": safe_text(subject.id)},
        "roles": sorted(subject.roles),
        "action": action,
        "object": ({"type": looked_at.type, "id": safe_text(looked_at.id)} if looked_at else None),
        "query": _safe_query(query),
        "result": result,
        "reason": reason,
        "request_id": request_id_of(request),
        "address": trace.address,
        "session": trace.session,
    }
    mongodb.collection("access_log").insert_one(row)
    return str(row["_id"])


def has_shown(request: HttpRequest, looked_at: Object, query: Mapping[str, str]) -> bool:
    """Whether this session has been shown the object already, by the same search."""
    found = mongodb.collection("access_log").find_one(
        {
            "object.id": safe_text(looked_at.id),
            "object.type": looked_at.type,
            "session": handle_of_request(request),
            "query": _safe_query(query),
            "result": "allowed",
            "at": {"$gt": wall_clock() - SESSION_LIFE},
        },
        {"_id": 1},
    )
    return found is not None


def _safe_query(query: Mapping[str, str] | None) -> dict[str, str] | None:
    return {name: safe_text(value) for name, value in query.items()} if query else None


def safe_text(text: str) -> str:
    """Fit for a line of a log: control and format characters as escapes, and not long."""
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text[:TEXT_CHARACTERS_MAX]
    )
    return shown[:TEXT_CHARACTERS_MAX]


@dataclass(frozen=True)
class Page:
    """Rows newest first; `next` is the cursor of the following page."""

    rows: list[dict[str, Any]]
    next: str | None


def page(*, person: str = "", object_id: str = "", cursor: str = "") -> Page:
    """Raises Invalid (`cursor_malformed`)."""
    query: dict[str, Any] = {**_after(cursor)}
    if person:
        query["subject.id"] = person
    if object_id:
        query["object.id"] = object_id
    newest_first = [("at", DESCENDING), ("_id", DESCENDING)]
    found = mongodb.collection("access_log").find(query, sort=newest_first)
    rows = list(found.limit(PAGE_ROWS + 1).max_time_ms(2_000))
    shown = rows[:PAGE_ROWS]
    return Page(shown, _cursor(shown[-1]) if len(rows) > PAGE_ROWS else None)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _cursor(row: Mapping[str, Any]) -> str:
    return f"{(row['at'] - _EPOCH) // timedelta(milliseconds=1)}.{row['_id']}"


def _after(cursor: str) -> dict[str, Any]:
    if not cursor:
        return {}
    digits, point, row_id = cursor.partition(".")
    if not point or not digits.isascii() or not digits.isdigit() or len(digits) > 14:
        raise Invalid("cursor_malformed", "This page address is not one that the console made.")
    at = _EPOCH + timedelta(milliseconds=int(digits))
    return {"$or": [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": row_id}}]}
