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
    """A command that was inserted."""

    id: str
    type: str
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
        customer=_field(route, "customer", str),
        account=_field(route, "account", str),
    )


def alias_seen(change: Change) -> AliasSeen:
    document = _after(change)
    return AliasSeen(
        id=_field(document, "_id", str),
        key=_field(document, "key", str),
        status=_field(document, "status", str),
    )


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
