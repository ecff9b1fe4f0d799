"""What a decision about an order may look at: facts read in the same transaction that writes the decision."""

from dataclasses import dataclass

from apps.ledger.domain.account import Account
from apps.parties.domain.payee_limits import Verdict
from apps.profiles.domain.preferences import OwnLimits
from apps.transactions.domain.deadlines import EVERY_DAY, Calendar
from apps.transactions.domain.limits import NO_USE, Limits, Usage
from apps.transactions.domain.outgoing import NOBODY, Counterparty
from apps.transactions.domain.product import Product


@dataclass(frozen=True)
class Recipient:
    """Who owns the alias. `account` is None when the alias is served by another bank on the network."""

    customer: str | None
    customer_status: str | None
    account: Account | None
    # Whether the customer lets the product receive.
    receiving_is_on: bool = True

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
    calendar: Calendar = EVERY_DAY
    # What was used in this week and month, and the customer's own lower limits.
    week: Usage = NO_USE
    month: Usage = NO_USE
    own_limits: OwnLimits | None = None
    # Whether the customer lets the product send: a switch among the customer's preferences.
    sending_is_on: bool = True
    # Who is paid, when that is not a customer of ours.
    counterparty: Counterparty = NOBODY
    # What stands in the way because of whom it goes to (`parties.domain.payee_limits.verdict_of`).
    payee_verdict: Verdict = None
    # Ids of the orders and cases that are linked to this order, and what its returns brought back in all.
    linked: frozenset[str] = frozenset()
    returned_minor: int = 0
    # Of the bank's own accounts for the network.
    shard: int | None = None


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
