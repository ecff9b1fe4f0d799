"""What a decision about an order may look at: facts read in the same transaction that writes the decision."""

from dataclasses import dataclass

from apps.ledger.domain.account import Account
from apps.transactions.domain.limits import Limits, Usage
from apps.transactions.domain.product import Product


@dataclass(frozen=True)
class Recipient:
    """Who owns the alias. `account` is None when the alias is served by another bank on the network."""

    customer: str | None
    customer_status: str | None
    account: Account | None

    @property
    def is_on_us(self) -> bool:
        return self.account is not None


@dataclass(frozen=True)
class Facts:
    """One order's surroundings at one instant; None means that it does not exist."""

    product: Product
    limits: Limits
    usage: Usage
    customer_status: str | None
    debtor: Account | None
    payee_status: str | None
    recipient: Recipient | None
    holds_account: str


# For what must be decided although the surroundings can't be read: nothing exists and nothing is allowed.
NOTHING_KNOWN = Facts(
    product=Product(name="", title="", currencies=frozenset(), claim_days=0),
    limits=Limits(order_minor=0, day_minor=0, day_count=0),
    usage=Usage(),
    customer_status=None,
    debtor=None,
    payee_status=None,
    recipient=None,
    holds_account="",
)
