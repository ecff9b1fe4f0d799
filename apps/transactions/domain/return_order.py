"""A return as a document: how it begins, linked to the final order whose money goes back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from apps.kernel.ids import derived_id
from apps.transactions.domain.order import Actor, AnyOrder, Party, first_step

Direction = Literal["inward", "outward"]


class ReturnOrder(AnyOrder):
    """`account` is the customer's of ours: credited by an inward return, debited by an outward one.

    `asked` tells a return that somebody asks for first (camt.056) from one that comes by itself (pacs.004).
    """

    direction: Direction
    account: Party
    asked: bool
    return_reason: str


def return_of(
    order: AnyOrder,
    *,
    direction: Direction,
    account: Party,
    asked: bool,
    by_id: str,
    amount_minor: int,
    reason: str,
    detail: str | None,
    actor: Actor,
    now: datetime,
) -> ReturnOrder:
    """The return that `by_id` (the network's return, the recall) causes: the same once more has the same id."""
    order_id = derived_id("ord", "return", order["_id"], by_id)
    end_to_end_id = order.get("end_to_end_id") or order["_id"].partition("_")[2]
    return ReturnOrder(
        _id=order_id,
        client=order["client"],
        kind="return",
        product=order["product"],
        creditor=account if direction == "inward" else None,
        payee_name=_far_side(order, direction),
        amount_minor=amount_minor,
        currency=order["currency"],
        reference=order["reference"],
        memo=detail,
        request_id=order["request_id"],
        status="RECEIVED",
        iso_status="RCVD",
        reason=None,
        final=False,
        version=1,
        history=[first_step(order_id, actor=actor, now=now)],
        due_at=None,
        due_event=None,
        route={"order": order_id, "customer": account["customer"], "account": account["account"]},
        created_at=now,
        updated_at=now,
        caused_by=order["_id"],
        end_to_end_id=end_to_end_id,
        direction=direction,
        account=account,
        asked=asked,
        return_reason=reason,
    )


def _far_side(order: Mapping[str, Any], direction: Direction) -> str:
    """Who is not ours: whoever paid what goes back outward, whoever was paid what comes back inward."""
    name = order.get("debtor_name") if direction == "outward" else None
    return str(name or order["payee_name"])
