"""Step 3 of the SOR transaction: decides each element in arrival order on the values so far; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from apps.ledger.domain.account import Account, post
from apps.ledger.domain.entry import Entry
from apps.parties.domain.name_check import name_key
from apps.parties.domain.payee_limits import POLICIES, Policy
from apps.transactions.domain.cases import CaseOpened
from apps.transactions.domain.event import (
    Answered,
    Asked,
    Assessed,
    ChildEnded,
    Claimed,
    Due,
    Event,
    Settled,
    Signal,
    Unprocessable,
)
from apps.transactions.domain.limits import Limits, Usage
from apps.transactions.domain.order import Actor, AnyOrder, has_applied
from apps.transactions.domain.outgoing import Outgoing, kept_of, report_of
from apps.transactions.domain.passage import UsageChange
from apps.transactions.domain.results import Change, Refused, Skipped
from apps.transactions.products.registry import limits_of
from streaming.sor.documents import case_of, letter_of, outcome_of
from streaming.sor.element import (
    AliasElement,
    CommandElement,
    DeadElement,
    Element,
    EndedElement,
    MessageElement,
    OrderElement,
    WaitingElement,
    element_id,
)
from streaming.sor.facts import FactsFound
from streaming.sor.inbound import meant_by
from streaming.sor.messages import Messages
from streaming.sor.rules import Result, decide
from streaming.sor.surroundings import WAITING_PER_ALIAS, Document, Surroundings
from streaming.sor.trust import Trust


class Log(Protocol):
    """Where a failure of the platform's own code is told besides the dead letter."""

    def exception(self, message: str, *values: object) -> None: ...


