"""What trust in a payee is computed from, as its documents tell it: for the API and for the flows alike."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.parties.domain.name_check import NameCheck
from apps.parties.domain.payee_stats import PayeeStats
from apps.parties.domain.trust import Evidence, Trust

# The fields of a document of `payees` that are looked at.
FIELDS = (
    *("alias", "counted_from", "created_at", "known_since", "name_check", "owner", "status"),
    "trust",
)


def evidence_of(
    payee: Mapping[str, Any],
    stats: PayeeStats,
    *,
    owners: Mapping[str, str | None],
    now: datetime,
) -> Evidence:
    """`payee` is its document; `owners` says who is behind an alias key as far as that is known: `cus_…` for ours.

    What was paid and returned before `counted_from`, a new beginning, no longer counts. Documents of earlier builds
    lack the newer fields: their age counts from when they were added.
    """
    before = payee.get("counted_from") or {}
    returned = max(stats.returned - before.get("returned", 0), 0)
    completed = max(stats.completed - before.get("completed", 0), 0)
    known_since = payee.get("known_since") or payee["created_at"]
    return Evidence(
        name_check=NameCheck(payee["name_check"]),
        age_days=max((now - known_since).days, 0),
        good_payments=max(completed - returned, 0),
        returned_payments=returned,
        alias_moved=_has_moved(payee, owners),
        suspended=is_suspended(payee),
    )


def is_suspended(payee: Mapping[str, Any]) -> bool:
    """As was written down; removing the payee does not undo it."""
    return Trust.SUSPENDED in (payee["status"], payee["trust"])


def alias_moved(known_owner: str | None, present_owner: str | None) -> bool:
    """Whether the alias is no longer whose it was when last checked. To get a first owner is no move."""
    return known_owner is not None and present_owner != known_owner


def _has_moved(payee: Mapping[str, Any], owners: Mapping[str, str | None]) -> bool:
    alias, known = payee["alias"], payee.get("owner")
    if alias is None or known is None:
        return False
    # That no network told of the alias means nothing for one that is elsewhere; for one of ours, that it left.
    unless_told = None if known.startswith("cus_") else known
    return alias_moved(known, owners.get(alias["key"], unless_told))
