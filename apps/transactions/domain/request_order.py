"""A request order as a document: how it begins, here or at another bank, and how a split becomes a parent and children.

`creditor` is the requester's account when it is ours and None when another bank's customer asks a customer of ours.
"""

from datetime import datetime
from typing import NotRequired, TypedDict

from apps.kernel.errors import Invalid
from apps.kernel.ids import derived_id
from apps.kernel.money import Money
from apps.transactions.domain.lifecycle import Driver
from apps.transactions.domain.order import Actor, AnyOrder, FarSide, Party, first_step

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
    # Of a request that a network brought: the account of ours that it names, and who asks, as the other bank says.
    account: NotRequired[str | None]
    creditor_name: NotRequired[str]
    creditor_bank: NotRequired[str | None]
    creditor_account: NotRequired[str | None]
    creditor_alias: NotRequired[str | None]


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
    order = _begun(
        order_id=order_id,
        by=Actor(kind=Driver.CUSTOMER.value, id=client),
        client=client,
        product=product,
        creditor=creditor,
        payer_name=payer_name,
        alias_key=alias_key,
        money=money,
        expires_at=expires_at,
        reference=reference,
        memo=memo,
        request_id=request_id,
        route={
            "order": order_id,
            "customer": creditor["customer"],
            "account": creditor["account"],
        },
        now=now,
    )
    if shares is not None:
        _check(shares, money)
        order["shares"] = shares
    return order


def asked_by_network(
    *,
    order_id: str,
    network: str,
    end_to_end_id: str,
    payer: str | None,
    payer_name: str,
    alias_key: str | None,
    account: str | None,
    far_side: FarSide,
    money: Money,
    expires_at: datetime,
    reference: str | None,
    request_id: str,
    route: dict[str, str],
    now: datetime,
) -> RequestOrder:
    """RECEIVED, version 1: a customer of another bank asks a customer of ours for money (inbound pain.013).

    `order_id` derives from network and end-to-end id, so a redelivery is the same document. `payer`, `alias_key` and
    `account` (an id of ours) say who is asked, as far as the message told or is known; `far_side` is who asks.
    """
    order = _begun(
        order_id=order_id,
        by=Actor(kind=Driver.NETWORK.value, id=network),
        client=f"network:{network}",
        product=network,
        creditor=None,
        payer_name=payer_name,
        alias_key=alias_key,
        money=money,
        expires_at=expires_at,
        reference=reference,
        memo=None,
        request_id=request_id,
        route=route,
        now=now,
    )
    order["payer"], order["account"] = payer, account
    order["end_to_end_id"] = end_to_end_id
    order["creditor_name"], order["creditor_bank"] = far_side["name"], far_side["bank"]
    order["creditor_account"], order["creditor_alias"] = far_side["account"], far_side["alias"]
    return order


def far_side_of(request: RequestOrder) -> FarSide:
    """Who asks, of a request that a network brought."""
    return FarSide(
        name=request["creditor_name"],
        bank=request["creditor_bank"],
        account=request["creditor_account"],
        alias=request["creditor_alias"],
    )


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


def _begun(
    *,
    order_id: str,
    by: Actor,
    client: str,
    product: str,
    creditor: Party | None,
    payer_name: str,
    alias_key: str | None,
    money: Money,
    expires_at: datetime,
    reference: str | None,
    memo: str | None,
    request_id: str,
    route: dict[str, str],
    now: datetime,
) -> RequestOrder:
    return RequestOrder(
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
        route=route,
        created_at=now,
        updated_at=now,
        alias_key=alias_key,
        payer=None,
        expires_at=expires_at,
        payment=None,
    )


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
