"""Step 2 of the SOR transaction: reads, in one snapshot, all that a batch of elements may be decided by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from pymongo.client_session import ClientSession
from pymongo.database import Database

from apps.ledger.domain.account import Account
from apps.profiles.domain.preferences import OwnLimits, own_limits
from apps.transactions.domain.limits import Limits, Usage, days_counted, usage_id
from apps.transactions.domain.order import Order
from streaming.sor.element import (
    AliasElement,
    CommandElement,
    Element,
    OrderElement,
    WaitingElement,
)

Documents = Database[dict[str, Any]]

# Orders that wait for one alias are completed in rounds of this many, by id; a full round asks for the next.
WAITING_PER_ALIAS = 200


@dataclass(frozen=True)
class Alias:
    """An active alias; `cause` names this version of it."""

    cause: str
    customer: str
    account: str


@dataclass
class Surroundings:
    """Everything by id. What is not in a mapping does not exist in the snapshot."""

    now: datetime
    orders: dict[str, Order] = field(default_factory=dict)
    commands: dict[str, dict[str, Any]] = field(default_factory=dict)
    outcomes: set[str] = field(default_factory=set)
    waiting: dict[AliasElement, list[str]] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)
    preferences: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    payees: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    usage: dict[str, Usage] = field(default_factory=dict)

    def own_limits_of(self, order: Order) -> OwnLimits:
        """Those that the sender chose for the order's product and currency."""
        said = self.preferences.get(order["debtor"]["customer"])
        return own_limits(said, product=order["product"], currency=order["currency"])


def read(
    db: Documents,
    session: ClientSession,
    elements: Sequence[Element],
    now: datetime,
    *,
    limits: Limits,
) -> Surroundings:
    found = Surroundings(now)
    _read_commands(db, session, elements, found)
    _read_orders(db, session, elements, found)
    live = [order for order in found.orders.values() if not order["final"]]
    if live:
        _read_aliases(db, session, live, found)
        _read_parties(db, session, live, found)
        _read_accounts(db, session, live, found)
        _read_usage(db, session, live, found, limits)
    return found


def _read_commands(
    db: Documents, session: ClientSession, elements: Sequence[Element], found: Surroundings
) -> None:
    ids = {element.id for element in elements if isinstance(element, CommandElement)}
    if ids:
        asked = {"_id": {"$in": sorted(ids)}}
        found.commands = {d["_id"]: d for d in db.commands.find(asked, session=session)}
        found.outcomes = {d["_id"] for d in db.outcomes.find(asked, {"_id": 1}, session=session)}


def _read_orders(
    db: Documents, session: ClientSession, elements: Sequence[Element], found: Surroundings
) -> None:
    ids = {e.id for e in elements if isinstance(e, OrderElement | WaitingElement)}
    ids |= {command["order"] for command in found.commands.values() if command.get("order")}
    if ids:
        _keep(found, db.orders.find({"_id": {"$in": sorted(ids)}}, session=session))
    for alias in dict.fromkeys(e for e in elements if isinstance(e, AliasElement)):
        waiting = db.orders.find(waiting_for(alias), session=session)
        found.waiting[alias] = _keep(found, waiting.sort("_id").limit(WAITING_PER_ALIAS))


def waiting_for(alias: AliasElement) -> dict[str, Any]:
    """The filter of the orders that wait for it."""
    return {"alias_key": alias.key, "status": "AWAITING_CLAIM", "_id": {"$gt": alias.after}}


def _keep(found: Surroundings, documents: Iterable[dict[str, Any]]) -> list[str]:
    orders = {d["_id"]: cast(Order, d) for d in documents}
    found.orders.update(orders)
    return list(orders)


def _read_aliases(
    db: Documents, session: ClientSession, live: Sequence[Order], found: Surroundings
) -> None:
    keys = {order["alias_key"] for order in live if order["alias_key"]}
    active = {"key": {"$in": sorted(keys)}, "status": "ACTIVE"}
    for d in db.aliases.find(active, session=session):
        found.aliases[d["key"]] = Alias(f"{d['_id']}@{d['version']}", d["customer"], d["account"])


def _read_parties(
    db: Documents, session: ClientSession, live: Sequence[Order], found: Surroundings
) -> None:
    customers = {order["debtor"]["customer"] for order in live}
    customers |= {alias.customer for alias in found.aliases.values()}
    payees = {order["payee"] for order in live}
    asked = {"_id": {"$in": sorted(customers)}}
    for d in db.customers.find(asked, {"status": 1, "preferences": 1}, session=session):
        found.customers[d["_id"]] = d["status"]
        if d.get("preferences"):
            found.preferences[d["_id"]] = d["preferences"]
    asked = {"_id": {"$in": sorted(payees)}}
    for d in db.payees.find(asked, {"status": 1}, session=session):
        found.payees[d["_id"]] = d["status"]


def _read_accounts(
    db: Documents, session: ClientSession, live: Sequence[Order], found: Surroundings
) -> None:
    ids = {order["debtor"]["account"] for order in live}
    ids |= {alias.account for alias in found.aliases.values()}
    for d in db.accounts.find({"_id": {"$in": sorted(ids)}}, session=session):
        found.accounts[d["_id"]] = Account(
            id=d["_id"],
            customer=d["customer"],
            currency=d["currency"],
            status=d["status"],
            posted_minor=d["posted_minor"],
            held_minor=d["held_minor"],
        )


def _read_usage(
    db: Documents,
    session: ClientSession,
    live: Sequence[Order],
    found: Surroundings,
    limits: Limits,
) -> None:
    ids = {usage_of(order, day) for order in live for day in _days_of(order, found, limits)}
    for d in db.limit_usage.find({"_id": {"$in": sorted(ids)}}, session=session):
        found.usage[d["_id"]] = Usage(d["amount_minor"], d["count"])


def _days_of(order: Order, found: Surroundings, limits: Limits) -> list[str]:
    """The one day that it counts in already, or those that decide whether it may."""
    if order["limit_day"] is not None:
        return [order["limit_day"]]
    return days_counted(limits, found.now, found.own_limits_of(order))


def usage_of(order: Order, day: str) -> str:
    return usage_id(
        customer=order["debtor"]["customer"],
        product=order["product"],
        currency=order["currency"],
        day=day,
    )
