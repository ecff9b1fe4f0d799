"""What became of the payments to one payee: the history that trust is computed from, and the document that keeps it.

A document of `payee_stats` (`_id` = the payee's id) is `as_document`; the SOR transaction writes it in the step that
completes or returns an order, so each payment counts once however often that step is tried.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Outcome(StrEnum):
    COMPLETED = "completed"  # the money arrived
    RETURNED = "returned"  # money that had arrived came back (return, recall, dispute won)


@dataclass(frozen=True)
class PayeeStats:
    """Counts that only grow, so payments may be told in any order. Amounts in minor units by currency."""

    completed: int = 0
    returned: int = 0
    total_minor: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def good(self) -> int:
        """Payments that arrived and stayed."""
        return max(self.completed - self.returned, 0)


NOTHING_PAID = PayeeStats()


def after_payment(
    stats: PayeeStats, outcome: Outcome, *, amount_minor: int, currency: str, at: datetime
) -> PayeeStats:
    """The history with one payment more. Telling one twice counts it twice: the caller tells each once."""
    sign = 1 if outcome is Outcome.COMPLETED else -1
    total = stats.total_minor.get(currency, 0) + sign * amount_minor
    return replace(
        stats,
        completed=stats.completed + (outcome is Outcome.COMPLETED),
        returned=stats.returned + (outcome is Outcome.RETURNED),
        total_minor=MappingProxyType({**stats.total_minor, currency: total}),
        first_at=min(stats.first_at or at, at),
        last_at=max(stats.last_at or at, at),
    )


def as_document(
    stats: PayeeStats, *, payee: str, customer: str, version: int, modified_by: str
) -> dict[str, Any]:
    """What the collection keeps; `version` counts the writes from 1, `modified_by` is `kind:id` of the writer."""
    return {
        "_id": payee,
        "customer": customer,
        "completed": stats.completed,
        "returned": stats.returned,
        "total_minor": dict(stats.total_minor),
        "first_at": stats.first_at,
        "last_at": stats.last_at,
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
        total_minor=MappingProxyType(dict(document["total_minor"])),
        first_at=document["first_at"],
        last_at=document["last_at"],
    )
