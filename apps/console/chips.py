"""The chips above a list: what its filter says about kind and status, each a link to the filter with another one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from apps.console.filter import Filter
from apps.console.marks import STATUSES, Mark, mark_of
from apps.transactions.domain.lifecycle import LIFECYCLES

_WORDS = re.compile(r'"[^"]*"|\S+')
_ABOUT_STATUS = re.compile(r"-?status:")
_ABOUT_KIND_OR_STATUS = re.compile(r"-?(status|kind):")


@dataclass(frozen=True)
class Chip:
    """`status` and `mark` are empty for the chip of all orders; `count` is None when nobody could say in time.

    One that `hides_at_zero` is of a status that few orders have: it stands there while some do.
    """

    word: str
    status: str
    mark: Mark | None
    count: int | None
    is_on: bool
    url: str
    hides_at_zero: bool = False


@dataclass(frozen=True)
class KindChoice:
    """One kind of order to choose, or all of them."""

    word: str
    url: str
    is_on: bool


def kind_choices(asked: Filter) -> list[KindChoice]:
    """Choosing a kind drops what the filter says about the status: each kind has its own."""
    rest = _without(asked, _ABOUT_KIND_OR_STATUS)
    has_kind = any(term.key == "kind" for term in asked.terms)
    on = asked.kinds() if has_kind else []
    kinds = [
        KindChoice(kind.capitalize(), _url(f"kind:{kind} {rest}".strip()), on == [kind])
        for kind in LIFECYCLES
    ]
    return [KindChoice("Every kind", _url(rest), not has_kind), *kinds]


def chips(asked: Filter, counts: Mapping[str, int] | None) -> list[Chip]:
    """One for all orders and one for each status, zero too; those that orders have stand first.

    Of several kinds, the statuses that a send order does not have show only while an order has them.
    Derived from the parsed filter only; `counts` are those of the filter without its terms about the status.
    """
    rest, kinds = _without(asked, _ABOUT_STATUS), asked.kinds()
    of_kinds = {name for kind in kinds for name in LIFECYCLES[kind].statuses}
    known = [name for name in STATUSES if name in of_kinds]
    usual = known if len(kinds) == 1 else LIFECYCLES["send"].statuses
    names = list(dict.fromkeys([*known, *(counts or ())]))
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
            hides_at_zero=name not in usual and on != {name},
        )
        for name in names
    ]
    return [everything, *sorted(chosen, key=_urgency)]


def is_none(chip: Chip) -> bool:
    """Whether no row is known to have it, and nobody chose it: such chips stand behind the others."""
    return chip.count == 0 and not chip.is_on


def _urgency(chip: Chip) -> tuple[bool, int]:
    """First what waits for a person and what failed, last what moves by itself."""
    tone = chip.mark.tone if chip.mark else ""
    return is_none(chip), _TONES.index(tone) if tone in _TONES else len(_TONES)


_TONES = ("hold", "failed", "settled", "returned", "progress", "neutral")


def _without(asked: Filter, terms: re.Pattern[str]) -> str:
    return " ".join(word for word in _WORDS.findall(asked.text) if not terms.match(word))


def _url(q: str) -> str:
    return "?" + urlencode({"q": q}) if q else "?"
