"""One send order on its way through several steps for one cause, gathering entries and limit usage as it goes."""

from datetime import date, datetime, timedelta

from apps.ledger.domain import entry as ledger
from apps.transactions.domain import limits
from apps.transactions.domain.deadlines import start_of
from apps.transactions.domain.event import Signal
from apps.transactions.domain.facts import Facts, Recipient
from apps.transactions.domain.lifecycle import STATUSES
from apps.transactions.domain.limits import UsageChange as UsageChange
from apps.transactions.domain.order import Actor, Order, Party
from apps.transactions.domain.outgoing import NOBODY, Counterparty, Type
from apps.transactions.domain.return_order import ReturnOrder, return_of
from apps.transactions.domain.steps import Steps

NEW_PAYEE = Signal("NARR", "the payee is new")


class Passage(Steps[Order]):
    """Mutable only inside one `apply`: the caller sees the result or nothing."""

    def __init__(
        self, order: Order, facts: Facts, now: datetime, *, actor: Actor, cause: str
    ) -> None:
        network = facts.product.network or order["product"]
        super().__init__(order, now, network=network, actor=actor, cause=cause)
        self.facts = facts
        self.shard = facts.shard

    @property
    def network_account(self) -> str:
        return self.own_account("settlement")

    @property
    def is_validated(self) -> bool:
        """Whether it counts in a day's limits, which every order does from its validation on."""
        return self.order["limit_day"] is not None

    @property
    def was_sent(self) -> bool:
        """Whether the network has it, or had."""
        return any(step["status"] == "SUBMITTED" for step in self.order["history"])

    @property
    def is_for_later(self) -> bool:
        """Whether the day that it is to be paid on is yet to come."""
        day = self.order.get("execute_on")
        return day is not None and date.fromisoformat(day) > self.facts.calendar.date_of(self.now)

    def postpone(self) -> None:
        """To SCHEDULED until its day begins; to REJECTED when the sender could not pay today for another reason."""
        refusal = self._sender_refusal()
        if refusal is not None:
            self.step("REJECTED", reason=refusal[0], detail=refusal[1])
            return
        self.step("SCHEDULED")
        self.wait("execute_on", start_of(self.facts.calendar, self.order["execute_on"]))

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

    def fund_unless_held(self, signals: tuple[Signal, ...] = ()) -> None:
        """To HELD for what a signal saw, or because the payee is new; else `fund_and_route`."""
        if not signals and self.facts.payee_verdict == "hold":
            signals = (NEW_PAYEE,)
        if signals:
            self.step("HELD", reason=signals[0].reason, detail=signals[0].detail)
        else:
            self.fund_and_route()

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
        if recipient is None and self.order["alias_key"] is not None:
            self.step("AWAITING_CLAIM")
            days = timedelta(days=self.facts.product.claim_days)
            self.wait("claim_expired", self.now + days)
        elif recipient is None and self.order["creditor"] is not None:
            # It pays a request of a customer of ours, as was settled when the request was accepted.
            self.finish("REJECTED", reason="AC01", detail="the requester's account is gone")
        elif recipient is None or not recipient.is_on_us:
            self.submit()
        else:
            self._pay(recipient)

    def submit(self) -> None:
        """To SUBMITTED: the network gets the payment once, and must answer in time."""
        self.step("SUBMITTED")
        self.wait("network_silent", self.facts.product.answer_due_at(self.now, self.facts.calendar))
        self.tell_network("pacs.008")

    def investigate(self) -> None:
        """To INVESTIGATE: asks what became of it, again and again, but never sends it again."""
        product = self.facts.product
        self.step("INVESTIGATE", reason="NOAS")
        asked = sum(step["status"] == "INVESTIGATE" for step in self.order["history"])
        if asked < product.enquiries_max:
            self.wait("enquiry_due", self.now + timedelta(seconds=product.enquiry_seconds))
        self.tell_network("pacs.028")

    def tell_network(self, message: Type) -> None:
        debtor = self.order["debtor"]
        creditor = self._far_side()
        self.tell(
            message,
            debtor=Counterparty(account=debtor["account"]),
            creditor=Counterparty(
                name=creditor.name or self.order["payee_name"],
                bank=creditor.bank,
                account=creditor.account,
                alias=self.order["alias_key"] or creditor.alias,
            ),
        )

    def _far_side(self) -> Counterparty:
        """As the bank knows them, else as the request named them that this order pays."""
        said = self.order.get("counterparty")
        if self.facts.counterparty != NOBODY or said is None:
            return self.facts.counterparty
        return Counterparty(**said)

    def cause_return(
        self,
        *,
        asked: bool,
        by_id: str,
        amount_minor: int,
        reason: str,
        detail: str | None = None,
    ) -> bool:
        """An inward return, linked to this order, which stays as it is. False when it was caused before."""
        made: ReturnOrder = return_of(
            self.order,
            direction="inward",
            account=self.order["debtor"],
            asked=asked,
            by_id=by_id,
            amount_minor=amount_minor,
            reason=reason,
            detail=detail,
            actor=self.actor,
            now=self.now,
        )
        if made["_id"] in self.facts.linked:
            return False
        self.caused.append(made)
        return True

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
        if not facts.sending_is_on:
            return "AG01", "the sender switched sending off"
        if debtor is None or debtor.customer != order["debtor"]["customer"]:
            return "AC01", "the account is not the sender's"
        if not debtor.is_open:
            return "AC04", "the sender's account is closed"
        if (
            debtor.currency != order["currency"]
            or order["currency"] not in facts.product.currencies
        ):
            return "AM03", "the currency does not fit the account or the product"
        # Whom a request is paid to, its acceptance says; nobody saved them as a payee.
        return None if "caused_by" in order else self._payee_refusal()

    def _payee_refusal(self) -> tuple[str, str] | None:
        targets = self.facts.product.targets
        if self.order["alias_key"] is None and "account" not in targets:
            return "AC01", "the payee has no e-mail address or phone number to pay to"
        if self.order["alias_key"] is not None and "alias" not in targets:
            return "AC01", "the payee has no account to pay to"
        if self.facts.payee_status == "SUSPENDED":
            return "AG01", "the payee is suspended"
        if self.facts.payee_status != "ACTIVE":
            return "AG01", "the payee was removed"
        return None

    def _limit_refusal(self) -> tuple[str, str] | None:
        facts = self.facts
        breach = limits.breach(
            facts.limits,
            facts.usage,
            self.order["amount_minor"],
            week=facts.week,
            month=facts.month,
            own=facts.own_limits,
        )
        if breach:
            return "AM14", breach
        return None if facts.payee_verdict == "hold" else facts.payee_verdict

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
        if not recipient.receiving_is_on:
            return "AG01", "the recipient switched receiving off"
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
