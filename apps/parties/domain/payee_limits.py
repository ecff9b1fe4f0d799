"""How much may be sent to one payee: a share of the bank's limit that grows with trust, age and good payments."""

from dataclasses import dataclass

from apps.parties.domain.trust import Evidence, Trust, trust_of


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


def limit_for(
    evidence: Evidence, policy: Policy, *, order_minor: int, day_minor: int
) -> PayeeLimit:
    """The share of the bank's own `order_minor` and `day_minor`, rounded down; nothing while SUSPENDED."""
    trust = trust_of(evidence)
    if trust is Trust.SUSPENDED:
        return NOTHING
    reached = [step for step in policy.steps if _is_reached(step, trust, evidence)]
    return PayeeLimit(
        order_minor * max((step.order_percent for step in reached), default=0) // 100,
        day_minor * max((step.day_percent for step in reached), default=0) // 100,
    )


def is_held(evidence: Evidence, policy: Policy) -> bool:
    """Whether a payment waits because of whom it goes to (Nacha risk management 2026: first-time payees)."""
    return policy.holds_new and trust_of(evidence) is Trust.NEW


def _is_reached(step: Step, trust: Trust, evidence: Evidence) -> bool:
    # A moved alias has its past no more, whatever its age says.
    age, good = (0, 0) if evidence.alias_moved else (evidence.age_days, evidence.good_payments)
    return trust.rank >= step.trust.rank and age >= step.age_days and good >= step.good_payments
