"""The chips above a list: what its filter says about the status, each a link to the same filter with another status."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from apps.console.filter import Filter
from apps.console.marks import STATUSES, Mark, mark_of
from apps.console.rows import StoredRow

_WORDS = re.compile(r'"[^"]*"|\S+')
_ABOUT_STATUS = re.compile(r"-?status:")


@dataclass(frozen=True)
class Chip:
    """`status` and `mark` are empty for the chip of all orders."""

    word: str
    status: str
    mark: Mark | None
    count: int
    is_on: bool
    url: str


def chips(asked: Filter, counts: Mapping[str, int]) -> list[Chip]:
    """One for all orders and one for each status, zero too, so that none comes or leaves while somebody looks.

    Derived from the parsed filter only; `counts` are those of the filter without its terms about the status.
    """
    rest = " ".join(word for word in _WORDS.findall(asked.text) if not _ABOUT_STATUS.match(word))
    on = _passed(asked)
    names = dict.fromkeys([*STATUSES, *counts])
    everything = Chip("All", "", None, sum(counts.values()), not on, _url(rest))
    return [everything, *(_chip(name, counts.get(name, 0), on, rest) for name in names)]


def _chip(name: str, count: int, on: set[str], rest: str) -> Chip:
    mark = mark_of(name)
    with_it = _url(f"{rest} status:{name}".strip())
    return Chip(mark.word, name, mark, count, name in on, _url(rest) if on == {name} else with_it)


def _passed(asked: Filter) -> set[str]:
    """The statuses that the filter lets through; none when it says nothing about the status."""
    terms = [term for term in asked.terms if term.key == "status"]
    if not terms:
        return set()
    return {
        name
        for name in STATUSES
        # A term about the status reads nothing else of a row.
        if all(term.holds(cast(StoredRow, {"status": name})) for term in terms)
    }


def _url(q: str) -> str:
    return "?" + urlencode({"q": q}) if q else "?"
