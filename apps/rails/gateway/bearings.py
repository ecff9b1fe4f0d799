"""What an inbound message is about: the order of ours, and the route by which a flow finds its way to it."""

from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

from apps.rails.documents import Route
from apps.rails.domain.ids import account_of_wire, inbound_id, inbound_order_id
from apps.rails.domain.messages import (
    CancellationRequest,
    CreditTransfer,
    Message,
    Party,
    PaymentRequest,
    RecallRequest,
    StatusRequest,
)

Document = dict[str, Any]


@dataclass(frozen=True)
class Bearings:
    """`order` is an order of ours that exists; `route.order` may be the one that this message will become."""

    order: str | None
    route: Route


def bearings_of(database: Database[Document], message: Message, network: str) -> Bearings | None:
    """None for a message about another one that was never sent or received here."""
    if isinstance(message, CreditTransfer):
        return _of_payment(database, message, network)
    if isinstance(message, PaymentRequest):
        return Bearings(None, _route_to(database, message.debtor, message.end_to_end_id, network))
    if isinstance(message, StatusRequest | RecallRequest | CancellationRequest):
        # These ask about what the other bank sent.
        original = inbound_id(network, message.original.message_id)
        found = _message(database, original, "in", network, message.original.end_to_end_id)
        return Bearings(found["route"]["order"], found["route"]) if found else None
    original = f"msg_{message.original.message_id}"
    found = _message(database, original, "out", network, message.original.end_to_end_id)
    return Bearings(found["order"], found["route"]) if found else None


def _of_payment(database: Database[Document], message: CreditTransfer, network: str) -> Bearings:
    """An order of its own; if a request of ours asked for the money, `order` is the request."""
    asked = {"end_to_end_id": message.end_to_end_id, "direction": "out", "type": "pain.013"}
    request = database.rail_messages.find_one(asked | {"network": network}, {"order": 1})
    route = _route_to(database, message.creditor, message.end_to_end_id, network)
    return Bearings(request["order"] if request else None, route)


def _message(
    database: Database[Document], identifier: str, direction: str, network: str, end_to_end_id: str
) -> Document | None:
    wanted = {"_id": identifier, "direction": direction, "network": network}
    return database.rail_messages.find_one(
        wanted | {"end_to_end_id": end_to_end_id}, {"order": 1, "route": 1}
    )


def _route_to(
    database: Database[Document], holder: Party, end_to_end_id: str, network: str
) -> Route:
    """To the customer of ours who is paid or asked; nobody's route says so, and the flow refuses with a reason."""
    order = inbound_order_id(network, end_to_end_id)
    if holder.alias is not None:
        alias = database.aliases.find_one({"key": holder.alias, "status": "ACTIVE"})
        if alias is not None:
            return {"order": order, "customer": alias["customer"], "account": alias.get("account")}
    if holder.account is None:
        return {"order": order, "customer": None, "account": None}
    ours = {"_id": account_of_wire(holder.account), "customer": {"$ne": None}}
    account = database.accounts.find_one(ours, {"customer": 1})
    if account:
        return {"order": order, "customer": account["customer"], "account": account["_id"]}
    return {"order": order, "customer": None, "account": None}
