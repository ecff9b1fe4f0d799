"""What receive money does with a record, as a pure function: its route to the settle stage."""

from streaming.contracts.envelope import Change, Undecodable
from streaming.contracts.seen import command_seen, message_seen
from streaming.flows.routing import Place, Routed, routed
from streaming.sor.element import CommandElement, MessageElement

# A payment that a network brings, and what the sender's bank asks and wants of one.
_MESSAGES = frozenset({"pacs.008", "pacs.028", "camt.056"})
# A return gives back what was received, or brings back what was sent.
_KINDS = frozenset({"receive", "return"})


def route(place: Place, key: bytes | None, value: bytes | None) -> Routed | None:
    """The element that a record asks for, or None when the flow has nothing to do with it. Never raises.

    Both topics are read by every flow that settles; a record that can't be decoded is kept by send money.
    """
    return routed(place, key, value, by=_route, keeps_bad=False)


def _route(change: Change) -> Routed | None:
    match change.collection:
        case "rail_messages":
            message = message_seen(change)
            if message.is_inbound and message.type in _MESSAGES:
                return Routed(message.customer, message.account, MessageElement(message.id))
            return None
        case "commands":
            command = command_seen(change)
            if command.kind in _KINDS:
                return Routed(command.customer, command.account, CommandElement(command.id))
            return None
    raise Undecodable("unexpected_collection", f"a change of {change.collection}")
