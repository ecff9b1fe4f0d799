"""Step 3 of the SOR transaction: decides each element in arrival order on the values so far; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from apps.ledger.domain.account import Account, post
from apps.ledger.domain.entry import Entry, holds_account
from apps.profiles.domain.preferences import OwnLimits, is_on
from apps.transactions.calendar import BUSINESS_CALENDAR
from apps.transactions.domain.apply import Applied, apply
from apps.transactions.domain.event import (
    Asked,
    Assessed,
    Claimed,
    Due,
    Event,
    Signal,
    Unprocessable,
)
from apps.transactions.domain.facts import NOTHING_KNOWN, Facts, Recipient
from apps.transactions.domain.limits import (
    NO_USE,
    Limits,
    Usage,
    day_of,
    days_counted,
    week_and_month,
)
from apps.transactions.domain.order import Actor, Order
from apps.transactions.domain.passage import UsageChange
from apps.transactions.domain.results import Refused, Skipped
from apps.transactions.products.registry import product
from streaming.sor.element import (
    LEDGER_SHARDS,
    AliasElement,
    CommandElement,
    DeadElement,
    Element,
    OrderElement,
    WaitingElement,
    dump,
    element_id,
    shard_of,
)
from streaming.sor.surroundings import WAITING_PER_ALIAS, Alias, Surroundings, usage_of


class Log(Protocol):
    """Where a failure of the platform's own code is told besides the dead letter."""

    def exception(self, message: str, *values: object) -> None: ...


