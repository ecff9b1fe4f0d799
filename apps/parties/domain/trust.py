"""How far a customer's payee is trusted: the four states, what they ask for, and the moves between them, in one table.

Trust is computed, never typed in: the same evidence is the same trust in the API, in a flow and in the console. Only a
suspension is a fact that is written down, because a person or the bank's list decides it.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from apps.parties.domain.name_check import NameCheck


class Trust(StrEnum):
    SUSPENDED = "SUSPENDED"
    NEW = "NEW"
    VERIFIED = "VERIFIED"
    TRUSTED = "TRUSTED"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {trust: place for place, trust in enumerate(Trust)}

WORDS = {
    Trust.NEW: "Lately added, or reached by an alias that changed hands. Limits are at their lowest.",
    Trust.VERIFIED: "The name was checked and first payments arrived. Limits grow.",
    Trust.TRUSTED: "Paid well for a month or longer. The bank's own limits hold.",
    Trust.SUSPENDED: "Nothing is paid until the bank reinstates the payee.",
}


@dataclass(frozen=True)
class Move:
    """One arrow of the state machine: what happens, and who or what makes it so."""

    source: Trust
    target: Trust
    event: str
    cause: str


MOVES = (
    Move(Trust.NEW, Trust.VERIFIED, "verified", "age and payments reach what VERIFIED asks for"),
    Move(Trust.VERIFIED, Trust.TRUSTED, "proved", "age and payments reach what TRUSTED asks for"),
    Move(Trust.TRUSTED, Trust.VERIFIED, "doubted", "a payment was returned, or the name fits less"),
    Move(Trust.VERIFIED, Trust.NEW, "doubted", "a second payment was returned"),
    Move(
        Trust.VERIFIED, Trust.NEW, "changed", "the alias has another owner, or the name fits less"
    ),
    Move(Trust.TRUSTED, Trust.NEW, "changed", "the alias has another owner, or the name fits less"),
    *(
        Move(state, Trust.SUSPENDED, "suspended", "the bank's list or staff, or too many returns")
        for state in (Trust.NEW, Trust.VERIFIED, Trust.TRUSTED)
    ),
    Move(Trust.SUSPENDED, Trust.NEW, "reinstated", "the bank; age and payments count anew"),
)


@dataclass(frozen=True)
class Asked:
    """What one trust asks for under one outcome of the name check: so old, so often paid, so rarely returned."""

    trust: Trust
    name_check: NameCheck
    age_days: int
    good_payments: int
    returned_max: int


# Nobody publishes such figures for a payee; these are the platform's own. The shape follows what is public: a first
# payment to a new token is slowed (U.S. Bank, KB0070076: 1 to 3 business days), first-time payees are a signal of their
# own (Nacha risk management, 2026), and a name that does not fit stops trust (UK and EU payee checks).
ASKED = (
    Asked(Trust.VERIFIED, NameCheck.MATCH, age_days=1, good_payments=1, returned_max=1),
    Asked(Trust.VERIFIED, NameCheck.CLOSE_MATCH, age_days=7, good_payments=2, returned_max=1),
    Asked(Trust.VERIFIED, NameCheck.UNAVAILABLE, age_days=14, good_payments=3, returned_max=1),
    Asked(Trust.TRUSTED, NameCheck.MATCH, age_days=30, good_payments=5, returned_max=0),
    Asked(Trust.TRUSTED, NameCheck.CLOSE_MATCH, age_days=60, good_payments=5, returned_max=0),
    Asked(Trust.TRUSTED, NameCheck.UNAVAILABLE, age_days=90, good_payments=10, returned_max=0),
)
# So many payments that came back suspend the payee by themselves.
SUSPENDING_RETURNS = 3


@dataclass(frozen=True)
class Evidence:
    """What trust is computed from. Age and payments count since the payee was added, reinstated, or found moved."""

    name_check: NameCheck
    age_days: int
    good_payments: int
    returned_payments: int
    alias_moved: bool = False
    suspended: bool = False


# Evidence is a value and few of them differ: a flow asks three times an order.
@lru_cache(maxsize=4096)
def trust_of(evidence: Evidence) -> Trust:
    """The highest trust whose demands are met. SUSPENDED before everything, NEW for a moved alias whatever its past."""
    if evidence.suspended or evidence.returned_payments >= SUSPENDING_RETURNS:
        return Trust.SUSPENDED
    if evidence.alias_moved:
        return Trust.NEW
    met = (asked.trust for asked in ASKED if _is_met(asked, evidence))
    return max(met, key=lambda trust: trust.rank, default=Trust.NEW)


def _is_met(asked: Asked, evidence: Evidence) -> bool:
    return (
        evidence.name_check is asked.name_check
        and evidence.age_days >= asked.age_days
        and evidence.good_payments >= asked.good_payments
        and evidence.returned_payments <= asked.returned_max
    )
