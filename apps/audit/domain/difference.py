"""What differs between two documents, field by field, in types as well as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Document = Mapping[str, Any]


class _Absent:
    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()
# Nearly all leaves are of these. Their equality needs no look at kinds; of floats it does, because of NaN.
_PLAIN = frozenset({str, int, bool, datetime, type(None)})


@dataclass(frozen=True)
class FieldChange:
    """One leaf that differs: `path` in dots (`debtor.account`, `history.2.status`); ABSENT where a side lacks it."""

    path: str
    before: Any
    after: Any


def same(one: Any, other: Any) -> bool:
    """Equal in kind and value: 1, 1.0 and True are three things, and so are the 32 and 64 bits of no one's concern."""
    if one is other:
        return True
    kind = type(one)
    if kind is type(other) and kind in _PLAIN:
        return bool(one == other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return _kind(one) is _kind(other) and bool(one == other or (one != one and other != other))


def differences(before: Document | None, after: Document | None) -> list[FieldChange]:
    """The leaves that differ, by path; a missing document is one without fields."""
    found: list[FieldChange] = []
    _walk("", before or {}, after or {}, found)
    return sorted(found, key=lambda change: change.path)


def _walk(path: str, one: Any, other: Any, found: list[FieldChange]) -> None:
    """Every change of every document is walked through, and most leaves are alike: those cost no call."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key, left in one.items():
            right = other.get(key, ABSENT)
            kind = type(left)
            if not (kind is type(right) and kind in _PLAIN and left == right):
                _walk(_join(path, key), left, right, found)
        for key, right in other.items():
            if key not in one:
                _walk(_join(path, key), ABSENT, right, found)
    elif isinstance(one, list) and isinstance(other, list):
        for number in range(max(len(one), len(other))):
            _walk(_join(path, str(number)), _at(one, number), _at(other, number), found)
    elif not same(one, other):
        found.append(FieldChange(path, one, other))


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _at(values: list[Any], number: int) -> Any:
    return values[number] if number < len(values) else ABSENT


def _kind(value: Any) -> type:
    if isinstance(value, bool):
        return bool
    return int if isinstance(value, int) else type(value)
