"""A small bank in memory: what property tests let happen to orders, with the books kept beside."""

import copy
from dataclasses import replace
from datetime import datetime, timedelta

from apps.ledger.domain.account import Account, post
from apps.ledger.domain.entry import Entry, holds_account
from apps.transactions.domain.apply import Applied, apply
from apps.transactions.domain.event import Event
from apps.transactions.domain.facts import Facts, Recipient
from apps.transactions.domain.limits import Limits, Usage, day_of, usage_id
from apps.transactions.domain.order import IllegalMove, Order, advance
from apps.transactions.domain.results import Refused, Skipped
from apps.transactions.products.zelle import ZELLE
from tests.support.core import ELSEWHERE, NOW, STREAM, a_new_order, an_account

NAMES = ("ann", "bob", "cid")
# Tight enough that some orders break each of them.
LIMITS = Limits(order_minor=900, day_minor=1_500, day_count=3)
_SETTLEMENT = "acc_int_settlement_zelle_USD"


class World:
    """Customers with one account each, orders between them, and everything that may change around an order."""

    def __init__(self, *, funds_minor: int = 1_000) -> None:
        self.now: datetime = NOW
        self.orders: dict[str, Order] = {}
        self.entries: list[Entry] = []
        self.usage: dict[str, Usage] = {}
        # Cases and returns beside each order, by id.
        self.linked: dict[str, set[str]] = {}
        self.suspended: set[str] = set()
        self.elsewhere: set[str] = set()
        self.enrolled = {"ann", "bob"}
        accounts = [
            an_account(f"acc_{name}", customer=f"cus_{name}", posted_minor=funds_minor)
            for name in NAMES
        ]
        internal = [holds_account("USD", shard) for shard in range(2)] + [_SETTLEMENT]
        accounts += [an_account(name, customer=None, posted_minor=0) for name in internal]
        self.accounts: dict[str, Account] = {account.id: account for account in accounts}

    def accept(self, order_id: str, debtor: str, creditor: str, amount_minor: int) -> None:
        self.orders[order_id] = a_new_order(
            order_id,
            debtor_customer=f"cus_{debtor}",
            debtor_account=f"acc_{debtor}",
            payee=f"pay_{creditor}",
            alias_key=creditor,
            amount_minor=amount_minor,
            now=self.now,
        )

    def schedules(self, order_id: str) -> None:
        """The order is for the day after tomorrow."""
        order = advance(
            self.orders[order_id], "SCHEDULED", actor=STREAM, cause="at acceptance", now=self.now
        )
        order["due_at"], order["due_event"] = self.now + timedelta(days=2), "execute_on"
        self.orders[order_id] = order

    def happens(self, order_id: str, event: Event) -> Applied | Refused | Skipped | None:
        """Applies the event and keeps the books; None when the core calls it a defect of the caller."""
        order = self.orders[order_id]
        try:
            result = apply(order, event, self._facts(order), self.now)
        except IllegalMove:
            return None
        if isinstance(result, Applied):
            self.accounts |= post(self.accounts, result.entries)
            self.entries += result.entries
            self.orders[order_id] = result.order
            beside = {case.id for case in result.cases} | {each["_id"] for each in result.caused}
            if beside:
                self.linked.setdefault(order_id, set()).update(beside)
            for change in result.usage:
                self.usage[change.id] = self.usage.get(change.id, Usage()).plus(
                    amount_minor=change.amount_minor, count=change.count
                )
        return result

    def changes(self, what: str, name: str) -> None:
        """Something around the orders changes: customers come, go and are suspended; accounts close; days pass."""
        match what:
            case "days pass":
                self.now += timedelta(days=5)
            case "enrols":
                self.enrolled.add(name)
            case "leaves":
                self.enrolled.discard(name)
            case "is suspended":
                self.suspended.add(name)
            case "is reinstated":
                self.suspended.discard(name)
            case "banks elsewhere":
                self.elsewhere ^= {name}
            case "closes or opens":
                account = self.accounts[f"acc_{name}"]
                status = "CLOSED" if account.is_open else "OPEN"
                self.accounts[account.id] = replace(account, status=status)

    def snapshot(self) -> dict[str, object]:
        kept = (self.orders, self.entries, self.usage, self.accounts, self.linked)
        names = "orders entries usage accounts linked".split()
        return dict(zip(names, copy.deepcopy(kept), strict=True))

    def _facts(self, order: Order) -> Facts:
        debtor = order["debtor"]
        used = usage_id(
            customer=debtor["customer"], product="zelle", currency="USD", day=day_of(self.now)
        )
        return Facts(
            product=ZELLE,
            limits=LIMITS,
            usage=self.usage.get(used, Usage()),
            customer_status=self._status(debtor["customer"].removeprefix("cus_")),
            debtor=self.accounts[debtor["account"]],
            payee_status="ACTIVE",
            recipient=self._recipient(order["alias_key"] or ""),
            holds_account=holds_account("USD", len(debtor["account"]) % 2),
            linked=frozenset(self.linked.get(order["_id"], ())),
        )

    def _recipient(self, name: str) -> Recipient | None:
        if name in self.elsewhere:
            return ELSEWHERE
        if name not in self.enrolled:
            return None
        return Recipient(f"cus_{name}", self._status(name), self.accounts[f"acc_{name}"])

    def _status(self, name: str) -> str:
        return "SUSPENDED" if name in self.suspended else "ACTIVE"
