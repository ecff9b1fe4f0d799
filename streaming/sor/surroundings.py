"""Step 2 of the SOR transaction: all that a batch of elements may be decided by, as one snapshot has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo.database import Database

from apps.ledger.domain.account import Account
from apps.parties.domain.payee_stats import PayeeStats
from apps.profiles.domain.preferences import OwnLimits, own_limits
from apps.transactions.domain.limits import Usage, usage_id
from apps.transactions.domain.order import AnyOrder, Order
from apps.transactions.domain.outgoing import Counterparty
from streaming.sor.element import AliasElement

Documents = Database[dict[str, Any]]
Document = dict[str, Any]

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
    orders: dict[str, Any] = field(default_factory=dict)
    commands: dict[str, Document] = field(default_factory=dict)
    outcomes: set[str] = field(default_factory=set)
    waiting: dict[AliasElement, list[str]] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    preferences: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    payees: dict[str, str] = field(default_factory=dict)
    payee_documents: dict[str, Document] = field(default_factory=dict)
    # What is kept of the payments to a payee, with the version it was read at.
    stats: dict[str, tuple[int, PayeeStats]] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    usage: dict[str, Usage] = field(default_factory=dict)
    # Messages of networks in this batch, and whose order is not stored yet: it begins with its message.
    messages: dict[str, Document] = field(default_factory=dict)
    arrivals: set[str] = field(default_factory=set)
    # Of an order that something happens to after its first decision: what it caused, and its cases.
    caused: dict[str, list[str]] = field(default_factory=dict)
    cases: dict[str, list[str]] = field(default_factory=dict)
    # By end-to-end id: what was exchanged with a network about it, oldest first.
    exchanged: dict[str, list[Document]] = field(default_factory=dict)
    # By payee: the bank account that pays to; by alias: the bank that serves it on a network.
    payee_accounts: dict[str, Counterparty] = field(default_factory=dict)
    elsewhere: dict[str, Counterparty] = field(default_factory=dict)
    # Keys of names that the bank pays nothing from or to unseen.
    blocked: set[str] = field(default_factory=set)

    def own_limits_of(self, order: Order) -> OwnLimits:
        """Those that the sender chose for the order's product and currency."""
        said = self.preferences.get(order["debtor"]["customer"])
        return own_limits(said, product=order["product"], currency=order["currency"])

    def caused_by(self, order: str) -> list[AnyOrder]:
        """The orders that it caused, as they stand in this batch."""
        return [self.orders[each] for each in self.caused.get(order, ()) if each in self.orders]


def waiting_for(alias: AliasElement) -> Document:
    """The filter of the orders that wait for it."""
    return {"alias_key": alias.key, "status": "AWAITING_CLAIM", "_id": {"$gt": alias.after}}


def usage_of(order: Order, day: str) -> str:
    return usage_id(
        customer=order["debtor"]["customer"],
        product=order["product"],
        currency=order["currency"],
        day=day,
    )
