"""The system of record in memory: what `read` and `write` do to MongoDB, done to dictionaries."""

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from apps.ledger.domain.account import Account
from apps.ledger.domain.entry import Entry
from apps.transactions.domain.limits import Limits, Usage
from apps.transactions.domain.order import Actor, Order
from streaming.sor.element import AliasElement, Element
from streaming.sor.plan import Plan, Planner
from streaming.sor.surroundings import Alias, Surroundings
from tests.support.core import NOW, a_new_order, an_account

NAMES = ("ann", "bob", "cid")
# Each of them, and the funds, is what some customer meets first.
LIMITS = Limits(order_minor=900, day_minor=1_200, day_count=3)
FUNDS_MINOR = 1_000
log = logging.getLogger("tests.sor")
log.disabled = True  # planted damage is told there at length


class Memory:
    """Three customers with an account and an alias each, and what settled batches made of it."""

    def __init__(self, *, active: Sequence[str] = ()) -> None:
        self.now: datetime = NOW
        self.limits = LIMITS
        self.orders: dict[str, Order] = {}
        self.commands: dict[str, dict[str, Any]] = {}
        self.outcomes: dict[str, dict[str, Any]] = {}
        self.entries: dict[str, Entry] = {}
        self.usage: dict[str, Usage] = {}
        self.dead: dict[str, dict[str, Any]] = {}
        self.active: set[str] = set(active)
        self.preferences: dict[str, dict[str, Any]] = {}
        self.accounts: dict[str, Account] = {
            f"acc_{name}": an_account(
                f"acc_{name}", customer=f"cus_{name}", posted_minor=FUNDS_MINOR
            )
            for name in NAMES
        }

    def accept(self, order_id: str, debtor: str, creditor: str, amount_minor: int) -> None:
        self.orders[order_id] = a_new_order(
            order_id,
            debtor_customer=f"cus_{debtor}",
            debtor_account=f"acc_{debtor}",
            payee=f"pay_{creditor}",
            alias_key=creditor,
            amount_minor=amount_minor,
        )

    def prefers(self, name: str, **zelle: Any) -> None:
        """What the customer said of sending by Zelle."""
        self.preferences[f"cus_{name}"] = {"products": {"zelle": zelle}}

    def ask(self, command_id: str, order_id: str, command: str, by: str) -> None:
        self.commands[command_id] = {
            "_id": command_id,
            "order": order_id,
            "type": command,
            "actor": {"kind": by, "id": "who"},
            "reason": "asked",
        }

    def is_due(self, command_id: str, order_id: str, due_event: str) -> None:
        """The clock asks it of the order."""
        self.ask(command_id, order_id, "clock", "clock")
        self.commands[command_id]["due_event"] = due_event

    def plan(self, elements: Sequence[Element], found: Surroundings | None = None) -> Plan:
        """What would be written; on `found` instead of what is stored when it is given."""
        planner = Planner(
            flow="send_money",
            actor=Actor(kind="stream", id="send_money#1"),
            limits=self.limits,
            found=found or self.surroundings(elements),
            log=log,
        )
        return planner.decide(elements)

    def settle(self, elements: Sequence[Element]) -> Plan:
        """Plans the elements on what is stored and stores the result, like one transaction."""
        plan = self.plan(elements)
        for order_id, (read_at, order) in plan.orders.items():
            assert self.orders[order_id]["version"] == read_at
            assert order["history"][:read_at] == self.orders[order_id]["history"]
            self.orders[order_id] = cast(Order, order)
        for entry in plan.entries:
            assert entry["_id"] not in self.entries
            self.entries[entry["_id"]] = entry
            for line in entry["lines"]:
                self._add(line["account"], line["layer"], line["amount_minor"])
        for outcome in plan.outcomes:
            assert outcome["_id"] not in self.outcomes
            self.outcomes[outcome["_id"]] = outcome
        for use in plan.usage:
            self.usage[use.id] = self.usage.get(use.id, Usage()).plus(
                amount_minor=use.amount_minor, count=use.count
            )
        for letter in plan.dead_letters:
            self.dead.setdefault(letter["_id"], letter)
        return plan

    def surroundings(self, elements: Sequence[Element]) -> Surroundings:
        found = Surroundings(self.now)
        found.orders = dict(self.orders)
        found.commands = dict(self.commands)
        found.outcomes = set(self.outcomes)
        found.aliases = {
            name: Alias(f"als_{name}@2", f"cus_{name}", f"acc_{name}") for name in self.active
        }
        for element in elements:
            if isinstance(element, AliasElement):
                found.waiting[element] = self.waiting(element.key)
        found.customers = {f"cus_{name}": "ACTIVE" for name in NAMES}
        found.preferences = dict(self.preferences)
        found.payees = {f"pay_{name}": "ACTIVE" for name in NAMES}
        found.accounts = {
            account_id: account
            for account_id, account in self.accounts.items()
            if account.customer is not None
        }
        found.usage = dict(self.usage)
        return found

    def waiting(self, name: str) -> list[str]:
        return sorted(
            order_id
            for order_id, order in self.orders.items()
            if order["status"] == "AWAITING_CLAIM" and order["alias_key"] == name
        )

    def facts(self) -> dict[str, Any]:
        """All that was stored, to compare two runs by."""
        return {
            "orders": self.orders,
            "outcomes": self.outcomes,
            "entries": self.entries,
            "usage": {key: use for key, use in self.usage.items() if use != Usage()},
            "dead": self.dead,
            "accounts": self.accounts,
        }

    def assert_books_are_right(self) -> None:
        sums: dict[str, int] = defaultdict(int)
        held: Counter[str] = Counter()
        for order in self.orders.values():
            if order["status"] in {"FUNDED", "AWAITING_CLAIM", "SUBMITTED", "INVESTIGATE"}:
                held[order["debtor"]["account"]] += order["amount_minor"]
        for account in self.accounts.values():
            sums["posted"] += account.posted_minor
            sums["held"] += account.held_minor
            if account.customer is not None:
                assert account.held_minor == held[account.id]
                assert account.available_minor >= 0
        assert sums == {"posted": FUNDS_MINOR * len(NAMES), "held": 0}

    def _add(self, account_id: str, layer: str, amount_minor: int) -> None:
        internal = an_account(account_id, customer=None, posted_minor=0)
        account = self.accounts.get(account_id, internal)
        field = f"{layer}_minor"
        self.accounts[account_id] = replace(
            account, **{field: getattr(account, field) + amount_minor}
        )
