"""One event applied to one receive order: credited, refused, or settled and waiting for compliance."""

from dataclasses import dataclass
from datetime import datetime

from apps.ledger.domain.entry import NetworkKind
from apps.transactions.domain.deadlines import EVERY_DAY, Calendar
from apps.transactions.domain.event import Asked, Assessed, Due, Event, Recalled, Unprocessable
from apps.transactions.domain.facts import Recipient
from apps.transactions.domain.lifecycle import Driver
from apps.transactions.domain.order import Actor, Party, has_applied
from apps.transactions.domain.outgoing import Counterparty, Type
from apps.transactions.domain.product import Product
from apps.transactions.domain.receive_lifecycle import RECEIVE
from apps.transactions.domain.receive_order import ReceiveOrder
from apps.transactions.domain.results import Change, Refused, Skipped
from apps.transactions.domain.return_order import return_of
from apps.transactions.domain.steps import Steps, refusal_of_command

Result = Change[ReceiveOrder] | Refused | Skipped


@dataclass(frozen=True)
class ReceiveFacts:
    """`recipient` is None when nobody of ours has the alias or account; `linked` are ids of linked orders."""

    product: Product
    recipient: Recipient | None
    calendar: Calendar = EVERY_DAY
    linked: frozenset[str] = frozenset()
    shard: int | None = None  # of the bank's own accounts for the network


class _Receipt(Steps[ReceiveOrder]):
    def __init__(
        self, order: ReceiveOrder, facts: ReceiveFacts, now: datetime, *, actor: Actor, cause: str
    ) -> None:
        super().__init__(order, now, network=facts.product.network, actor=actor, cause=cause)
        self.facts = facts
        self.shard = facts.shard

    def answer(self, status: str, *, message: Type = "pacs.002", reason: str | None = None) -> None:
        self.tell(
            message,
            debtor=Counterparty(self.order["debtor_name"], self.order["debtor_bank"]),
            creditor=Counterparty(self.order["payee_name"], alias=self.order["alias_key"]),
            status=status,
            reason=reason,
        )

    def refusal(self) -> tuple[str, str] | None:
        """Why it can't be credited, by ISO code."""
        recipient, most_minor = self.facts.recipient, self.facts.product.inbound_minor_max
        if recipient is None or recipient.account is None:
            return "AC03", "nobody here has this address or account"
        if recipient.account.status == "CLOSED":
            return "AC04", "the recipient's account is closed"
        if not recipient.account.is_open or recipient.customer_status != "ACTIVE":
            return "AC06", "the recipient's account is blocked"
        if recipient.account.currency != self.order["currency"]:
            return "AM03", "the recipient's account has another currency"
        if most_minor is not None and self.order["amount_minor"] > most_minor:
            return "AM14", "over the limit for one payment that the network brings"
        return None

    def post_from(self, source: str) -> None:
        """To POSTED: credits the recipient and tells the network so."""
        recipient = self.facts.recipient
        assert recipient is not None  # noqa: S101 - narrows the type
        assert recipient.account is not None  # noqa: S101 - narrows the type
        assert recipient.customer is not None  # noqa: S101 - narrows the type
        self.step("POSTED")
        self.order["creditor"] = Party(customer=recipient.customer, account=recipient.account.id)
        kind: NetworkKind = "receipt"
        if source != self.own_account("settlement"):
            kind = "release"
        self.post(kind, source=source, target=recipient.account.id)
        self.answer("ACCC")

    def set_aside(self, *, reason: str, detail: str) -> None:
        """To ACCEPTED_NOT_POSTED: the money is the network's no more and nobody's yet."""
        self.step("ACCEPTED_NOT_POSTED", reason=reason, detail=detail)
        due_at = self.facts.calendar.end_of_next_business_day(self.now)
        self.wait("review_due", due_at)
        settlement, suspense = self.own_account("settlement"), self.own_account("suspense")
        self.post("suspense", source=settlement, target=suspense)
        self.answer("ACWP")


def apply_receive(order: ReceiveOrder, event: Event, facts: ReceiveFacts, now: datetime) -> Result:
    """What `event` makes of `order`. A cause that stands in the history is skipped, whatever else is true."""
    if has_applied(order, event.cause):
        return Skipped("cause applied before")
    receipt = _Receipt(order, facts, now, actor=event.actor, cause=event.cause)
    match event:
        case Assessed():
            return _assess(receipt, event)
        case Asked():
            return _ask(receipt, event)
        case Due():
            return _due(receipt, event)
        case Recalled():
            return _recall(receipt, event)
        case Unprocessable() if receipt.status == "RECEIVED":
            receipt.set_aside(reason="NARR", detail=event.detail)
            return receipt.change()
        case _:
            return Skipped("nothing that happens to a receive order now")


def _assess(receipt: _Receipt, event: Assessed) -> Result:
    if receipt.status != "RECEIVED":
        return Skipped("assessed before")
    refusal = receipt.refusal()
    if refusal is not None:
        receipt.step("REJECTED", reason=refusal[0], detail=refusal[1])
        receipt.answer("RJCT", reason=refusal[0])
    elif event.signals:
        receipt.set_aside(reason=event.signals[0].reason, detail=event.signals[0].detail)
    else:
        receipt.step("ACCEPTED")
        receipt.post_from(receipt.own_account("settlement"))
    return receipt.change()


def _ask(receipt: _Receipt, event: Asked) -> Result:
    refused = refusal_of_command(receipt.order, event.command, Driver(event.actor["kind"]))
    if refused is not None:
        return refused
    if not RECEIVE.takes(event.command, receipt.status):
        detail = f"Only money that waits for a decision can be asked this; it is {receipt.status}."
        return Refused("order_not_waiting", detail)
    suspense = receipt.own_account("suspense")
    if event.command == "release":
        refusal = receipt.refusal()
        if refusal is not None:
            return Refused("recipient_not_payable", f"It can only go back: {refusal[1]}.")
        receipt.post_from(suspense)
    elif event.command == "return":
        receipt.step("REJECTED", reason="NARR", detail=event.reason)
        receipt.post("return_out", source=suspense, target=receipt.own_account("settlement"))
        receipt.answer("RJCT", message="pacs.004", reason="NARR")
    else:
        # 31 CFR 501.603: the money stays where it is, and the blocking is reported within 10 business days.
        receipt.step("BLOCKED", reason="RR04", detail=event.reason)
        receipt.answer("BLCK")
    return receipt.change()


def _due(receipt: _Receipt, event: Due) -> Result:
    due_at = receipt.order["due_at"]
    if receipt.order["due_event"] != event.due_event or due_at is None or receipt.now < due_at:
        return Refused("not_due", "The order waits for nothing of this kind, or not yet.")
    last = receipt.order["history"][-1]
    receipt.step("PENDING", reason=last["reason"], detail=last["detail"])
    receipt.answer("PDNG")
    return receipt.change()


def _recall(receipt: _Receipt, event: Recalled) -> Result:
    """Posted money is asked back: a return of its own, which bank staff answer; the order stays POSTED."""
    creditor = receipt.order["creditor"]
    if not RECEIVE.takes("recalled", receipt.status) or creditor is None:
        return Skipped("nothing that could be returned")
    made = return_of(
        receipt.order,
        direction="outward",
        account=creditor,
        asked=True,
        by_id="recall",
        amount_minor=receipt.order["amount_minor"],
        reason=event.reason,
        detail=None,
        actor=event.actor,
        now=receipt.now,
    )
    if made["_id"] in receipt.facts.linked:
        return Skipped("asked before")
    receipt.caused.append(made)
    return receipt.change()
