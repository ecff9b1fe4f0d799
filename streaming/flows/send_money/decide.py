"""What send money does with a record, as pure functions: its route, and the signals of the assess stage."""

from dataclasses import dataclass
from datetime import timedelta

from apps.transactions.calendar import BUSINESS_CALENDAR
from streaming.contracts.envelope import Change, Undecodable
from streaming.contracts.seen import (
    OrderSeen,
    alias_seen,
    command_seen,
    kind_seen,
    message_seen,
    order_seen,
)
from streaming.flows.routing import Place, Routed, routed
from streaming.flows.sieve import Sieve
from streaming.sor.element import (
    AliasElement,
    CommandElement,
    MessageElement,
    OrderElement,
    WaitingElement,
)

# Half of all records of orders tell the flow its own results.
SIEVE = Sieve("orders", having=(r"\"final\": true",))

DUPLICATE_WINDOW = timedelta(minutes=10)

# A payment that a request caused has no payee: the request's own id stands in its place.
_A_REQUEST = "ord_"
# Messages of networks about what we sent.
_MESSAGES = frozenset({"pacs.002", "pacs.004", "camt.029"})


def route(place: Place, key: bytes | None, value: bytes | None) -> Routed | None:
    """The element that a record asks for, or None when the flow has nothing to do with it. Never raises."""
    return routed(place, key, value, by=_route)


def _route(change: Change) -> Routed | None:
    match change.collection:
        case "orders":
            return _route_order(change)
        case "commands":
            command = command_seen(change)
            if command.kind != "send":
                return None
            return Routed(command.customer, command.account, CommandElement(command.id))
        case "aliases":
            alias = alias_seen(change)
            if alias.status == "ACTIVE":
                return Routed(alias.key, alias.key, AliasElement(alias.key))
            return None
        case "rail_messages":
            return _route_message(change)
    raise Undecodable("unexpected_collection", f"a change of {change.collection}")


def _route_order(change: Change) -> Routed | None:
    if kind_seen(change) != "send":
        return None
    order = order_seen(change)
    if order.status == "RECEIVED":
        return Routed(
            customer=order.customer,
            account=order.account,
            element=OrderElement(order.id),
            likeness=likeness(order),
            at_ms=int(order.created_at.timestamp() * 1000),
        )
    if order.status == "AWAITING_CLAIM":
        return Routed(order.customer, order.account, WaitingElement(order.id))
    return None  # the flow's own result


def _route_message(change: Change) -> Routed | None:
    """Answers about payments; of an answer to a request that was taken back another flow takes care."""
    message = message_seen(change)
    if not message.is_inbound or message.type not in _MESSAGES or message.about == "pain.013":
        return None
    return Routed(message.customer, message.account, MessageElement(message.id))


def likeness(order: OrderSeen) -> str | None:
    """What duplicates share (the debtor is the key already); None for what is never suspicious.

    That is an order without a reference, and one that pays a request: its payer agreed to each by a command, and agrees
    again when a first payment came to nothing.
    """
    if not order.reference or order.payee.startswith(_A_REQUEST):
        return None
    return f"{order.payee}|{order.amount_minor}|{order.currency}|{order.reference}{_later(order)}"


def _later(order: OrderSeen) -> str:
    """The day it is for, when that was yet to come at acceptance: payments of different days are no duplicates."""
    if order.execute_on is None:
        return ""
    accepted_on = BUSINESS_CALENDAR.date_of(order.created_at).isoformat()
    return f"|{order.execute_on}" if order.execute_on > accepted_on else ""


@dataclass(frozen=True)
class Sighting:
    """An order of some likeness that was seen, and which earlier one it was taken for a duplicate of."""

    order: str
    at_ms: int
    duplicate_of: str | None


def sight(
    earlier: tuple[Sighting, ...], order: str, at_ms: int
) -> tuple[tuple[Sighting, ...], str | None]:
    """The sightings to keep, and the order that `order` looks like a duplicate of.

    An order seen again gets the verdict it got the first time, so a redelivery changes nothing.
    """
    for sighting in earlier:
        if sighting.order == order:
            return earlier, sighting.duplicate_of
    window_ms = DUPLICATE_WINDOW // timedelta(milliseconds=1)
    near = tuple(s for s in earlier if abs(at_ms - s.at_ms) <= window_ms)
    verdict = near[-1].order if near else None
    return (*near, Sighting(order, at_ms, verdict)), verdict


def forget_at(now_ms: int) -> int:
    """When to look for sightings to forget: the same instant for a whole window, so that timers do not pile up."""
    window_ms = DUPLICATE_WINDOW // timedelta(milliseconds=1)
    return (now_ms // window_ms + 2) * window_ms


def is_past(sightings: tuple[Sighting, ...], now_ms: int) -> bool:
    """Whether no order accepted from now on can be near any of them."""
    window_ms = DUPLICATE_WINDOW // timedelta(milliseconds=1)
    return all(sighting.at_ms < now_ms - window_ms for sighting in sightings)


def with_signal(element: OrderElement, duplicate_of: str) -> OrderElement:
    signal = ("AM05", f"same payee, amount and reference as {duplicate_of} within 10 minutes")
    return OrderElement(element.id, (*element.signals, signal))
