"""What a request order is decided by, and its steps with what each makes the clock wait for and the network hear.

A request that a network brought is answered step by step (pain.014); one of a customer of ours is sent (pain.013) and
taken back (camt.055) by whoever applies the event.
"""

from dataclasses import dataclass
from datetime import datetime

from apps.ledger.domain.account import Account
from apps.transactions.domain.deadlines import EVERY_DAY, Calendar, end_after
from apps.transactions.domain.facts import Recipient
from apps.transactions.domain.order import Actor
from apps.transactions.domain.outgoing import Counterparty, Type
from apps.transactions.domain.product import Product
from apps.transactions.domain.request_order import RequestOrder, far_side_of
from apps.transactions.domain.steps import Steps

# What the requester's bank hears of a step (pain.014, ISO 20022 external status codes), and the reason if it is another
# than the step's own: AEXR is what a bank says to a request whose time is over.
_TOLD: dict[str, tuple[str, str | None]] = {
    "DELIVERED": ("RCVD", None),
    "PRESENTED": ("PRES", None),
    "ACCEPTED": ("ACTC", None),
    "REJECTED": ("RJCT", None),
    "DECLINED": ("RJCT", None),
    "EXPIRED": ("RJCT", "AEXR"),
}


@dataclass(frozen=True)
class RequestFacts:
    """`payer` is None when nobody has the alias or account; its account is None when another bank serves it.

    The requester is looked at when it is a customer of ours; `requester_account` None: it does not exist. `children`
    are the statuses of a split's requests.
    """

    product: Product
    payer: Recipient | None
    requester_name: str = ""
    requester_status: str | None = None
    requester_account: Account | None = None
    # Whether the payer lets the product ask: a switch among the customer's preferences.
    asking_is_on: bool = True
    calendar: Calendar = EVERY_DAY
    children: tuple[str, ...] = ()
    # Whether a payment for it went to a network, whatever became of it there; and whether one is made.
    was_instructed: bool = False
    is_paid: bool = False


class RequestSteps(Steps[RequestOrder]):
    """One request order on its way for one cause."""

    def __init__(
        self, order: RequestOrder, facts: RequestFacts, now: datetime, *, actor: Actor, cause: str
    ) -> None:
        network = facts.product.network or order["product"]
        super().__init__(order, now, network=network, actor=actor, cause=cause)
        self.facts = facts

    @property
    def is_elsewhere(self) -> bool:
        """Whether the payer's bank, which is another one, has it."""
        return any(step["status"] == "SUBMITTED" for step in self.order["history"])

    @property
    def is_from_network(self) -> bool:
        """Whether a customer of another bank asks."""
        return self.order["creditor"] is None

    def go(self, target: str, *, reason: str | None = None, detail: str | None = None) -> None:
        """One step on; what is not over waits for its promise or for its own end."""
        self.step(target, reason=reason, detail=detail)
        if self.is_from_network and target in _TOLD:
            status, told = _TOLD[target]
            self._answer(status, reason=told or reason)
        if self.order["final"] or target == "SPLIT":
            return
        if target == "ACCEPTED":
            days = self.facts.product.promise_business_days
            due_at = end_after(self.facts.calendar, self.now, business_days=days)
            self.wait("promise_due", due_at)
        elif self.order["payment"] is None:
            self.wait("request_expired", self.order["expires_at"])

    def say(self, message: Type) -> None:
        """Tells the payer's bank of a request of ours."""
        creditor = self.order["creditor"]
        self.tell(
            message,
            debtor=Counterparty(self.order["payee_name"], alias=self.order["alias_key"]),
            creditor=Counterparty(account=creditor["account"] if creditor else None),
            expires_at=self.order["expires_at"],
        )

    def refusal(self) -> tuple[str, str] | None:
        """Why nobody is asked for money, by ISO code."""
        return self._payers_refusal() if self.is_from_network else self._requesters_refusal()

    def _answer(self, status: str, *, reason: str | None) -> None:
        order = self.order
        self.tell(
            "pain.014",
            debtor=Counterparty(
                order["payee_name"], account=order["account"], alias=order["alias_key"]
            ),
            creditor=Counterparty(**far_side_of(order)),
            status=status,
            reason=reason,
        )

    def _requesters_refusal(self) -> tuple[str, str] | None:
        account, payer = self.facts.requester_account, self.facts.payer
        if self.facts.requester_status != "ACTIVE":
            return "AG01", "the requester is not an active customer"
        if account is None or not account.is_open:
            return "AC04", "the requester's account is closed"
        if account.currency != self.order["currency"]:
            return "AM03", "the requester's account has another currency"
        if "shares" in self.order:
            return None
        if payer is None:
            return "AC01", "nobody is enrolled with the payer's address"
        if payer.customer is not None and payer.customer == account.customer:
            return "AG01", "it asks the requester"
        return self._switched_off()

    def _payers_refusal(self) -> tuple[str, str] | None:
        payer = self.facts.payer
        if payer is None or payer.account is None:
            return "AC01", "nobody here has this address or account"
        if payer.account.status == "CLOSED":
            return "AC04", "the payer's account is closed"
        if not payer.account.is_open or payer.customer_status != "ACTIVE":
            return "AC06", "the payer's account is blocked"
        currency = self.order["currency"]
        if payer.account.currency != currency or currency not in self.facts.product.currencies:
            return "AM03", "the currency does not fit the payer's account or the product"
        return self._switched_off()

    def _switched_off(self) -> tuple[str, str] | None:
        return None if self.facts.asking_is_on else ("AG01", "the payer switched requests off")
