"""Step 3 of the SOR transaction: what each kind of order is decided by, from what was read; pure."""

from collections.abc import Callable

from apps.ledger.domain.entry import holds_account
from apps.profiles.domain.preferences import OwnLimits, is_on
from apps.transactions.calendar import BUSINESS_CALENDAR
from apps.transactions.domain.apply_receive import ReceiveFacts
from apps.transactions.domain.apply_return import ReturnFacts
from apps.transactions.domain.facts import Facts, Recipient
from apps.transactions.domain.limits import (
    NO_USE,
    Limits,
    Usage,
    day_of,
    days_counted,
    week_and_month,
)
from apps.transactions.domain.order import AnyOrder, Order
from apps.transactions.domain.outgoing import NOBODY, Counterparty
from apps.transactions.domain.receive_order import ReceiveOrder
from apps.transactions.domain.request_order import RequestOrder
from apps.transactions.domain.request_steps import RequestFacts
from apps.transactions.domain.return_order import ReturnOrder
from apps.transactions.products.registry import product
from streaming.sor.element import LEDGER_SHARDS, shard_of
from streaming.sor.surroundings import Alias, Surroundings, usage_of
from streaming.sor.trust import Trust

# How an order of its kind ends that pays what it is for.
_PAYS = frozenset({("send", "COMPLETED"), ("receive", "POSTED")})


