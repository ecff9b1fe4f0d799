"""How much may be sent to one payee: a share of the bank's limit that grows with trust, age and good payments.

A flow asks `verdict_of` before a payment is made, and `wanted_of` what of it is still to be kept in the history.
"""

from dataclasses import dataclass
from typing import Literal

from apps.parties.domain.payee_stats import Wanted
from apps.parties.domain.trust import ASKED, SUSPENDING_RETURNS, Evidence, Trust, trust_of


@dataclass(frozen=True)
class Step:
    """From this trust, age and history on, so many percent of the bank's limits."""

    trust: Trust
    age_days: int
    good_payments: int
    order_percent: int
    day_percent: int


@dataclass(frozen=True)
class Policy:
    """The steps, and whether a payment to a NEW payee waits for the bank's staff before it is made."""

    steps: tuple[Step, ...]
    holds_new: bool


@dataclass(frozen=True)
class PayeeLimit:
    """In minor units, of one order and of all orders of one day to this payee."""

    order_minor: int
    day_minor: int


# "sandbox" never stands in the way: a NEW payee is not held and the customer's limits are the payee's.
# "bank" starts at 1,000.00 an order and 2,000.00 a day of its 2,500.00 and 5,000.00: the sending limits that a credit
# union publishes for every member (America's Credit Union, FAQ on Zelle). From there it grows to the whole.
POLICIES = {
    "sandbox": Policy((Step(Trust.NEW, 0, 0, 100, 100),), holds_new=False),
    "bank": Policy(
        (
            Step(Trust.NEW, 0, 0, order_percent=40, day_percent=40),
            Step(Trust.VERIFIED, 1, 1, order_percent=50, day_percent=50),
            Step(Trust.VERIFIED, 7, 3, order_percent=60, day_percent=60),
            Step(Trust.VERIFIED, 14, 5, order_percent=80, day_percent=80),
            Step(Trust.TRUSTED, 30, 5, order_percent=100, day_percent=100),
        ),
        holds_new=True,
    ),
}
NOTHING = PayeeLimit(0, 0)

# So many good payments are counted and no more: as many as any trust or step asks for, and so many on top that those
# which may come back without suspending the payee leave it with enough.
COUNTED_PAYMENTS = (
    max(
        *(asked.good_payments for asked in ASKED),
        *(step.good_payments for policy in POLICIES.values() for step in policy.steps),
    )
    + SUSPENDING_RETURNS
    - 1
)

# Why a payment is refused (ISO 20022 code and words), or that it waits for a person; None: nothing in its way.
Verdict = tuple[str, str] | Literal["hold"] | None


def limit_for(
    evidence: Evidence, policy: Policy, *, order_minor: int, day_minor: int
) -> PayeeLimit:
    """The share of the bank's own `order_minor` and `day_minor`, rounded down; nothing while SUSPENDED."""
    trust = trust_of(evidence)
    if trust is Trust.SUSPENDED:
        return NOTHING
    reached = _reached(evidence, policy)
    return PayeeLimit(
        order_minor * max((step.order_percent for step in reached), default=0) // 100,
        day_minor * max((step.day_percent for step in reached), default=0) // 100,
    )


def is_held(evidence: Evidence, policy: Policy) -> bool:
    """Whether a payment waits because of whom it goes to (Nacha risk management 2026: first-time payees)."""
    return policy.holds_new and trust_of(evidence) is Trust.NEW


def verdict_of(
    evidence: Evidence,
    policy: Policy,
    *,
    amount_minor: int,
    used_minor: int,
    order_minor: int,
    day_minor: int,
) -> Verdict:
    """What stands in the way of a payment of `amount_minor` because of whom it goes to.

    `used_minor` is what this day's orders to the payee use already; `order_minor` and `day_minor` are the bank's own
    limits. Over a limit is refused and never held; equal to it fits.
    """
    if trust_of(evidence) is Trust.SUSPENDED:
        return "AG01", "the payee is suspended"
    limit = limit_for(evidence, policy, order_minor=order_minor, day_minor=day_minor)
    if amount_minor > limit.order_minor:
        return "AM14", "over the limit for one order to this payee"
    if used_minor + amount_minor > limit.day_minor:
        return "AM14", "over the limit for one day to this payee"
    return "hold" if is_held(evidence, policy) else None


def wanted_of(evidence: Evidence, policy: Policy) -> Wanted:
    """What the next payment may still change: nothing of one to a payee that was paid often enough and has no limit."""
    is_limited = trust_of(evidence) is not Trust.SUSPENDED and not any(
        step.day_percent >= 100 for step in _reached(evidence, policy)
    )
    return Wanted(
        completed=evidence.good_payments < COUNTED_PAYMENTS,
        returned=evidence.returned_payments < SUSPENDING_RETURNS,
        day_use=is_limited,
    )


def _reached(evidence: Evidence, policy: Policy) -> list[Step]:
    trust = trust_of(evidence)
    return [step for step in policy.steps if _is_reached(step, trust, evidence)]


def _is_reached(step: Step, trust: Trust, evidence: Evidence) -> bool:
    # A moved alias has its past no more, whatever its age says.
    age, good = (0, 0) if evidence.alias_moved else (evidence.age_days, evidence.good_payments)
    return trust.rank >= step.trust.rank and age >= step.age_days and good >= step.good_payments
