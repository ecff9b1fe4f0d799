"""The chips above a list: what its filter says about the status, each a link to the same filter with another status."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from apps.console.filter import Filter
from apps.console.marks import STATUSES, Mark, mark_of

_WORDS = re.compile(r'"[^"]*"|\S+')
_ABOUT_STATUS = re.compile(r"-?status:")


@dataclass(frozen=True)
class Chip:
    """`status` and `mark` are empty for the chip of all orders; `count` is None when nobody could say in time."""

    word: str
    status: str
    mark: Mark | None
    count: int | None
    is_on: bool
    url: str


def chips(asked: Filter, counts: Mapping[str, int] | None) -> list[Chip]:
    """One for all orders and one for each status, zero too, so that none comes or leaves while somebody looks.

    Derived from the parsed filter only; `counts` are those of the filter without its terms about the status.
    """
    rest = " ".join(word for word in _WORDS.findall(asked.text) if not _ABOUT_STATUS.match(word))
    names = list(dict.fromkeys([*STATUSES, *(counts or ())]))
    has_status = any(term.key == "status" for term in asked.terms)
    on = {name for name in names if has_status and asked.holds_status(name)}
    total = None if counts is None else sum(counts.values())
    everything = Chip("All", "", None, total, not has_status, _url(rest))
    chosen = [
        Chip(
            word=mark_of(name).word,
            status=name,
            mark=mark_of(name),
            count=None if counts is None else counts.get(name, 0),
            is_on=name in on,
            # The only one that is on leads back to all.
            url=_url(rest) if on == {name} else _url(f"{rest} status:{name}".strip()),
        )
        for name in names
    ]
    return [everything, *chosen]


def _url(q: str) -> str:
    return "?" + urlencode({"q": q}) if q else "?"