@dataclass
class Plan:
    """What one commit writes, by whom.

    `orders` maps an id to the version it was read at and the order to be; version 0 is an order that begins here.
    """

    by: str
    orders: dict[str, tuple[int, AnyOrder]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    usage: list[UsageChange] = field(default_factory=list)
    stats: list[Document] = field(default_factory=list)
    messages: list[Document] = field(default_factory=list)
    cases: list[Document] = field(default_factory=list)
    outcomes: list[Document] = field(default_factory=list)
    dead_letters: list[Document] = field(default_factory=list)
    # What is to be settled after this commit, because one batch has its limits.
    further: list[Element] = field(default_factory=list)

    def is_empty(self) -> bool:
        made = (self.orders, self.outcomes, self.dead_letters, self.cases, self.messages)
        return not any(made)


class Planner:
    """Decides a batch; what one element changes is seen by the next. `bank` is our routing number."""

    def __init__(
        self,
        *,
        flow: str,
        actor: Actor,
        limits: Limits,
        found: Surroundings,
        log: Log,
        bank: str = "",
        policy: Policy = POLICIES["sandbox"],
        profile: str = "",
    ) -> None:
        self.flow = flow
        self.actor = actor
        self.found = found
        limits_by_product = partial(limits_of, platform=limits, profile=profile)
        self.trust = Trust(found, limits_by_product, policy)
        self.facts = FactsFound(found, limits_by_product, self.trust)
        self.log = log
        self.plan = Plan(by=f"{actor['kind']}:{actor['id']}")
        self.messages = Messages(found, bank=bank, made_by=self.plan.by)

    def decide(self, elements: Sequence[Element]) -> Plan:
        for element in elements:
            self._decide_or_bury(element)
        self.plan.stats = self.trust.documents(by=self.plan.by)
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
            if isinstance(element, CommandElement):
                self._refuse_undecidable(element)

    def _refuse_undecidable(self, element: CommandElement) -> None:
        """Whoever asked is told that nothing was done, and not left to wait for ever."""
        command = self.found.commands.get(element.id)
        if command is None or any(each["_id"] == element.id for each in self.plan.outcomes):
            return
        self.found.outcomes.add(element.id)
        order = self.found.orders.get(command.get("order") or "")
        version = order["version"] if order else None
        refusal = Refused("undecidable", "The platform could not decide it; nothing was done.")
        self._outcome(command, refusal, version)

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
            case MessageElement():
                self._message(element)
            case EndedElement():
                self._tell_cause(element)
            case DeadElement():
                self._bury(element, element.reason, element.detail)

    def _on_order(self, element: OrderElement, event: Event) -> None:
        if element.id not in self.found.orders:
            self._bury(element, "order_missing", f"There is no order {element.id}.")
            return
        # Of an order that was assessed before and has ended, nothing was read to decide it by.
        if self.found.orders[element.id]["status"] == "RECEIVED":
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

    def _message(self, element: MessageElement) -> None:
        message = self.found.messages.get(element.id)
        if message is None:
            self._bury(element, "message_missing", f"There is no message {element.id}.")
            return
        if message["type"] == "pacs.028":
            self._report(message)
            return
        meant = meant_by(message, self.found, stream=self.actor, signals=self._screened(message))
        if meant is None:
            return
        order_id, event = meant
        if order_id in self.found.arrivals and message["type"] in ("camt.056", "camt.055"):
            self._message(MessageElement(self._beginning_of(message)))
        if order_id not in self.found.orders:
            self._bury(element, "order_missing", f"{message['type']} is about no order of ours.")
            return
        result = self._apply(order_id, event)
        if message["type"] == "camt.055" and isinstance(result, Refused):
            told = kept_of(
                self.found.orders[order_id], asked_by=message["_id"], reason=result.reason
            )
            self._tell_once(told, self.found.orders[order_id])

    def _report(self, enquiry: Document) -> None:
        """Answers what became of a payment that we received, once for each enquiry; the order takes no step."""
        order = self.found.orders.get(enquiry["route"]["order"])
        if order is None or order["kind"] != "receive":
            return
        self._tell_once(report_of(order, asked_by=enquiry["_id"]), order)

    def _tell_once(self, told: Outgoing, order: AnyOrder) -> None:
        """An answer that no step sends, once for each question."""
        exchanged = self.found.exchanged.get(told.end_to_end_id, ())
        if all(message["_id"] != told.id for message in exchanged):
            self.plan.messages.append(self.messages.document(told, order))

    def _beginning_of(self, recall: Document) -> str:
        """The message of the payment or request that its being taken back has overtaken."""
        order = recall["route"]["order"]
        return next(
            str(message["_id"])
            for message in self.found.messages.values()
            if message["type"] in ("pacs.008", "pain.013") and message["route"]["order"] == order
        )

    def _screened(self, message: Document) -> tuple[Signal, ...]:
        """A sender whose name the bank blocked is not paid from unseen: a person decides."""
        if message["type"] != "pacs.008":
            return ()
        if f"name:{name_key(message['fields']['debtor']['name'])}" not in self.found.blocked:
            return ()
        return (Signal("RR04", "the sender's name stands in the list of blocked parties"),)

    def _tell_cause(self, element: EndedElement) -> None:
        """A payment that a request caused, or one of a split's requests, ended."""
        ended = self.found.orders.get(element.id)
        cause = self.found.orders.get(ended.get("caused_by") or "") if ended else None
        if ended is None or cause is None or not ended["final"] or cause["kind"] != "request":
            return
        what = f"{ended['_id']}@{ended['version']}"
        if ended["kind"] == "request":
            self._apply(cause["_id"], ChildEnded(what, self.actor))
            return
        paid = ended["status"] in ("COMPLETED", "POSTED")
        event = Settled(what, self.actor, ended["_id"], paid, ended["reason"])
        self._apply(cause["_id"], event)

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
            refusal = self._refusal(command, order)
            self._outcome(command, refusal, self.found.orders[order["_id"]]["version"])

    def _refusal(self, command: Document, order: AnyOrder) -> Refused | None:
        """What the command was refused for; None when it was carried out."""
        result = self._apply(order["_id"], _event_of(command))
        if isinstance(result, Refused):
            return result
        if isinstance(result, Skipped) and not has_applied(order, command["_id"]):
            return Refused("nothing_to_do", f"Nothing to do: {result.why}.")
        return None

    def _apply(self, order_id: str, event: Event) -> Result:
        order = self.found.orders[order_id]
        result = decide(order, event, self.facts)
        if isinstance(result, Change):
            self._take(order, result)
        return result

    def _take(self, order: AnyOrder, result: Change[Any]) -> None:
        # What may fail comes first: nothing of a change is in the plan unless all of it is.
        messages = [self.messages.document(each, result.order) for each in result.outgoing]
        self._open_internal_accounts(result.entries)
        self.found.accounts.update(post(self.found.accounts, result.entries))
        for change in result.usage:
            used = self.found.usage.get(change.id, Usage())
            self.found.usage[change.id] = used.plus(
                amount_minor=change.amount_minor, count=change.count
            )
        self.trust.follow(order, result)
        self._store(order, result.order)
        self.plan.entries += result.entries
        self.plan.usage += result.usage
        self.plan.messages += messages
        for case in result.cases:
            self._open_case(case, result.order)
        for caused in result.caused:
            self._begin(caused)

    def _store(self, before: AnyOrder, after: AnyOrder) -> None:
        identifier = after["_id"]
        if identifier in self.found.arrivals:
            self.found.arrivals.discard(identifier)
            self.plan.orders[identifier] = (0, after)
        elif after["version"] != before["version"]:
            read_at, _ = self.plan.orders.get(identifier, (before["version"], before))
            self.plan.orders[identifier] = (read_at, after)
        self.found.orders[identifier] = after

    def _begin(self, caused: AnyOrder) -> None:
        """An order that this one causes. A return goes on at once; others come back as events of their own flow."""
        identifier, cause = caused["_id"], caused["caused_by"]
        self.found.orders[identifier] = caused
        self.found.caused.setdefault(cause, []).append(identifier)
        self.plan.orders[identifier] = (0, caused)
        if caused["kind"] == "return":
            self._decide_or_bury(OrderElement(identifier))

    def _open_case(self, case: CaseOpened, order: AnyOrder) -> None:
        self.found.cases.setdefault(case.order, []).append(case.id)
        self.plan.cases.append(case_of(case, order, by=self.plan.by))

    def _open_internal_accounts(self, entries: Sequence[Entry]) -> None:
        """They need no reading: they may go below zero and are only ever added to."""
        for entry in entries:
            for line in entry["lines"]:
                account = line["account"]
                if account.startswith("acc_int_") and account not in self.found.accounts:
                    opened = Account(account, None, entry["currency"], "OPEN", 0, 0)
                    self.found.accounts[account] = opened

    def _outcome(
        self, command: Document, refusal: Refused | None, order_version: int | None
    ) -> None:
        self.plan.outcomes.append(
            outcome_of(
                command,
                refusal,
                order_version=order_version,
                by=self.plan.by,
                now=self.found.now,
            )
        )

    def _bury(self, element: Element, reason: str, detail: str) -> None:
        """Keeps the element as a dead letter and holds its order; both are safe to repeat by their ids."""
        letter = letter_of(
            element, flow=self.flow, reason=reason, detail=detail, now=self.found.now
        )
        self.plan.dead_letters.append(letter)
        order = self._order_of(element)
        if order in self.found.orders:
            self._hold(order, detail)

    def _order_of(self, element: Element) -> str:
        """The order that nothing was decided about, if the element begins one."""
        if isinstance(element, OrderElement):
            return element.id
        if isinstance(element, MessageElement) and element.id in self.found.messages:
            order = self.found.messages[element.id]["route"]["order"]
            return order if order in self.found.arrivals else ""
        return ""

    def _hold(self, order_id: str, detail: str) -> None:
        try:
            self._apply(order_id, Unprocessable(f"{order_id}@1", self.actor, detail))
        except Exception:
            self.log.exception("%s could not even hold %s", self.flow, order_id)


def _event_of(command: Document) -> Event:
    """A clock's command names the deadline that has come, the gateway's what a network told it; others are wishes."""
    match command["type"]:
        case "clock":
            return Due(command["_id"], command["actor"], command["due_event"])
        case "resolved":
            return Claimed(command["_id"], command["actor"])
        case "not_taken":
            reason, detail = command["iso_reason"], command["reason"]
            return Answered(command["_id"], command["actor"], False, reason, detail)
    return Asked(command["_id"], command["actor"], command["type"], command["reason"])
