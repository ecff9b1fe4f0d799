"""One event applied to one return: reviewed and paid back, brought back by a network, refused, or never answered."""

from dataclasses import dataclass
from datetime import datetime

from apps.ledger.domain.account import Account
from apps.transactions.domain.deadlines import EVERY_DAY, Calendar, end_after
from apps.transactions.domain.event import Asked, Assessed, Due, Event, Noted, Returned
from apps.transactions.domain.lifecycle import Driver
from apps.transactions.domain.order import Actor, has_applied
from apps.transactions.domain.outgoing import NOBODY, Type
from apps.transactions.domain.product import Product
from apps.transactions.domain.results import Change, Refused, Skipped
from apps.transactions.domain.return_lifecycle import RETURN
from apps.transactions.domain.return_order import ReturnOrder
from apps.transactions.domain.steps import Steps, refusal_of_command

Result = Change[ReturnOrder] | Refused | Skipped


@dataclass(frozen=True)
class ReturnFacts:
    """`account` is the customer's of ours that is credited or debited; None: it does not exist."""

    product: Product
    account: Account | None
    calendar: Calendar = EVERY_DAY
    shard: int | None = None  # of the bank's own accounts for the network


class _Return(Steps[ReturnOrder]):
    def __init__(
        self, order: ReturnOrder, facts: ReturnFacts, now: datetime, *, actor: Actor, cause: str
    ) -> None:
        super().__init__(order, now, network=facts.product.network, actor=actor, cause=cause)
        self.facts = facts
        self.shard = facts.shard

    def say(self, message: Type, *, status: str | None = None, reason: str | None = None) -> None:
        self.tell(message, debtor=NOBODY, creditor=NOBODY, status=status, reason=reason)

    def ask(self) -> None:
        """Waits for who decides: bank staff when money goes out, the other bank when it should come in."""
        reason, is_inward = self.order["return_reason"], self.order["direction"] == "inward"
        self.step("RETURN_REQUESTED" if is_inward else "RETURN_REVIEW", reason=reason)
        days = self.facts.product.recall_answer_business_days
        due_at = end_after(self.facts.calendar, self.now, business_days=days)
        self.wait("recall_silent" if is_inward else "review_due", due_at)
        if is_inward:
            self.say("camt.056", reason=reason)
        else:
            self.say("camt.029", status="PDCR")

    def bring_back(self, reason: str) -> None:
        """To RETURNED: the customer has the money again; unclaimed when the account is closed."""
        account = self.facts.account
        is_open = account is not None and account.is_open
        self.step("RETURNED", reason=reason, detail=None if is_open else "the account is closed")
        target = self.order["account"]["account"] if is_open else self.own_account("unclaimed")
        self.post("return_in", source=self.own_account("settlement"), target=target)

    def close(self, target: str, *, reason: str, detail: str | None = None) -> None:
        """Ends it without money; the bank that asked is told so."""
        self.step(target, reason=reason, detail=detail)
        if self.order["direction"] == "outward":
            self.say("camt.029", status="RJCR", reason=reason)


def apply_return(order: ReturnOrder, event: Event, facts: ReturnFacts, now: datetime) -> Result:
    """What `event` makes of `order`. A cause that stands in the history is skipped, whatever else is true."""
    if has_applied(order, event.cause):
        return Skipped("cause applied before")
    steps = _Return(order, facts, now, actor=event.actor, cause=event.cause)
    match event:
        case Assessed() if steps.status == "RECEIVED":
            if order["asked"]:
                steps.ask()
            else:
                steps.bring_back(order["return_reason"])
            return steps.change()
        case Asked():
            return _ask(steps, event)
        case Due():
            return _due(steps, event)
        case Returned() if RETURN.takes("returned", steps.status):
            return _returned(steps, event)
        case Noted(what="recall_refused") if RETURN.takes("recall_refused", steps.status):
            steps.close("REFUSED", reason=event.reason or "MS03")
            return steps.change()
        case _:
            return Skipped("nothing that happens to a return now")


def _ask(steps: _Return, event: Asked) -> Result:
    refused = refusal_of_command(steps.order, event.command, Driver(event.actor["kind"]))
    if refused is not None:
        return refused
    if not RETURN.takes(event.command, steps.status):
        detail = f"Only a return under review can be asked this; it is {steps.status}."
        return Refused("return_not_in_review", detail)
    if event.command == "refuse":
        steps.close("REFUSED", reason="NARR", detail=event.reason)
        return steps.change()
    account = steps.facts.account
    if account is None or account.available_minor < steps.order["amount_minor"]:
        return Refused("funds_gone", "The customer's account does not hold the amount any more.")
    steps.step("RETURNED", reason="FOCR", detail=event.reason)
    steps.post("return_out", source=account.id, target=steps.own_account("settlement"))
    steps.say("pacs.004", reason="FOCR")
    steps.say("camt.029", status="IPAY")
    return steps.change()


def _due(steps: _Return, event: Due) -> Result:
    due_at = steps.order["due_at"]
    if steps.order["due_event"] != event.due_event or due_at is None or steps.now < due_at:
        return Refused("not_due", "The return waits for nothing of this kind, or not yet.")
    steps.close("EXPIRED", reason="NOAS")
    return steps.change()


def _returned(steps: _Return, event: Returned) -> Result:
    # Another amount is no answer to this recall: it comes in as a return of its own, beside it.
    if (event.amount_minor, event.currency) != (
        steps.order["amount_minor"],
        steps.order["currency"],
    ):
        return Skipped("another amount than was asked back")
    steps.bring_back(event.reason)
    return steps.change()
