"""What is stored of a message and of its receipt, in `rail_messages` and `rail_receipts`: pure, for flows and gateway.

Both collections are insert only. A document's id derives from what made the message, so that one insert is the guard.
"""

from datetime import datetime
from typing import Any

from apps.rails.domain import ids
from apps.rails.domain.fields import fields_of
from apps.rails.domain.messages import Message, end_to_end_id_of
from apps.rails.iso20022.codec import full_name, to_xml

Document = dict[str, Any]
Route = dict[str, str | None]

# Of an answer that somebody else wrote.
ANSWER_LENGTH_MAX = 500


def outgoing_document(
    message: Message, *, network: str, order: str, route: Route, made_by: str, now: datetime
) -> Document:
    """The document that makes the gateway send `message`, for the SOR transaction to insert in the step that sends it.

    The message's id is `on_the_wire(outgoing_id(order, step, kind))`: the same step is the same document. `made_by` is
    "kind:id". Raises RefusedXml when the message's words break its schema (use `printable` for names and references).
    """
    xml = to_xml(message)
    return {"_id": f"msg_{message.message_id}"} | _stored(
        message, xml, direction="out", network=network, order=order, route=route, made_by=made_by, now=now
    )  # fmt: skip


def inbound_document(
    message: Message,
    xml: str,
    *,
    network: str,
    order: str | None,
    route: Route,
    made_by: str,
    now: datetime,
    digest: str | None = None,
) -> Document:
    """The document of a message that a network sent. `order` is the order of ours that it is about, if there is one.

    `xml` is without account numbers, `digest` of the bytes that came.
    """
    return {"_id": ids.inbound_id(network, message.message_id), "digest": digest} | _stored(
        message, xml, direction="in", network=network, order=order, route=route, made_by=made_by, now=now
    )  # fmt: skip


def _stored(
    message: Message,
    xml: str,
    *,
    direction: str,
    network: str,
    order: str | None,
    route: Route,
    made_by: str,
    now: datetime,
) -> Document:
    return {
        "direction": direction,
        "network": network,
        "type": message.TYPE,
        "name": full_name(message),
        "message_id": message.message_id,
        "end_to_end_id": end_to_end_id_of(message),
        "order": order,
        "xml": xml,
        "fields": fields_of(message),
        "route": route,
        "made_by": made_by,
        "created_at": now,
    }


def receipt_document(
    sent: Document,
    *,
    state: str,
    http_status: int | None,
    answer: str,
    made_by: str,
    now: datetime,
) -> Document:
    """What a network answered on the wire to a message: TAKEN (its real answer is a message) or REFUSED for good.

    Without an `http_status` the gateway refused it itself: the network never heard of it.
    """
    return {
        "_id": sent["_id"],
        "network": sent["network"],
        "type": sent["type"],
        "end_to_end_id": sent["end_to_end_id"],
        "order": sent["order"],
        "state": state,
        "http_status": http_status,
        "answer": answer[:ANSWER_LENGTH_MAX],
        "route": sent["route"],
        "made_by": made_by,
        "at": now,
    }


def printable(text: str | None, length_max: int = 140) -> str | None:
    """Words as a message may carry them: no control characters, single spaces, cut to the length; None for nothing."""
    shown = "".join(each if each.isprintable() else " " for each in text or "")
    return " ".join(shown.split())[:length_max].strip() or None
