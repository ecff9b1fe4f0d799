"""Orders that begin with a network's message: money that it brings for a customer of ours; pure."""

from datetime import datetime, timedelta
from typing import Any

from apps.kernel.money import Money
from apps.transactions.domain.order import AnyOrder, FarSide
from apps.transactions.domain.receive_order import arrived
from apps.transactions.domain.request_order import asked_by_network

Document = dict[str, Any]

# Of a request without an end of its own: so long is published for Zelle (U.S. Bank, KB0070118).
_KEPT = timedelta(days=30)


def arrival_of(message: Document, now: datetime) -> AnyOrder | None:
    """The order that the message begins, as its first version; None for a message about another one.

    Its id stands in the message's route and derives from network and end-to-end id: however often and under whatever
    message ids a payment is told, it is one order.
    """
    if message["direction"] != "in":
        return None
    if message["type"] == "pacs.008":
        return _payment(message, now)
    if message["type"] == "pain.013":
        return _request(message, now)
    return None


def _payment(message: Document, now: datetime) -> AnyOrder:
    fields = message["fields"]
    debtor, creditor = fields["debtor"], fields["creditor"]
    order: AnyOrder = arrived(
        order_id=message["route"]["order"],
        network=message["network"],
        end_to_end_id=message["end_to_end_id"],
        debtor_name=debtor["name"],
        debtor_bank=debtor["bank"],
        creditor_name=creditor["name"],
        alias_key=creditor["alias"],
        money=_money(fields),
        reference=fields["reference"],
        request_id=message["_id"],
        route=message["route"],
        now=now,
    )
    if message["order"] is not None:
        order["caused_by"] = message["order"]  # a request of ours asked for it
    return order


def _request(message: Document, now: datetime) -> AnyOrder:
    fields, route = message["fields"], message["route"]
    debtor, creditor = fields["debtor"], fields["creditor"]
    order: AnyOrder = asked_by_network(
        order_id=route["order"],
        network=message["network"],
        end_to_end_id=message["end_to_end_id"],
        payer=route["customer"],
        payer_name=debtor["name"],
        alias_key=debtor["alias"],
        account=route["account"],
        # Its account number stays in the message: the network knows its own request by the end-to-end id.
        far_side=FarSide(
            name=creditor["name"], bank=creditor["bank"], account=None, alias=creditor["alias"]
        ),
        money=_money(fields),
        expires_at=fields["expires_at"] or now + _KEPT,
        reference=fields["reference"],
        request_id=message["_id"],
        route=route,
        now=now,
    )
    return order


def _money(fields: Document) -> Money:
    amount = fields["amount"]
    return Money(amount["amount_minor"], amount["currency"])
