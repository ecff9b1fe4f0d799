"""Balances of one account over time: what each entry changed, and what stood after it.

The cut is the same everywhere: an entry belongs to the time before T when its `at` is before T (exclusive), and to a
period when its start <= `at` < its end. So one period's closing balance is the next one's opening balance, and the
balance "at T" is what had been written up to, not including, T. Entries of one millisecond stand in the order of their
order's version, then of their id: an order's hold before its capture, and every reader sees the same order.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# An entry carries the time at which its transaction began and is seen when that commits. MongoDB ends a transaction
# after a minute (transactionLifetimeLimitSeconds), so what is older than this gets no entry any more.
SETTLES_WITHIN = timedelta(seconds=60)


@dataclass(frozen=True)
class Balance:
    """What is posted and held on an account, or what an entry changes of it, in minor units."""

    posted_minor: int = 0
    held_minor: int = 0

    @property
    def available_minor(self) -> int:
        return self.posted_minor - self.held_minor

    def plus(self, change: "Balance") -> "Balance":
        return Balance(self.posted_minor + change.posted_minor, self.held_minor + change.held_minor)


@dataclass(frozen=True)
class Totals:
    """What the entries of a period changed: all additions and all reductions of each layer, both above zero."""

    entries: int = 0
    credits_minor: int = 0
    debits_minor: int = 0
    set_aside_minor: int = 0
    freed_minor: int = 0

    @property
    def change(self) -> Balance:
        return Balance(
            self.credits_minor - self.debits_minor, self.set_aside_minor - self.freed_minor
        )


def change_in(entry: Mapping[str, Any], account_id: str) -> Balance:
    """What the entry changed of the account, its lines of each layer added up."""
    change = {"posted": 0, "held": 0}
    for line in entry["lines"]:
        if line["account"] == account_id:
            change[line["layer"]] += line["amount_minor"]
    return Balance(change["posted"], change["held"])


def running(
    start: Balance, entries: Iterable[Mapping[str, Any]], account_id: str
) -> Iterator[Balance]:
    """The balance after each entry; `start` stood before the first."""
    for entry in entries:
        start = start.plus(change_in(entry, account_id))
        yield start


def is_provisional(until: datetime, now: datetime) -> bool:
    """Whether entries from before `until` may still come."""
    return until > now - SETTLES_WITHIN
