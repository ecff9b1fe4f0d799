"""Entries of the trail as values for a page: what changed in which field, by whom, and what a person must look at."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.access.roles import Sight
from apps.audit.domain.difference import ABSENT, FieldChange, differences
from apps.kernel.clock import rfc3339

_MASK = "•••"
_TEXT_CHARACTERS_MAX = 400
# Where people can be reached, and who they are: for those with full sight.
_CONTACT = frozenset(
    {"email", "phone", "alias", "alias_key", "key", "value", "date_of_birth", "address", "iban"}
)
# Nobody has a use for these in plain sight.
_SECRET = frozenset({"code_hash", "secret_hash"})

OPERATION_WORDS = {
    "created": "Created",
    "updated": "Changed",
    "deleted": "Deleted",
    "snapshot": "Read again",
    "gap": "Gone",
}


@dataclass(frozen=True)
class ShownField:
    path: str
    before: str
    after: str
    is_masked: bool


@dataclass(frozen=True)
class ShownEntry:
    """One entry; `delay` is from the change to its entry."""

    id: str
    collection: str
    entity: str
    order: str
    version: int | None
    words: str
    operation: str
    actor_kind: str
    actor_id: str
    reason: str
    request_id: str
    cause: str
    alarm: str
    is_reconstructed: bool
    changed_at: datetime
    captured_at: datetime
    recorded_at: datetime
    delay_ms: int
    position: str
    job: str
    fields: list[ShownField]


def shown_entry(entry: Mapping[str, Any], sight: Sight) -> ShownEntry:
    actor, alarm, place = entry["actor"], entry["alarm"], entry["position"]
    fields = differences(entry["before"], entry["after"])
    return ShownEntry(
        id=entry["_id"],
        collection=entry["collection"],
        entity=entry["entity"],
        order=entry["order"] or "",
        version=entry["version"] if isinstance(entry["version"], int) else None,
        words=OPERATION_WORDS[entry["operation"]],
        operation=entry["operation"],
        actor_kind=actor["kind"],
        actor_id=str(actor["id"]),
        reason=str(entry["reason"] or ""),
        request_id=str(entry["request_id"] or ""),
        cause=str(entry["cause"] or ""),
        alarm=alarm["detail"] if alarm else "",
        is_reconstructed=entry["is_reconstructed"],
        changed_at=entry["changed_at"],
        captured_at=entry["captured_at"],
        recorded_at=entry["recorded_at"],
        delay_ms=max(0, (entry["recorded_at"] - entry["changed_at"]) // timedelta(milliseconds=1)),
        position=f"{place['topic']}:{place['partition']}:{place['offset']}" if place else "",
        job=entry["job"],
        fields=[_shown_field(each, sight) for each in fields if each.path != "_id"],
    )


def _shown_field(change: FieldChange, sight: Sight) -> ShownField:
    names = set(change.path.split("."))
    is_masked = bool(names & _SECRET) or (sight < Sight.FULL and bool(names & _CONTACT))
    before, after = (_MASK, _MASK) if is_masked else (_text(change.before), _text(change.after))
    return ShownField(
        path=change.path,
        before="" if change.before is ABSENT else before,
        after="" if change.after is ABSENT else after,
        is_masked=is_masked,
    )


def _text(value: Any) -> str:
    text = (
        value
        if isinstance(value, str)
        else json.dumps(_masked(value), default=_plain, ensure_ascii=False)
    )
    return text if len(text) <= _TEXT_CHARACTERS_MAX else text[:_TEXT_CHARACTERS_MAX] + "…"


def _masked(value: Any) -> Any:
    """A whole object that came or went at once: what a field of its own would mask is masked in it too."""
    if isinstance(value, Mapping):
        return {
            key: _MASK if key in _CONTACT | _SECRET else _masked(inner)
            for key, inner in value.items()
        }
    return [_masked(inner) for inner in value] if isinstance(value, list) else value


def _plain(value: Any) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)