class FactsFound:
    """Facts of orders on the values so far: what one element changes is seen by the next."""

    def __init__(self, found: Surroundings, limits: Callable[[str], Limits], trust: Trust) -> None:
        self.found = found
        self.limits = limits
        self.trust = trust

    def of_send(self, order: Order) -> Facts:
        found = self.found
        debtor, name = order["debtor"], order["product"]
        said = found.preferences.get(debtor["customer"])
        own = found.own_limits_of(order)
        limits = self.limits(name)
        today, week, month = self._used(order, limits, own)
        return Facts(
            product=product(name),
            limits=limits,
            usage=today,
            week=week,
            month=month,
            customer_status=found.customers.get(debtor["customer"]),
            debtor=found.accounts.get(debtor["account"]),
            payee_status=found.payees.get(order["payee"]),
            calendar=BUSINESS_CALENDAR,
            recipient=self._recipient_of(order),
            holds_account=holds_account(
                order["currency"], shard_of(debtor["account"], LEDGER_SHARDS)
            ),
            own_limits=own,
            sending_is_on=is_on(said, product=name, switch="send"),
            counterparty=self._counterparty_of(order),
            payee_verdict=self.trust.verdict(order),
            linked=self._linked(order),
            returned_minor=self._returned_minor(order),
            shard=_shard_of(order),
        )

    def of_receive(self, order: ReceiveOrder) -> ReceiveFacts:
        return ReceiveFacts(
            product=product(order["product"]),
            recipient=self._credited(order),
            calendar=BUSINESS_CALENDAR,
            linked=self._linked(order),
            shard=_shard_of(order),
        )

    def of_return(self, order: ReturnOrder) -> ReturnFacts:
        return ReturnFacts(
            product=product(order["product"]),
            account=self.found.accounts.get(order["account"]["account"]),
            calendar=BUSINESS_CALENDAR,
            shard=_shard_of(order),
        )

    def of_request(self, order: RequestOrder) -> RequestFacts:
        found, name = self.found, order["product"]
        creditor = order["creditor"]
        customer = creditor["customer"] if creditor else ""
        caused = found.caused_by(order["_id"])
        payer = self._asked(order)
        said = found.preferences.get(payer.customer or "") if payer else None
        return RequestFacts(
            product=product(name),
            requester_name=found.names.get(customer, ""),
            requester_status=found.customers.get(customer),
            requester_account=found.accounts.get(creditor["account"]) if creditor else None,
            payer=payer,
            asking_is_on=is_on(said, product=name, switch="request"),
            calendar=BUSINESS_CALENDAR,
            children=tuple(each["status"] for each in caused if each["kind"] == "request"),
            was_instructed=any(_was_instructed(each) for each in caused if each["kind"] == "send"),
            is_paid=any((each["kind"], each["status"]) in _PAYS for each in caused),
        )

    def _used(self, order: Order, limits: Limits, own: OwnLimits) -> tuple[Usage, Usage, Usage]:
        """Today, in this week and in this month, the last two as far as they have a limit."""
        now = self.found.now
        days = {
            day: self.found.usage.get(usage_of(order, day), NO_USE)
            for day in days_counted(limits, now, own)
        }
        return (days[day_of(now)], *week_and_month(days, now))

    def _recipient_of(self, order: Order) -> Recipient | None:
        creditor = order["creditor"]
        if "caused_by" in order and creditor is not None:
            return self._holder(creditor["customer"], creditor["account"], order["product"])
        return self._served(order["alias_key"], order["product"])

    def _served(self, alias_key: str | None, product_name: str) -> Recipient | None:
        """Who has the alias: one of ours, or somebody at another bank of the product's network."""
        alias = self.found.aliases.get(alias_key or "")
        if alias is not None:
            return self._owner(alias, product_name)
        if self._elsewhere(alias_key, product_name) is not None:
            return Recipient(customer=None, customer_status=None, account=None)
        return None

    def _owner(self, alias: Alias, product_name: str) -> Recipient:
        return self._holder(alias.customer, alias.account, product_name)

    def _holder(self, customer: str, account: str, product_name: str) -> Recipient:
        # An account that is missing is damage, and must not look like one at another bank.
        return Recipient(
            customer,
            self.found.customers.get(customer),
            self.found.accounts[account],
            is_on(self.found.preferences.get(customer), product=product_name, switch="receive"),
        )

    def _asked(self, order: RequestOrder) -> Recipient | None:
        """Who is asked for money: whoever has the alias, or the holder of the account that a network named."""
        if order["creditor"] is not None:
            return self._served(order["alias_key"], order["product"])
        return self._named(order, order["alias_key"], order.get("account"))

    def _credited(self, order: ReceiveOrder) -> Recipient | None:
        return self._named(order, order["alias_key"], order["route"].get("account"))

    def _named(
        self, order: AnyOrder, alias_key: str | None, account_id: str | None
    ) -> Recipient | None:
        """A customer of ours, by alias when the network named one, else by the account's id."""
        if alias_key is not None:
            alias = self.found.aliases.get(alias_key)
            return self._owner(alias, order["product"]) if alias else None
        account = self.found.accounts.get(account_id or "")
        if account is None or account.customer is None:
            return None
        return self._holder(account.customer, account.id, order["product"])

    def _elsewhere(self, alias_key: str | None, product_name: str) -> Counterparty | None:
        if alias_key is None:
            return None
        return self.found.elsewhere.get(f"{product(product_name).network}:{alias_key}")

    def _counterparty_of(self, order: Order) -> Counterparty:
        if order["alias_key"] is not None:
            return self._elsewhere(order["alias_key"], order["product"]) or NOBODY
        return self.found.payee_accounts.get(order["payee"], NOBODY)

    def _linked(self, order: AnyOrder) -> frozenset[str]:
        caused, cases = self.found.caused, self.found.cases
        return frozenset([*caused.get(order["_id"], ()), *cases.get(order["_id"], ())])

    def _returned_minor(self, order: Order) -> int:
        """What came back, and what is coming back without being asked for."""
        return sum(
            linked["amount_minor"]
            for linked in self.found.caused_by(order["_id"])
            if linked["kind"] == "return"
            and (linked["status"] == "RETURNED" or not (_is_asked(linked) or linked["final"]))
        )


def _was_instructed(order: AnyOrder) -> bool:
    return any(step["status"] == "SUBMITTED" for step in order["history"])


def _is_asked(order: AnyOrder) -> bool:
    return bool(dict(order).get("asked"))


def _shard_of(order: AnyOrder) -> int:
    """An order keeps to one sub-account of each of the bank's own for its whole life."""
    return shard_of(order["_id"], LEDGER_SHARDS)
