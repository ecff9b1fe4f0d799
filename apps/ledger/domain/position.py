"""A network's position on a business day: what the bank owes it, or is owed, before, during and after the day.

A position is the sum of the network's settlement sub-accounts. Above zero the bank owes the network (it sent more than
it received), below zero the network owes the bank; what the networks settle between banks moves it towards zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from apps.ledger.domain.internal import parsed


@dataclass(frozen=True)
class BusinessDays:
    """Days that end at `ends` in `zone`: at midnight on the day itself, else the evening of that day.

    With 19:00 in New York, which is about when the FedNow cycle day rolls (FedNow Service Operating Procedures,
    2024-10), 3 March is from 2 March 19:00 to 3 March 19:00. Where summer time begins or ends a day has 23 or 25 hours.
    """

    zone: tzinfo
    ends: time = time(0)

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """Start (inclusive) and end (exclusive) in UTC. Raises OverflowError at the calendar's ends."""
        last = day if self.ends != time(0) else day + timedelta(days=1)
        return self._instant(last - timedelta(days=1)), self._instant(last)

    def day_of(self, instant: datetime) -> date:
        """The business day that the instant is in."""
        local = instant.astimezone(self.zone)
        is_next = self.ends != time(0) and local.time() >= self.ends
        return local.date() + timedelta(days=1) if is_next else local.date()

    def _instant(self, day: date) -> datetime:
        return datetime.combine(day, self.ends, self.zone).astimezone(UTC)


@dataclass(frozen=True)
class Movement:
    """What entries of one kind changed of one settlement account, during the day or after it (`is_after`)."""

    account: str
    kind: str
    is_after: bool
    amount_minor: int
    entries: int


@dataclass
class Position:
    """In minor units of `currency`; `by_kind` are the day's entries and what they changed, by kind of entry."""

    network: str
    currency: str
    closing_minor: int = 0
    by_kind: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def change_minor(self) -> int:
        return sum(amount_minor for _, amount_minor in self.by_kind.values())

    @property
    def opening_minor(self) -> int:
        return self.closing_minor - self.change_minor

    def take(self, movement: Movement) -> None:
        if movement.is_after:
            self.closing_minor -= movement.amount_minor
            return
        entries, amount_minor = self.by_kind.get(movement.kind, (0, 0))
        self.by_kind[movement.kind] = (
            entries + movement.entries,
            amount_minor + movement.amount_minor,
        )


def positions(balances_minor: Mapping[str, int], movements: Iterable[Movement]) -> list[Position]:
    """Each network's position in each currency, by name: from what its settlement accounts hold now, and what moved.

    `movements` are all since the day began. Raises KeyError when one is of an account that is not in `balances_minor`,
    and ValueError when an account's id is not one of the bank's own.
    """
    found: dict[tuple[str, str], Position] = {}
    of_account: dict[str, Position] = {}
    for account, balance_minor in sorted(balances_minor.items()):
        named = parsed(account)
        key = (named.network or "", named.currency)
        position = found.setdefault(key, Position(*key))
        position.closing_minor += balance_minor
        of_account[account] = position
    for movement in movements:
        of_account[movement.account].take(movement)
    return [found[key] for key in sorted(found)]
