"""Step 2 of the SOR transaction: the reads, in one snapshot; most batches need only the first few of them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, cast

from pymongo.client_session import ClientSession

from apps.ledger.domain.account import Account
from apps.parties.domain import evidence
from apps.parties.domain.name_check import name_key
from apps.parties.domain.payee_stats import from_document
from apps.transactions.domain.limits import Limits, Usage, days_counted
from apps.transactions.domain.order import AnyOrder, Order
from apps.transactions.domain.outgoing import Counterparty, end_to_end_id_of
from apps.transactions.products.registry import limits_of
from streaming.sor.arrivals import arrival_of
from streaming.sor.element import (
    AliasElement,
    CommandElement,
    Element,
    EndedElement,
    MessageElement,
    OrderElement,
    WaitingElement,
)
from streaming.sor.involved import accounts_of, alias_key_of, customers_of, payee_of
from streaming.sor.surroundings import (
    WAITING_PER_ALIAS,
    Alias,
    Document,
    Documents,
    Surroundings,
    usage_of,
    waiting_for,
)

_NO_XML = {"xml": 0}
_PAYEE_FIELDS = dict.fromkeys((*evidence.FIELDS, "customer", "account", "bic", "target"), 1)


def read(
    db: Documents,
    session: ClientSession,
    elements: Sequence[Element],
    now: datetime,
    *,
    limits: Limits,
    profile: str = "",
) -> Surroundings:
    """All that the elements may be decided by; `profile` names the limits that products may have of their own."""
    limits_by_product = partial(limits_of, platform=limits, profile=profile)
    return _Reading(db, session, Surroundings(now)).read(elements, limits_by_product)


class _Reading:
    def __init__(self, db: Documents, session: ClientSession, found: Surroundings) -> None:
        self.db = db
        self.session = session
        self.found = found

    def read(self, elements: Sequence[Element], limits: Callable[[str], Limits]) -> Surroundings:
        self._commands(elements)
        self._messages(elements)
        self._orders(elements)
        further = self._happened_to(elements)
        if further:
            self._linked(further)
        found = self.found
        live = [
            order
            for order in found.orders.values()
            if not order["final"] or order["_id"] in further
        ]
        if live:
            self._aliases(live)
            self._parties(live)
            self._accounts(live)
            self._exchanged(live)
            sends = [cast(Order, order) for order in live if order["kind"] == "send"]
            self._payees(sends)
            self._usage([order for order in sends if not order["final"]], limits)
            self._blocked(live)
        return found

    def _find(self, name: str, asked: Document, *fields: Any) -> Iterable[Document]:
        return self.db[name].find(asked, *fields, session=self.session)

    def _commands(self, elements: Sequence[Element]) -> None:
        ids = {element.id for element in elements if isinstance(element, CommandElement)}
        if ids:
            asked = {"_id": {"$in": sorted(ids)}}
            self.found.commands = {d["_id"]: d for d in self._find("commands", asked)}
            self.found.outcomes = {d["_id"] for d in self._find("outcomes", asked, {"_id": 1})}

    def _messages(self, elements: Sequence[Element]) -> None:
        ids = {element.id for element in elements if isinstance(element, MessageElement)}
        if ids:
            asked = {"_id": {"$in": sorted(ids)}}
            rows = self._find("rail_messages", asked, _NO_XML)
            self.found.messages = {d["_id"]: d for d in rows}

    def _orders(self, elements: Sequence[Element]) -> None:
        found = self.found
        named = (OrderElement, WaitingElement, EndedElement)
        ids = {element.id for element in elements if isinstance(element, named)}
        ids |= {command["order"] for command in found.commands.values() if command.get("order")}
        for message in found.messages.values():
            ids |= {message["order"], message["route"]["order"]} - {None}
        if ids:
            self._keep(self._find("orders", {"_id": {"$in": sorted(ids)}}))
        self._overtaken()
        for message in found.messages.values():
            arrived = arrival_of(message, found.now)
            if arrived is not None and arrived["_id"] not in found.orders:
                found.orders[arrived["_id"]] = arrived
                found.arrivals.add(arrived["_id"])
        causes = {
            found.orders[element.id].get("caused_by")
            for element in elements
            if isinstance(element, EndedElement) and element.id in found.orders
        } - {None}
        if causes:
            self._keep(self._find("orders", {"_id": {"$in": sorted(causes)}}))
        for alias in dict.fromkeys(e for e in elements if isinstance(e, AliasElement)):
            waiting: Any = self._find("orders", waiting_for(alias))
            found.waiting[alias] = self._keep(waiting.sort("_id").limit(WAITING_PER_ALIAS))

    def _overtaken(self) -> None:
        """What nobody has decided about, and is taken back already: each begins by its own message."""
        found = self.found
        asked = {
            message["end_to_end_id"]
            for message in found.messages.values()
            if message["type"] in ("camt.056", "camt.055")
            and message["route"]["order"] not in found.orders
        }
        if asked:
            beginnings = {"$in": ["pacs.008", "pain.013"]}
            begun: Document = {"end_to_end_id": {"$in": sorted(asked)}, "type": beginnings}
            for message in self._find("rail_messages", begun | {"direction": "in"}, _NO_XML):
                found.messages.setdefault(message["_id"], message)

    def _keep(self, documents: Iterable[Document]) -> list[str]:
        orders = {d["_id"]: d for d in documents}
        self.found.orders.update(orders)
        return list(orders)

    def _happened_to(self, elements: Sequence[Element]) -> set[str]:
        """Orders to which something happens after their first decision: what they caused may decide about it."""
        found = self.found
        ids = {
            command["order"]
            for command in found.commands.values()
            if command["_id"] not in found.outcomes
        }
        for message in found.messages.values():
            ids |= {message["order"], message["route"]["order"]}
        ids |= {
            found.orders[element.id].get("caused_by")
            for element in elements
            if isinstance(element, EndedElement) and element.id in found.orders
        }
        return {each for each in ids if each in found.orders} - found.arrivals

    def _linked(self, ids: set[str]) -> None:
        found, wanted = self.found, {"$in": sorted(ids)}
        for order in self._find("orders", {"caused_by": wanted}):
            found.orders.setdefault(order["_id"], order)
            found.caused.setdefault(order["caused_by"], []).append(order["_id"])
        for case in self._find("cases", {"order": wanted}, {"order": 1}):
            found.cases.setdefault(case["order"], []).append(case["_id"])

    def _aliases(self, live: Sequence[AnyOrder]) -> None:
        found = self.found
        keys = {key for order in live if (key := alias_key_of(order))}
        if not keys:
            return
        active = {"key": {"$in": sorted(keys)}, "status": "ACTIVE"}
        for d in self._find("aliases", active):
            cause = f"{d['_id']}@{d['version']}"
            found.aliases[d["key"]] = Alias(cause, d["customer"], d["account"])
        others = keys - found.aliases.keys()
        if others:
            served = {"alias_key": {"$in": sorted(others)}, "place": "NETWORK"}
            for d in self._find("directory_entries", served):
                bank = Counterparty(bank=d["routing_number"], alias=d["alias_key"])
                found.elsewhere[f"{d['network']}:{d['alias_key']}"] = bank

    def _parties(self, live: Sequence[AnyOrder]) -> None:
        found = self.found
        customers: set[str] = set().union(*(customers_of(order) for order in live))
        customers |= {alias.customer for alias in found.aliases.values()}
        asked = {"_id": {"$in": sorted(customers)}}
        for d in self._find("customers", asked, {"status": 1, "name": 1, "preferences": 1}):
            found.customers[d["_id"]] = d["status"]
            found.names[d["_id"]] = d.get("name", "")
            if d.get("preferences"):
                found.preferences[d["_id"]] = d["preferences"]

    def _payees(self, sends: Sequence[Order]) -> None:
        found = self.found
        payees = {payee for order in sends if (payee := payee_of(order))}
        if not payees:
            return
        asked = {"_id": {"$in": sorted(payees)}}
        for d in self._find("payees", asked, _PAYEE_FIELDS):
            found.payees[d["_id"]] = d["status"]
            found.payee_documents[d["_id"]] = d
            if d.get("target") and not d.get("alias"):
                bank = (d.get("account") or {}).get("routing_number") or d.get("bic")
                found.payee_accounts[d["_id"]] = Counterparty(bank=bank, account=d["target"])
        for d in self._find("payee_stats", asked):
            found.stats[d["_id"]] = d["version"], from_document(d)

    def _accounts(self, live: Sequence[AnyOrder]) -> None:
        ids: set[str] = set().union(*(accounts_of(order) for order in live))
        ids |= {alias.account for alias in self.found.aliases.values()}
        for d in self._find("accounts", {"_id": {"$in": sorted(ids)}}):
            self.found.accounts[d["_id"]] = Account(
                id=d["_id"],
                customer=d["customer"],
                currency=d["currency"],
                status=d["status"],
                posted_minor=d["posted_minor"],
                held_minor=d["held_minor"],
            )

    def _exchanged(self, live: Sequence[AnyOrder]) -> None:
        """What a network began, and what comes back, is answered by naming the messages before."""
        ids = {end_to_end_id_of(order) for order in live if _speaks_again(order)}
        if ids:
            asked = {"end_to_end_id": {"$in": sorted(ids)}}
            for d in self._find("rail_messages", asked, _NO_XML):
                self.found.exchanged.setdefault(d["end_to_end_id"], []).append(d)
        for message in self.found.messages.values():
            known = self.found.exchanged.setdefault(message["end_to_end_id"], [])
            if all(each["_id"] != message["_id"] for each in known):
                known.append(message)

    def _usage(self, sends: Sequence[Order], limits: Callable[[str], Limits]) -> None:
        ids = {usage_of(order, day) for order in sends for day in self._days_of(order, limits)}
        if ids:
            for d in self._find("limit_usage", {"_id": {"$in": sorted(ids)}}):
                self.found.usage[d["_id"]] = Usage(d["amount_minor"], d["count"])

    def _days_of(self, order: Order, limits: Callable[[str], Limits]) -> list[str]:
        """The one day that it counts in already, or those that decide whether it may."""
        if order["limit_day"] is not None:
            return [order["limit_day"]]
        return days_counted(
            limits(order["product"]), self.found.now, self.found.own_limits_of(order)
        )

    def _blocked(self, live: Sequence[Any]) -> None:
        """Names of senders elsewhere that stand in the bank's own list."""
        keys = {f"name:{name_key(order['debtor_name'])}" for order in live if _is_arriving(order)}
        if keys:
            asked = {"target": {"$in": sorted(keys)}, "status": "ACTIVE"}
            self.found.blocked = {d["target"] for d in self._find("blocked_parties", asked)}


def _speaks_again(order: AnyOrder) -> bool:
    """Whether its next message, or its recall's, may name one before: all but a payment of ours still to be sent."""
    return order["kind"] != "send" or order["status"] in ("SUBMITTED", "INVESTIGATE", "COMPLETED")


def _is_arriving(order: AnyOrder) -> bool:
    return order["kind"] == "receive" and not order["final"]
