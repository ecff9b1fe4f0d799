"""One order on its way through several steps for one cause, gathering entries and limit usage as it goes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.ledger.domain import entry as ledger
from apps.ledger.domain.entry import Entry
from apps.transactions.domain import limits
from apps.transactions.domain.facts import Facts, Recipient
from apps.transactions.domain.lifecycle import STATUSES, Driver, may_move
from apps.transactions.domain.order import Actor, Order, Party, advance


@dataclass(frozen=True)
class UsageChange:
    """What to add to one customer's use of one product on one day (negative when it is released)."""

    id: str
    customer: str
    product: str
    currency: str
    day: str
    amount_minor: int
    count: int


class Passage:
    """Mutable only inside one `apply`: the caller sees the result or nothing."""

    def __init__(
        self, order: Order, facts: Facts, now: datetime, *, actor: Actor, cause: str
    ) -> None:
        self.order = order
        self.facts = facts
        self.now = now
        self.actor = actor
        self.cause = cause
        self.entries: list[Entry] = []
        self.usage: list[UsageChange] = []

    @property
    def status(self) -> str:
        return self.order["status"]

    @property
    def network_account(self) -> str:
        return f"acc_int_settlement_{self.order['product']}_{self.order['currency']}"

    @property
    def is_validated(self) -> bool:
        """Whether it counts in a day's limits, which every order does from its validation on."""
        return self.order["limit_day"] is not None

    def may(self, target: str) -> bool:
        return may_move(self.status, target, Driver(self.actor["kind"]))

    def step(self, target: str, *, reason: str | None = None, detail: str | None = None) -> None:
        self.order = advance(
            self.order,
            target,
            actor=self.actor,
            cause=self.cause,
            now=self.now,
            reason=reason,
            detail=detail,
        )

    def validate(self) -> bool:
        """To VALIDATED, counting in the day's limits; or to REJECTED. True while the order lives."""
        refusal = self._sender_refusal() or self._limit_refusal()
        if refusal is not None:
            self.step("REJECTED", reason=refusal[0], detail=refusal[1])
            return False
        self.step("VALIDATED")
        day = limits.day_of(self.now)
        self.order["limit_day"] = day
        self._use_limits(day, self.order["amount_minor"], 1)
        return True

    def fund_and_route(self) -> None:
        """Sets the money aside and sends it on; to REJECTED when it is not there.

        The sender is looked at again: between validation and release from a hold days may pass. Raises NotPositive
        when the order was damaged: it would take money from the recipient.
        """
        ledger.assert_positive(self.order["amount_minor"], cause=self.order["_id"])
        refusal = self._sender_refusal() or self._funds_refusal()
        if refusal is not None:
            self.finish("REJECTED", reason=refusal[0], detail=refusal[1])
            return
        debtor = self.order["debtor"]["account"]
        self.step("FUNDED")
        self.entries.append(
            ledger.hold(
                order=self.order["_id"],
                version=self.order["version"],
                debtor=debtor,
                holds=self.facts.holds_account,
                amount_minor=self.order["amount_minor"],
                currency=self.order["currency"],
                at=self.now,
            )
        )
        self.route()

    def route(self) -> None:
        """Where funds that are set aside go: to the recipient, to the network, or nowhere until a claim."""
        recipient = self.facts.recipient
        if recipient is None:
            self.step("AWAITING_CLAIM")
            self.order["due_at"] = self.now + timedelta(days=self.facts.product.claim_days)
            self.order["due_event"] = "claim_expired"
        elif not recipient.is_on_us:
            self.step("SUBMITTED")
        else:
            self._pay(recipient)

    def complete(self, creditor: str) -> None:
        """To COMPLETED: the money goes to the account `creditor`.

        What was set aside in this very passage was never set aside for anyone to see: it moves by one entry.
        """
        was_set_aside = not self._forget_hold()
        self.step("COMPLETED")
        if not was_set_aside:
            self.entries.append(
                ledger.transfer(
                    order=self.order["_id"],
                    version=self.order["version"],
                    debtor=self.order["debtor"]["account"],
                    creditor=creditor,
                    amount_minor=self.order["amount_minor"],
                    currency=self.order["currency"],
                    at=self.now,
                )
            )
            return
        self.entries.append(
            ledger.capture(
                order=self.order["_id"],
                version=self.order["version"],
                debtor=self.order["debtor"]["account"],
                creditor=creditor,
                holds=self.facts.holds_account,
                amount_minor=self.order["amount_minor"],
                currency=self.order["currency"],
                at=self.now,
            )
        )

    def finish(self, target: str, *, reason: str, detail: str | None = None) -> None:
        """To a final state without payment: frees the money set aside and the day's limits."""
        held = STATUSES[self.status].holds_money and not self._forget_hold()
        self.step(target, reason=reason, detail=detail)
        if held:
            self.entries.append(
                ledger.void(
                    order=self.order["_id"],
                    version=self.order["version"],
                    debtor=self.order["debtor"]["account"],
                    holds=self.facts.holds_account,
                    amount_minor=self.order["amount_minor"],
                    currency=self.order["currency"],
                    at=self.now,
                )
            )
        if self.order["limit_day"] is not None:
            self._use_limits(self.order["limit_day"], -self.order["amount_minor"], -1)
            self.order["limit_day"] = None

    def _forget_hold(self) -> bool:
        """Takes back the hold that this passage made, if it did: nobody has seen it. True when it did."""
        made_here = bool(self.entries) and self.entries[-1]["kind"] == "hold"
        if made_here:
            self.entries.pop()
        return made_here

    def _pay(self, recipient: Recipient) -> None:
        account = recipient.account
        assert account is not None  # noqa: S101 - narrows the type
        assert recipient.customer is not None  # noqa: S101 - narrows the type
        refusal = self._recipient_refusal(recipient)
        if refusal is not None:
            self.finish("REJECTED", reason=refusal[0], detail=refusal[1])
            return
        self.complete(account.id)
        self.order["creditor"] = Party(customer=recipient.customer, account=account.id)

    def _sender_refusal(self) -> tuple[str, str] | None:
        order, facts = self.order, self.facts
        debtor = facts.debtor
        if facts.customer_status != "ACTIVE":
            return "AG01", "the sender is not an active customer"
        if debtor is None or debtor.customer != order["debtor"]["customer"]:
            return "AC01", "the account is not the sender's"
        if not debtor.is_open:
            return "AC04", "the sender's account is closed"
        if (
            debtor.currency != order["currency"]
            or order["currency"] not in facts.product.currencies
        ):
            return "AM03", "the currency does not fit the account or the product"
        if order["alias_key"] is None:
            return "AC01", "the payee has no e-mail address or phone number to pay to"
        if facts.payee_status != "ACTIVE":
            return "AG01", "the payee was removed"
        return None

    def _limit_refusal(self) -> tuple[str, str] | None:
        breach = limits.breach(self.facts.limits, self.facts.usage, self.order["amount_minor"])
        return ("AM14", breach) if breach else None

    def _funds_refusal(self) -> tuple[str, None] | None:
        debtor = self.facts.debtor
        if debtor is None or debtor.available_minor < self.order["amount_minor"]:
            return "AM04", None
        return None

    def _recipient_refusal(self, recipient: Recipient) -> tuple[str, str] | None:
        account = recipient.account
        assert account is not None  # noqa: S101 - narrows the type
        if account.id == self.order["debtor"]["account"]:
            return "AG01", "the recipient's account is the sender's own"
        if recipient.customer_status != "ACTIVE":
            return "AG01", "the recipient is not an active customer"
        if not account.is_open:
            return "AC04", "the recipient's account is closed"
        if account.currency != self.order["currency"]:
            return "AM03", "the recipient's account has another currency"
        return None

    def _use_limits(self, day: str, amount_minor: int, count: int) -> None:
        order = self.order
        customer, product, currency = (
            order["debtor"]["customer"],
            order["product"],
            order["currency"],
        )
        self.usage.append(
            UsageChange(
                id=limits.usage_id(customer=customer, product=product, currency=currency, day=day),
                customer=customer,
                product=product,
                currency=currency,
                day=day,
                amount_minor=amount_minor,
                count=count,
            )
        )
