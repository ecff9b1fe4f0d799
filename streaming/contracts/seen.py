"""What a flow reads from a change event: the few fields it routes and assesses by, each with its type checked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from streaming.contracts.codec import typed
from streaming.contracts.envelope import Change, Undecodable

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class OrderSeen:
    """An order as some version of it was; the flow reads the present one before it decides."""

    id: str
    version: int
    status: str
    customer: str
    account: str
    payee: str
    amount_minor: int
    currency: str
    reference: str | None
    alias_key: str | None
    created_at: datetime
    execute_on: str | None


@dataclass(frozen=True)
class CommandSeen:
    """A command that was inserted; `kind` is that of its order."""

    id: str
    type: str
    kind: str
    customer: str
    account: str


@dataclass(frozen=True)
class MessageSeen:
    """A message of a network; `about` is the type of the message that it is about ("pain.013"), None when it begins."""

    id: str
    type: str
    is_inbound: bool
    about: str | None
    customer: str
    account: str


@dataclass(frozen=True)
class ExchangeSeen:
    """An order of whatever kind, as far as a request may come of it or be told of it."""

    id: str
    kind: str
    status: str
    is_final: bool
    caused_by: str | None
    customer: str
    account: str


@dataclass(frozen=True)
class AliasSeen:
    """An alias as some version of it was."""

    id: str
    key: str
    status: str


def order_seen(change: Change) -> OrderSeen:
    document = _after(change)
    route = _field(document, "route", dict)
    return OrderSeen(
        id=_field(document, "_id", str),
        version=_field(document, "version", int),
        status=_field(document, "status", str),
        customer=_field(route, "customer", str),
        account=_field(route, "account", str),
        payee=_field(document, "payee", str),
        amount_minor=_field(document, "amount_minor", int),
        currency=_field(document, "currency", str),
        reference=_optional(document, "reference", str),
        alias_key=_optional(document, "alias_key", str),
        created_at=_field(document, "created_at", datetime),
        execute_on=_optional(document, "execute_on", str),
    )


def command_seen(change: Change) -> CommandSeen:
    document = _after(change)
    route = _field(document, "route", dict)
    return CommandSeen(
        id=_field(document, "_id", str),
        type=_field(document, "type", str),
        kind=_optional(document, "kind", str) or "send",
        customer=_side(route, "customer"),
        account=_side(route, "account"),
    )


def kind_seen(change: Change) -> str:
    """The kind of an order."""
    return _field(_after(change), "kind", str)


def message_seen(change: Change) -> MessageSeen:
    document = _after(change)
    route = _field(document, "route", dict)
    original = _field(document, "fields", dict).get("original")
    about = original.get("message_type") if isinstance(original, dict) else None
    return MessageSeen(
        id=_field(document, "_id", str),
        type=_field(document, "type", str),
        is_inbound=_field(document, "direction", str) == "in",
        about=".".join(str(about).split(".")[:2]) if about else None,
        customer=_side(route, "customer"),
        account=_side(route, "account"),
    )


def exchange_seen(change: Change) -> ExchangeSeen:
    document = _after(change)
    route = _field(document, "route", dict)
    return ExchangeSeen(
        id=_field(document, "_id", str),
        kind=_field(document, "kind", str),
        status=_field(document, "status", str),
        is_final=document.get("final") is True,
        caused_by=_optional(document, "caused_by", str),
        customer=_side(route, "customer"),
        account=_side(route, "account"),
    )


def alias_seen(change: Change) -> AliasSeen:
    document = _after(change)
    return AliasSeen(
        id=_field(document, "_id", str),
        key=_field(document, "key", str),
        status=_field(document, "status", str),
    )


def _side(route: dict[str, Any], name: str) -> str:
    """Of money that came for nobody here neither customer nor account is known: its order's id spreads it as well."""
    return _optional(route, name, str) or _field(route, "order", str)


def _after(change: Change) -> dict[str, Any]:
    if change.after is None:
        raise Undecodable("no_after_image", f"{change.collection} {change.id} was deleted")
    return change.after


def _field(document: dict[str, Any], name: str, kind: type[_Value]) -> _Value:
    value = _plain(document.get(name))
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Undecodable(
            "wrong_field", f"{name} is {type(value).__name__}, expected {kind.__name__}"
        )
    return value


def _plain(value: Any) -> Any:
    """A value still in its Extended JSON wrapper is unwrapped; who looks at a few fields need not read them all."""
    if type(value) is not dict or len(value) != 1:
        return value
    try:
        return typed(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise Undecodable("wrong_field", f"{type(error).__name__}: {error}"[:500]) from error


def _optional(document: dict[str, Any], name: str, kind: type[_Value]) -> _Value | None:
    return None if document.get(name) is None else _field(document, name, kind)
