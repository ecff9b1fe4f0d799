"""An account at another bank is proved by two micro-deposits: only who sees its statement can name both amounts.

Figures: two amounts of at most 0.99 each, ten wrong tries, 38 days (published terms of bank portals, banno.com help).
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

DEPOSIT_MINOR_MAX = 99
TRIES_MAX = 10
KEPT = timedelta(days=38)

State = Literal["PENDING", "VERIFIED", "LOCKED", "EXPIRED"]


@dataclass(frozen=True)
class Link:
    """An external account on its way to being proved; `deposits_minor` are the two amounts in cents."""

    id: str
    deposits_minor: tuple[int, int]
    opened_at: datetime
    tries: int = 0
    state: State = "PENDING"


def deposits_for(link_id: str, *, secret: str) -> tuple[int, int]:
    """Two amounts from 1 to 99 cents that nobody can know without the secret."""
    digest = hashlib.sha256(f"{secret}:{link_id}".encode()).digest()
    return digest[0] % DEPOSIT_MINOR_MAX + 1, digest[1] % DEPOSIT_MINOR_MAX + 1


def prove(link: Link, guess_minor: tuple[int, int], *, now: datetime) -> Link:
    """The link after somebody named two amounts, in either order. What is no longer PENDING stays as it is."""
    if link.state != "PENDING":
        return link
    if now >= link.opened_at + KEPT:
        return replace(link, state="EXPIRED")
    if sorted(guess_minor) == sorted(link.deposits_minor):
        return replace(link, state="VERIFIED")
    tries = link.tries + 1
    return replace(link, tries=tries, state="LOCKED" if tries >= TRIES_MAX else "PENDING")