@dataclass
class Plan:
    """What one commit writes, by whom. `orders` maps an id to the version it was read at and the order to be."""

    by: str
    orders: dict[str, tuple[int, Order]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    usage: list[UsageChange] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    dead_letters: list[dict[str, Any]] = field(default_factory=list)
    # What is to be settled after this commit, because one batch has its limits.
    further: list[Element] = field(default_factory=list)

    def is_empty(self) -> bool:
        return not (self.orders or self.outcomes or self.dead_letters)


class Planner:
    """Decides a batch; what one element changes is seen by the next."""

    def __init__(
        self, *, flow: str, actor: Actor, limits: Limits, found: Surroundings, log: Log
    ) -> None:
        self.flow = flow
        self.actor = actor
        self.limits = limits
        self.found = found
        self.log = log
        self.plan = Plan(by=f"{actor['kind']}:{actor['id']}")

    def decide(self, elements: Sequence[Element]) -> Plan:
        for element in elements:
            self._decide_or_bury(element)
        return self.plan

    def _decide_or_bury(self, element: Element) -> None:
        # A defect or corrupt data behind one element must not stop the others: whatever it raises,
        # nothing of it is in the plan yet, so it is told, kept as a dead letter, and its order is
        # held for a person.
        try:
            self._decide(element)
        except Exception as error:
            self.log.exception("%s could not decide %s", self.flow, element_id(element))
            self._bury(element, "undecidable", f"{type(error).__name__}: {error}"[:500])

    def _decide(self, element: Element) -> None:
        match element:
            case OrderElement():
                signals = tuple(Signal(reason, detail) for reason, detail in element.signals)
                self._on_order(element, Assessed(f"{element.id}@1", self.actor, signals))
            case WaitingElement():
                self._claim(element)
            case AliasElement():
                self._claim_all(element)
            case CommandElement():
                self._command(element)
            case DeadElement():
                self._bury(element, element.reason, element.detail)

    def _on_order(self, element: OrderElement, event: Event) -> None:
        if element.id not in self.found.orders:
            self._bury(element, "order_missing", f"There is no order {element.id}.")
            return
        self._apply(element.id, event)

    def _claim(self, element: WaitingElement) -> None:
        order = self.found.orders.get(element.id)
        alias = self.found.aliases.get(order["alias_key"] or "") if order else None
        if alias is not None:
            by = Actor(kind="recipient", id=alias.customer)
            self._apply(element.id, Claimed(alias.cause, by))

    def _claim_all(self, element: AliasElement) -> None:
        waiting = self.found.waiting.get(element, [])
        for order_id in waiting:
            self._decide_or_bury(WaitingElement(order_id))
        if len(waiting) >= WAITING_PER_ALIAS:
            self.plan.further.append(AliasElement(element.key, after=waiting[-1]))

    def _command(self, element: CommandElement) -> None:
        if element.id in self.found.outcomes:
            return
        command = self.found.commands.get(element.id)
        if command is None:
            self._bury(element, "command_missing", f"There is no command {element.id}.")
            return
        self.found.outcomes.add(element.id)
        order = self.found.orders.get(command["order"] or "")
        if command["type"] == "probe":
            self._outcome(command, None, None)
        elif order is None:
            self._outcome(command, Refused("order_missing", "There is no such order."), None)
        else:
            result = self._apply(order["_id"], _event_of(command), command["type"])
            refusal = result if isinstance(result, Refused) else None
            self._outcome(command, refusal, self.found.orders[order["_id"]]["version"])

    def _apply(
        self, order_id: str, event: Event, command: str | None = None
    ) -> Applied | Refused | Skipped:
        order = self.found.orders[order_id]
        facts = NOTHING_KNOWN if isinstance(event, Unprocessable) else self._facts(order)
        result = apply(order, event, facts, self.found.now)
        if isinstance(result, Applied):
            if result.outgoing or result.caused or result.cases:
                # Part of it could not be written yet, so nothing of it is.
                detail = f"The platform does not carry out {command or 'this'} yet."
                return Refused("not_offered", detail)
            self._take(order, result)
        return result

    def _take(self, order: Order, result: Applied) -> None:
        self._open_internal_accounts(result.entries)
        self.found.accounts.update(post(self.found.accounts, result.entries))
        for change in result.usage:
            used = self.found.usage.get(change.id, Usage())
            self.found.usage[change.id] = used.plus(
                amount_minor=change.amount_minor, count=change.count
            )
        read_at, _ = self.plan.orders.get(order["_id"], (order["version"], order))
        self.plan.orders[order["_id"]] = (read_at, result.order)
        self.plan.entries += result.entries
        self.plan.usage += result.usage
        self.found.orders[order["_id"]] = result.order

    def _open_internal_accounts(self, entries: Sequence[Entry]) -> None:
        """They need no reading: they may go below zero and are only ever added to."""
        for entry in entries:
            for line in entry["lines"]:
                account = line["account"]
                if account.startswith("acc_int_") and account not in self.found.accounts:
                    opened = Account(account, None, entry["currency"], "OPEN", 0, 0)
                    self.found.accounts[account] = opened

    def _facts(self, order: Order) -> Facts:
        found = self.found
        debtor, name = order["debtor"], order["product"]
        said = found.preferences.get(debtor["customer"])
        alias = found.aliases.get(order["alias_key"] or "")
        own = found.own_limits_of(order)
        today, week, month = self._used(order, own)
        shard = shard_of(debtor["account"], LEDGER_SHARDS)
        return Facts(
            product=product(name),
            limits=self.limits,
            usage=today,
            week=week,
            month=month,
            customer_status=found.customers.get(debtor["customer"]),
            debtor=found.accounts.get(debtor["account"]),
            payee_status=found.payees.get(order["payee"]),
            calendar=BUSINESS_CALENDAR,
            recipient=self._recipient(alias, name) if alias else None,
            holds_account=holds_account(order["currency"], shard),
            own_limits=own,
            sending_is_on=is_on(said, product=name, switch="send"),
        )

    def _used(self, order: Order, own: OwnLimits) -> tuple[Usage, Usage, Usage]:
        """Today, in this week and in this month, the last two as far as they have a limit."""
        now = self.found.now
        days = {
            day: self.found.usage.get(usage_of(order, day), NO_USE)
            for day in days_counted(self.limits, now, own)
        }
        return (days[day_of(now)], *week_and_month(days, now))

    def _recipient(self, alias: Alias, product_name: str) -> Recipient:
        customer = alias.customer
        return Recipient(
            customer,
            self.found.customers.get(customer),
            self.found.accounts[alias.account],
            is_on(self.found.preferences.get(customer), product=product_name, switch="receive"),
        )

    def _outcome(
        self, command: dict[str, Any], refusal: Refused | None, order_version: int | None
    ) -> None:
        self.plan.outcomes.append(
            {
                "_id": command["_id"],
                "order": command["order"],
                "state": "REFUSED" if refusal else "APPLIED",
                "reason": refusal.reason if refusal else None,
                "detail": refusal.detail if refusal else None,
                "order_version": order_version,
                "at": self.found.now,
                "made_by": self.plan.by,
            }
        )

    def _bury(self, element: Element, reason: str, detail: str) -> None:
        """Keeps the element as a dead letter and holds its order; both are safe to repeat by their ids."""
        letter: dict[str, Any] = {
            "_id": f"{self.flow}:{element_id(element)}",
            "flow": self.flow,
            "topic": None,
            "partition": None,
            "offset": None,
            "key": None,
            "value": dump(element),
            "reason": reason,
            "detail": detail,
            "at": self.found.now,
        }
        if isinstance(element, DeadElement):
            letter |= {"_id": element.id, "key": element.key, "value": element.value}
            if element.element is None:
                letter |= {"topic": element.topic, "partition": element.partition}
                letter |= {"offset": element.offset}
        self.plan.dead_letters.append(letter)
        if isinstance(element, OrderElement) and element.id in self.found.orders:
            self._hold(element.id, detail)

    def _hold(self, order_id: str, detail: str) -> None:
        try:
            self._apply(order_id, Unprocessable(f"{order_id}@1", self.actor, detail))
        except Exception:
            self.log.exception("%s could not even hold %s", self.flow, order_id)


def _event_of(command: dict[str, Any]) -> Event:
    """A clock's command names the deadline that has come; every other one is somebody's wish."""
    if command["type"] == "clock":
        return Due(command["_id"], command["actor"], command["due_event"])
    return Asked(command["_id"], command["actor"], command["type"], command["reason"])
