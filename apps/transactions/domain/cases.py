"""What opens a case beside an order that stays as it is: disputes, and answers that contradict a final order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from apps.kernel.ids import derived_id
from apps.transactions.domain.deadlines import Calendar, end_after
from apps.transactions.domain.order import Actor, AnyOrder

CaseKind = Literal["dispute", "contradiction", "return_unclear"]

# Regulation E, 12 CFR 1005.11(c): an error is decided within 10 business days, or within 45 calendar days when the
# customer gets provisional credit on the tenth business day (90 for new accounts and foreign transfers).
DISPUTE_BUSINESS_DAYS = 10
DISPUTE_DAYS_WITH_CREDIT = 45


@dataclass(frozen=True)
class CaseOpened:
    """The case that is opened: once for each order and kind, since its id derives from both."""

    id: str
    kind: CaseKind
    order: str
    cause: str
    actor: Actor
    detail: str
    opened_at: datetime
    due_at: datetime
    latest_at: datetime


def case_id(order: str, kind: CaseKind) -> str:
    return derived_id("case", kind, order)


def opened(
    kind: CaseKind,
    order: AnyOrder,
    *,
    actor: Actor,
    cause: str,
    detail: str,
    now: datetime,
    calendar: Calendar,
) -> CaseOpened:
    """A case about the order; both deadlines are those of Regulation E whatever the kind."""
    return CaseOpened(
        id=case_id(order["_id"], kind),
        kind=kind,
        order=order["_id"],
        cause=cause,
        actor=actor,
        detail=detail,
        opened_at=now,
        due_at=end_after(calendar, now, business_days=DISPUTE_BUSINESS_DAYS),
        latest_at=now + timedelta(days=DISPUTE_DAYS_WITH_CREDIT),
    )
