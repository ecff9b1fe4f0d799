"""What is kept of the payments to one payee: the history that trust is computed from, as far as the rules ask for it.

A document of `payee_stats` (`_id` = the payee's id) is `as_document`; the SOR transaction writes it beside the step
that counts, so each payment counts once however often that step is tried. Once a payee was paid as often as the highest
trust asks for, one good payment more changes nothing: then `stats_after` has nothing to write.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Outcome(StrEnum):
    """What became of one payment. A dispute counts when it brings the money back."""

    COMPLETED = "completed"  # the money arrived
    RETURNED = "returned"  # money that had arrived came back (return, recall, dispute won)


@dataclass(frozen=True)
class DayUse:
    """What an order counts in the limits of `day` ("YYYY-MM-DD"), in minor units; negative when it ends unpaid."""

    day: str
    currency: str
    amount_minor: int


Happened = Outcome | DayUse
_NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class PayeeStats:
    """Payments that arrived and that came back: counts that only grow. What `day` used, in minor units by currency."""

    completed: int = 0
    returned: int = 0
    day: str | None = None
    day_minor: Mapping[str, int] = field(default_factory=lambda: _NOTHING)

    def used_minor(self, *, day: str, currency: str) -> int:
        return self.day_minor.get(currency, 0) if day == self.day else 0


NOTHING_PAID = PayeeStats()


@dataclass(frozen=True)
class Wanted:
    """What of the history the rules still ask for (`payee_limits.wanted_of`)."""

    completed: bool = True
    returned: bool = True
    day_use: bool = True


def stats_after(
    stats: PayeeStats, happened: Iterable[Happened], *, wanted: Wanted
) -> PayeeStats | None:
    """The history with what one change of an order adds to it; None when nothing that is wanted changes.

    Telling a payment twice counts it twice: the caller tells each once, and of several returns of it the first.
    """
    after = stats
    for each in happened:
        if isinstance(each, DayUse):
            after = _with_use(after, each) if wanted.day_use else after
        elif each is Outcome.COMPLETED:
            after = replace(after, completed=after.completed + wanted.completed)
        else:
            after = replace(after, returned=after.returned + wanted.returned)
    return None if after == stats else after


def _with_use(stats: PayeeStats, use: DayUse) -> PayeeStats:
    """Only the latest day is kept: no limit asks for an earlier one."""
    if stats.day is not None and use.day < stats.day:
        return stats
    used = dict(stats.day_minor) if use.day == stats.day else {}
    # What was used while the day's use was not wanted is given back without having been counted.
    used[use.currency] = max(used.get(use.currency, 0) + use.amount_minor, 0)
    return replace(stats, day=use.day, day_minor=MappingProxyType(used))


def as_document(
    stats: PayeeStats, *, payee: str, customer: str, version: int, modified_by: str
) -> dict[str, Any]:
    """What the collection keeps; `version` counts the writes from 1, `modified_by` is `kind:id` of the writer."""
    return {
        "_id": payee,
        "customer": customer,
        "completed": stats.completed,
        "returned": stats.returned,
        "day": stats.day,
        "day_minor": dict(stats.day_minor),
        "version": version,
        "modified_by": modified_by,
    }


def from_document(document: Mapping[str, Any] | None) -> PayeeStats:
    """None: nothing was paid yet."""
    if document is None:
        return NOTHING_PAID
    return PayeeStats(
        completed=document["completed"],
        returned=document["returned"],
        day=document["day"],
        day_minor=MappingProxyType(dict(document["day_minor"])),
    )
