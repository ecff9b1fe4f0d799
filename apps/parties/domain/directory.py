"""Which bank serves an alias, as the platform's own aliases or a network's directory say, and how long it holds."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

# A network's answer holds for an hour, so that an alias that moved to another bank shows the same day; that nobody has
# it holds for five minutes, because people enrol just when they are told that money waits. No network publishes such
# figures; these are the platform's own.
FOUND_FOR = timedelta(hours=1)
NOBODY_FOR = timedelta(minutes=5)

Place = Literal["ON_US", "NETWORK", "NOBODY", "UNKNOWN"]


class DirectoryUnavailable(Exception):
    """The network did not answer in time, or not in a way that can be understood."""


@dataclass(frozen=True)
class NetworkAnswer:
    """Who serves an alias on a network. `owner_name` is the registered name, for the name check only."""

    routing_number: str
    bank_name: str
    owner_name: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Listing:
    """One alias in the directory.

    `owner` names whoever is behind it in a form that changes when the alias moves: `cus_…` for a customer of this bank,
    `network:routing number` elsewhere. `looked_up_at` is the time of the network's answer; None when it is our own.
    """

    place: Place
    owner: str | None = None
    owner_name: str | None = field(default=None, repr=False)
    account: str | None = None
    network: str | None = None
    routing_number: str | None = None
    bank_name: str | None = None
    looked_up_at: datetime | None = None
    expires_at: datetime | None = None

    def age_seconds(self, now: datetime) -> int | None:
        """How old the network's answer is; None for what is known without asking one."""
        if self.looked_up_at is None:
            return None
        return max(int((now - self.looked_up_at).total_seconds()), 0)

    def is_stale(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at


NOBODY = Listing("NOBODY")
UNKNOWN = Listing("UNKNOWN")


def listed(network: str, answer: NetworkAnswer | None, *, at: datetime) -> Listing:
    """The listing that a network's answer makes; None means that nobody on the network has the alias."""
    if answer is None:
        return Listing("NOBODY", network=network, looked_up_at=at, expires_at=at + NOBODY_FOR)
    return Listing(
        "NETWORK",
        owner=f"{network}:{answer.routing_number}",
        owner_name=answer.owner_name,
        network=network,
        routing_number=answer.routing_number,
        bank_name=answer.bank_name,
        looked_up_at=at,
        expires_at=at + FOUND_FOR,
    )


def best(listings: list[Listing], *, now: datetime) -> Listing:
    """What several networks say together: fresh before stale, who serves it before nobody, then the newest."""
    return max(
        listings,
        key=lambda each: (
            not each.is_stale(now),
            each.place == "NETWORK",
            each.looked_up_at or now,
        ),
        default=NOBODY,
    )
