"""What request money does with a record, as a pure function: its route to the settle stage."""

from streaming.contracts.envelope import Change, Undecodable
from streaming.contracts.seen import command_seen, exchange_seen, message_seen
from streaming.flows.routing import Place, Routed, routed
from streaming.flows.sieve import Sieve
from streaming.sor.element import CommandElement, EndedElement, MessageElement, OrderElement

# One of these stands in every record that is about a request; nearly all orders are payments.
SIEVE = Sieve("orders", lacking=(r"\"request\"", r"\"caused_by\""))
_MESSAGES = frozenset({"pain.013", "pain.014", "camt.055"})


def route(place: Place, key: bytes | None, value: bytes | None) -> Routed | None:
    """The element that a record asks for, or None when the flow has nothing to do with it. Never raises.

    Of topics that every flow reads, a record that can't be decoded is kept by send money; of an order this flow alone
    looks at what makes it a request. Kept twice it is one dead letter, since that is named by its place.
    """
    if value is None:
        return None
    is_order = place.topic.endswith(".orders")
    if SIEVE.holds_back(place.topic, value):
        return None
    return routed(place, key, value, by=_route, keeps_bad=is_order)


def _route(change: Change) -> Routed | None:
    match change.collection:
        case "orders":
            return _route_order(change)
        case "rail_messages":
            message = message_seen(change)
            is_ours = message.type in _MESSAGES or (
                message.type == "camt.029" and message.about == "pain.013"
            )
            if message.is_inbound and is_ours:
                return Routed(message.customer, message.account, MessageElement(message.id))
            return None
        case "commands":
            command = command_seen(change)
            if command.kind == "request":
                return Routed(command.customer, command.account, CommandElement(command.id))
            return None
    raise Undecodable("unexpected_collection", f"a change of {change.collection}")


def _route_order(change: Change) -> Routed | None:
    order = exchange_seen(change)
    if order.kind == "request" and order.status == "RECEIVED":
        return Routed(order.customer, order.account, OrderElement(order.id))
    if order.caused_by is not None and order.is_final and order.kind != "return":
        return Routed(order.customer, order.account, EndedElement(order.id))
    return None
