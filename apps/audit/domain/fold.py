"""What the entries of one document add up to, and where they do not fit together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.audit.domain.difference import FieldChange, differences, same
from apps.kernel.findings import Problem

Image = Mapping[str, Any]
_SHOWN_MAX = 5


@dataclass
class Folded:
    """`state` is the document as the trail knows it, None when it is gone; `problems` say where entries do not fit."""

    state: Image | None = None
    problems: list[Problem] = field(default_factory=list)
    _seen: bool = False

    def add(self, entry: Image) -> None:
        """Goes on with the next entry in the order of capture."""
        if self._seen and _is_late(entry, self.state):
            return
        if self._seen and not same(entry["before"], self.state):
            self._tell(
                entry,
                "trail_gap",
                f"before it lies a change that is not there: {_fields(self.state, entry['before'])}",
            )
        elif not self._seen and entry["before"] is not None:
            self._tell(
                entry,
                "trail_gap",
                "the trail begins with a change, not with the document's creation",
            )
        if entry["is_alarm"]:
            self._tell(entry, entry["alarm"]["code"], f"{_when(entry)}: {entry['alarm']['detail']}")
        self.state, self._seen = entry["after"], True

    def _tell(self, entry: Image, rule: str, detail: str) -> None:
        self.problems.append(
            Problem(_name(entry["collection"], entry["entity"]), rule, f"{entry['_id']}: {detail}")
        )


def fold(entries: Iterable[Image]) -> Folded:
    folded = Folded()
    for entry in entries:
        folded.add(entry)
    return folded


def compared(
    collection: str, entity: str, state: Image | None, live: Image | None
) -> list[Problem]:
    """The fold against the live document, field by field, both ways."""
    if same(state, live):
        return []
    name = _name(collection, entity)
    if live is None:
        return [Problem(name, "not_live", "the trail knows it and the live collection lacks it")]
    if state is None:
        return [Problem(name, "not_in_trail", "it is live and the trail does not know it")]
    return [
        Problem(name, "trail_differs", f"trail and live document differ: {_fields(state, live)}")
    ]


def _is_late(entry: Image, state: Image | None) -> bool:
    """A change that a snapshot, read later, had shown before it: the snapshot's row already holds it."""
    after = entry["after"]
    if after is None or state is None:
        return False
    if same(entry["before"], state):
        return False
    versions = after.get("version"), state.get("version")
    if not all(isinstance(version, int) for version in versions):
        # Without versions only its beginning is known to be late: it is inserted once and never changed.
        return entry["before"] is None and same(after, state)
    return bool(versions[0] < versions[1]) or same(after, state)


def _fields(one: Image | None, other: Image | None) -> str:
    found = differences(one, other)
    told = ", ".join(_told(change) for change in found[:_SHOWN_MAX])
    return told + (f" and {len(found) - _SHOWN_MAX} more" if len(found) > _SHOWN_MAX else "")


def _told(change: FieldChange) -> str:
    return f"{change.path} {change.before!r:.60} → {change.after!r:.60}"


def _when(entry: Image) -> str:
    return str(entry["changed_at"].isoformat(timespec="milliseconds"))


def _name(collection: str, entity: str) -> str:
    return f"{collection}/{entity}"
