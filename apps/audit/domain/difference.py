"""What differs between two documents, field by field, in types as well as values."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from operator import itemgetter
from typing import Any

Document = Mapping[str, Any]


class _Absent:
    def __repr__(self) -> str:
        return "absent"


ABSENT: Any = _Absent()
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
    if type(one) is type(other) and type(one) in _PLAIN:
        return bool(one == other)
    if isinstance(one, int) or isinstance(other, int):
        return _kind(one) is _kind(other) and bool(one == other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return _same_fields(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other or (one != one and other != other))


def _same_fields(one: Document, other: Document) -> bool:
    if one.keys() != other.keys():
        return False
    for key, left in one.items():
        right = other[key]
        # Most are plain and equal, or the same: to know that, no call is needed.
        if left is right or (type(left) is type(right) and type(left) in _PLAIN and left == right):
            continue
        if not same(left, right):
            return False
    return True


def differences(before: Document | None, after: Document | None) -> list[FieldChange]:
    """The leaves that differ, by path; a missing document is one without fields."""
    found = sorted(_walk("", before or {}, after or {}), key=itemgetter(0))
    return [FieldChange(*each) for each in found]


def changed_paths(before: Document | None, after: Document | None) -> list[str]:
    """The paths of those leaves alone."""
    return sorted(path for path, _, _ in _walk("", before or {}, after or {}))


def _walk(path: str, one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """Path, before and after of the leaves that differ."""
    pairs: Iterable[tuple[str, Any, Any]]
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        pairs = [(key, one.get(key, ABSENT), other.get(key, ABSENT)) for key in {**one, **other}]
    elif isinstance(one, list) and isinstance(other, list):
        numbers = map(str, range(max(len(one), len(other))))
        pairs = zip_longest(numbers, one, other, fillvalue=ABSENT)
    else:
        if not same(one, other):
            yield path, one, other
        return
    for key, left, right in pairs:
        # Most are plain and equal: no path need be written for them.
        if type(left) is type(right) and type(left) in _PLAIN:
            if left != right:
                yield _join(path, key), left, right
        elif left is ABSENT or right is ABSENT:
            yield _join(path, key), left, right
        else:
            yield from _walk(_join(path, key), left, right)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _kind(value: Any) -> type:
    if isinstance(value, bool):
        return bool
    return int if isinstance(value, int) else type(value)
