"""An order as a value: how it begins, how it takes one step, and the sentence that tells where it stands."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NotRequired, TypedDict, TypeVar

from apps.kernel.money import Money, decimal_string
from apps.transactions.domain.lifecycle import LIFECYCLES, REASONS, Driver, may_move


class Actor(TypedDict):
    """Who made a step: the kind is a `Driver`, the id names the client, person or job."""

    kind: str
    id: str


class Step(TypedDict):
    """One item of an order's history; `cause` names what made it and is never applied twice."""

    version: int
    status: str
    iso_status: str
    reason: str | None
    detail: str | None
    at: datetime
    actor: Actor
    cause: str


class Party(TypedDict):
    """A customer and the account used."""

    customer: str
    account: str


class FarSide(TypedDict):
    """Who is paid at another bank, in its own words; `account` is the token of a number, never the number."""

    name: str
    bank: str | None
    account: str | None
    alias: str | None


class AnyOrder(TypedDict):
    """What orders of every kind have; the field list with meanings is in docs/reference/data-model.md."""

    _id: str
    client: str
    kind: str
    product: str
    creditor: Party | None
    payee_name: str
    amount_minor: int
    currency: str
    reference: str | None
    memo: str | None
    request_id: str
    status: str
    iso_status: str
    reason: str | None
    final: bool
    version: int
    history: list[Step]
    due_at: datetime | None
    due_event: str | None
    route: dict[str, str]
    created_at: datetime
    updated_at: datetime
    # The order that caused this one: a request its payment, a payment its return.
    caused_by: NotRequired[str]
    # The network's, of what it began and of what pays that; ours derives from the order's id.
    end_to_end_id: NotRequired[str]


class Order(AnyOrder):
    """A send order: a customer of ours pays."""

    idempotency_key: str
    body_hash: str
    debtor: Party
    payee: str
    alias_key: str | None
    limit_day: str | None
    # The day ("YYYY-MM-DD", of the bank's zone) that was asked for; absent: at once, as on a day that has come.
    execute_on: NotRequired[str]
    # Whom a request of another bank asked us to pay.
    counterparty: NotRequired[FarSide]


Kind = TypeVar("Kind", bound=AnyOrder)


class IllegalMove(AssertionError):
    """A step that the table does not know: a defect of the caller, never an answer to a customer."""


def accepted(
    *,
    order_id: str,
    client: str,
    idempotency_key: str,
    body_hash: str,
    product: str,
    debtor_customer: str,
    debtor_account: str,
    payee: str,
    payee_name: str,
    alias_key: str | None,
    money: Money,
    reference: str | None,
    memo: str | None,
    request_id: str,
    now: datetime,
    execute_on: str | None = None,
) -> Order:
    """The document that one insert makes an accepted order: RECEIVED, version 1."""
    by = Actor(kind=Driver.CUSTOMER.value, id=client)
    order = Order(
        _id=order_id,
        client=client,
        idempotency_key=idempotency_key,
        body_hash=body_hash,
        kind="send",
        product=product,
        debtor=Party(customer=debtor_customer, account=debtor_account),
        creditor=None,
        payee=payee,
        payee_name=payee_name,
        alias_key=alias_key,
        amount_minor=money.amount_minor,
        currency=money.currency,
        reference=reference,
        memo=memo,
        request_id=request_id,
        status="RECEIVED",
        iso_status="RCVD",
        reason=None,
        final=False,
        version=1,
        history=[first_step(order_id, actor=by, now=now)],
        limit_day=None,
        due_at=None,
        due_event=None,
        route={"order": order_id, "customer": debtor_customer, "account": debtor_account},
        created_at=now,
        updated_at=now,
    )
    if execute_on is not None:
        order["execute_on"] = execute_on
    return order


def first_step(order_id: str, *, actor: Actor, now: datetime) -> Step:
    """The acceptance, which is version 1 of every order; its cause is the order itself."""
    return Step(
        version=1,
        status="RECEIVED",
        iso_status="RCVD",
        reason=None,
        detail=None,
        at=now,
        actor=actor,
        cause=order_id,
    )


def advance(
    order: Kind,
    target: str,
    *,
    actor: Actor,
    cause: str,
    now: datetime,
    reason: str | None = None,
    detail: str | None = None,
) -> Kind:
    """A new order one step further; the old one is untouched. Raises IllegalMove outside the table."""
    kind = order["kind"]
    if not may_move(order["status"], target, Driver(actor["kind"]), kind):
        raise IllegalMove(f"{order['_id']}: {order['status']} → {target} by {actor['kind']}")
    status = LIFECYCLES[kind].statuses[target]
    version = order["version"] + 1
    step = Step(
        version=version,
        status=target,
        iso_status=status.iso_status,
        reason=reason,
        detail=detail,
        at=now,
        actor=actor,
        cause=cause,
    )
    moved = order.copy()
    moved["status"] = target
    moved["iso_status"] = status.iso_status
    moved["reason"] = reason
    moved["final"] = status.final
    moved["version"] = version
    moved["history"] = [*order["history"], step]
    moved["due_at"] = None
    moved["due_event"] = None
    moved["updated_at"] = now
    return moved


def has_applied(order: AnyOrder, cause: str) -> bool:
    return any(step["cause"] == cause for step in order["history"])


def sentence(order: Mapping[str, Any], step: Mapping[str, Any] | None = None) -> str:
    """What happened, whose turn it is and the next deadline, at `step` or now; no markup, no account numbers."""
    at = step if step is not None else order["history"][-1]
    lifecycle = LIFECYCLES.get(order.get("kind", "send"))
    status = lifecycle.statuses.get(at["status"]) if lifecycle else None
    if status is None:
        return str(at["status"]).replace("_", " ").capitalize() + "."
    reason = REASONS.get(at["reason"] or "", at["reason"] or "no reason given")
    words = status.words.format_map(
        {
            "payee": order["payee_name"],
            "reason": at["detail"] or reason if at["reason"] == "NARR" else reason,
            "actor": at["actor"]["kind"],
            "due_at": _date(order.get("due_at")),
            "execute_on": _day(order.get("execute_on")),
        }
    )
    return f"{opening(order)}. {words}"


def opening(order: Mapping[str, Any]) -> str:
    """How the sentence begins: "12.00 USD requested from Bea"; of `order` it takes kind, amount, payee, direction."""
    amount = f"{decimal_string(order['amount_minor'], order['currency'])} {order['currency']}"
    way = _WAYS.get(order.get("direction") or order.get("kind", ""), "to")
    return f"{amount} {way} {order['payee_name']}"


# Between the amount and the other party's name.
_WAYS = {
    "receive": "for",
    "request": "requested from",
    "inward": "back from",
    "outward": "back to",
}


def _date(instant: datetime | None) -> str:
    return instant.strftime("%-d %B %Y") if instant else "the period ends"


def _day(day: str | None) -> str:
    return date.fromisoformat(day).strftime("%-d %B %Y") if day else "its date"
