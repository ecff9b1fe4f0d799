"""The sandbox's other side of each network: its banks, who is served by which, and how long settlement takes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.rails.networks import interfi, zelle
from apps.rails.networks.adapter import Network, Served

# Made-up institutions with valid check digits. An alias at one of these domains is theirs.
BANKS = {
    "other-bank.example": ("999999905", "Other Bank"),
    "third-bank.example": ("999999918", "Third Bank"),
}
OTHER_BANK = BANKS["other-bank.example"][0]
# Phone numbers that end so belong to Other Bank.
OTHER_BANK_PHONES = "99"
DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class FarSide:
    """A network as its simulator plays it; `settle_days` are business days, (0, 0) is at once."""

    network: Network
    settle_days: tuple[int, int] = (0, 0)

    def settles_at(self, now: datetime, end_to_end_id: str, *, day_seconds: int) -> datetime:
        """Between the least and the most days, told by the end-to-end id. A day of other length counts every day."""
        least, most = self.settle_days
        days = least + hashlib.sha256(end_to_end_id.encode()).digest()[0] % (most - least + 1)
        if day_seconds != DAY_SECONDS:
            return now + timedelta(seconds=days * day_seconds)
        found = now
        while days:
            found += timedelta(days=1)
            days -= found.weekday() < 5
        return found


FAR_SIDES = {
    "zelle": FarSide(zelle.NETWORK),
    "interfi": FarSide(interfi.NETWORK, settle_days=(1, 3)),
}


def served(alias: str) -> Served | None:
    """By the sandbox's rule: the domain of an e-mail address or the end of a phone number tells the bank."""
    kind, _, value = alias.partition(":")
    domain = value.rpartition("@")[2] if kind == "email" else ""
    if kind == "phone" and value.endswith(OTHER_BANK_PHONES):
        domain = "other-bank.example"
    bank = BANKS.get(domain)
    return Served(alias=alias, bank=bank[0], bank_name=bank[1]) if bank else None
