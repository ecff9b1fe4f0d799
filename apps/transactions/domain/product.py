"""What a product states about itself; adding a product touches no flow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from apps.transactions.domain.deadlines import Calendar, end_after
from apps.transactions.domain.limits import Limits

Target = Literal["alias", "account"]


@dataclass(frozen=True)
class Product:
    """One way to pay. Each module under `products/` states its figures with their sources beside them.

    `claim_days` and `request_days` are calendar days: how long a send waits for its recipient to enrol, and a request
    for its payer. An answer of the network is due after `answer_business_days` (its midnight) or `answer_seconds`.
    """

    name: str
    title: str
    currencies: frozenset[str]
    claim_days: int
    # Of whom the settlement accounts and messages are; the product's own name when left out.
    rail: str = ""
    targets: frozenset[Target] = frozenset({"alias"})
    # By name of the limit profile; a profile that is not here is that of the platform.
    limits: Mapping[str, Limits] = field(default_factory=dict)
    answer_seconds: int = 30
    answer_business_days: int = 0
    enquiry_seconds: int = 60
    enquiries_max: int = 5
    request_days: int = 30
    promise_business_days: int = 1
    # None: as long as nothing was sent to the network.
    cancellable_in: frozenset[str] | None = None
    # None: the network has no limit of its own for what it brings.
    inbound_minor_max: int | None = None
    recall_answer_business_days: int = 10

    @property
    def network(self) -> str:
        return self.rail or self.name

    def answer_due_at(self, now: datetime, calendar: Calendar) -> datetime:
        if self.answer_business_days:
            return end_after(calendar, now, business_days=self.answer_business_days)
        return now + timedelta(seconds=self.answer_seconds)
