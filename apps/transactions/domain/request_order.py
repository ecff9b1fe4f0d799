"""A request order as a document: how it begins, and how a split becomes one parent and a request for each payer."""

from datetime import datetime
from typing import NotRequired, TypedDict

from apps.kernel.errors import Invalid
from apps.kernel.ids import derived_id
from apps.kernel.money import Money
from apps.transactions.domain.lifecycle import Driver
from apps.transactions.domain.order import Actor, AnyOrder, Party, first_step

SHARES_MAX = 50


class Share(TypedDict):
    """What one payer of a split is asked for."""

    payer_name: str
    alias_key: str
    amount_minor: int


class RequestOrder(AnyOrder):
    """`creditor` asks, `payee_name` is the payer; `payment` is the send order that the payer's promise caused."""

    alias_key: str | None
    payer: str | None
    expires_at: datetime
    payment: str | None
    # Of a split's parent only.
    shares: NotRequired[list[Share]]


def requested(
    *,
    order_id: str,
    client: str,
    product: str,
    creditor: Party,
    payer_name: str,
    alias_key: str | None,
    money: Money,
    expires_at: datetime,
    reference: str | None,
    memo: str | None,
    request_id: str,
    now: datetime,
    shares: list[Share] | None = None,
) -> RequestOrder:
    """RECEIVED, version 1. Raises Invalid when shares do not add up to the amount, or one is not above zero."""
    by = Actor(kind=Driver.CUSTOMER.value, id=client)
    order = RequestOrder(
        _id=order_id,
        client=client,
        kind="request",
        product=product,
        creditor=creditor,
        payee_name=payer_name,
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
        due_at=None,
        due_event=None,
        route={
            "order": order_id,
            "customer": creditor["customer"],
            "account": creditor["account"],
        },
        created_at=now,
        updated_at=now,
        alias_key=alias_key,
        payer=None,
        expires_at=expires_at,
        payment=None,
    )
    if shares is not None:
        _check(shares, money)
        order["shares"] = shares
    return order


def children_of(parent: RequestOrder, now: datetime) -> list[RequestOrder]:
    """A request for each share; its id derives from the parent and its place."""
    creditor = parent["creditor"]
    assert creditor is not None  # noqa: S101 - narrows the type
    children = []
    for number, share in enumerate(parent.get("shares", [])):
        child = requested(
            order_id=derived_id("ord", "share", parent["_id"], str(number)),
            client=parent["client"],
            product=parent["product"],
            creditor=creditor,
            payer_name=share["payer_name"],
            alias_key=share["alias_key"],
            money=Money(share["amount_minor"], parent["currency"]),
            expires_at=parent["expires_at"],
            reference=parent["reference"],
            memo=parent["memo"],
            request_id=parent["request_id"],
            now=now,
        )
        child["caused_by"] = parent["_id"]
        children.append(child)
    return children


def _check(shares: list[Share], money: Money) -> None:
    if not 2 <= len(shares) <= SHARES_MAX:
        detail = f"Name 2 to {SHARES_MAX} payers, not {len(shares)}."
        raise Invalid("split_size", detail, "/shares")
    for number, share in enumerate(shares):
        if share["amount_minor"] <= 0:
            raise Invalid("share_not_positive", "Ask for more than zero.", f"/shares/{number}")
    if len({share["alias_key"] for share in shares}) != len(shares):
        raise Invalid("share_twice", "Name each payer once.", "/shares")
    total_minor = sum(share["amount_minor"] for share in shares)
    if total_minor != money.amount_minor:
        detail = f"The shares add up to {total_minor} and the amount is {money.amount_minor}."
        raise Invalid("split_does_not_add_up", f"{detail} (minor units)", "/shares")
