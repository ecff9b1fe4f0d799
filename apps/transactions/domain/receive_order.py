"""A receive order as a document: how money that a network brings begins its way here."""

from datetime import datetime

from apps.kernel.money import Money
from apps.transactions.domain.order import Actor, AnyOrder, first_step


class ReceiveOrder(AnyOrder):
    """`creditor` is set when the money is posted; `debtor_name` and `debtor_bank` are what the network says."""

    debtor_name: str
    debtor_bank: str | None
    alias_key: str | None


def arrived(
    *,
    order_id: str,
    network: str,
    end_to_end_id: str,
    debtor_name: str,
    debtor_bank: str | None,
    creditor_name: str,
    alias_key: str | None,
    money: Money,
    reference: str | None,
    request_id: str,
    route: dict[str, str],
    now: datetime,
) -> ReceiveOrder:
    """RECEIVED, version 1. `order_id` derives from network and end-to-end id, so a redelivery is the same document."""
    by = Actor(kind="network", id=network)
    return ReceiveOrder(
        _id=order_id,
        client=f"network:{network}",
        kind="receive",
        product=network,
        creditor=None,
        payee_name=creditor_name,
        amount_minor=money.amount_minor,
        currency=money.currency,
        reference=reference,
        memo=None,
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
        end_to_end_id=end_to_end_id,
        debtor_name=debtor_name,
        debtor_bank=debtor_bank,
        alias_key=alias_key,
    )
