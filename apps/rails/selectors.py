"""Reads of the messages exchanged with networks."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.kernel.ids import derived_id
from apps.rails.domain.ids import on_the_wire
from dpms_site.mongodb import Document, collection

# More than any order has; a network that keeps talking does not fill an answer.
MESSAGES_MAX = 500


@dataclass(frozen=True)
class Exchanged:
    """A message, and what the network said on the wire to one of ours."""

    message: Document
    receipt: Document | None

    @property
    def status(self) -> str:
        """ARRIVED for one of the network's; for ours TAKEN, REFUSED, or WAITING while it has no receipt."""
        if self.message["direction"] == "in":
            return "ARRIVED"
        return str(self.receipt["state"]) if self.receipt else "WAITING"


def messages_about(order: Document, *, limit: int = MESSAGES_MAX) -> list[Exchanged]:
    """At most `limit`, oldest first, without their XML.

    What a network began with is found by the order that it became, what it says of a return by the payment.
    """
    found = collection("rail_messages").find(about(order), {"xml": 0})
    messages = list(found.sort([("created_at", 1), ("_id", 1)]).limit(limit))
    if order["kind"] == "return":
        messages = [message for message in messages if _is_about_return(message, order)]
    sent = [message["_id"] for message in messages if message["direction"] == "out"]
    receipts = {row["_id"]: row for row in collection("rail_receipts").find({"_id": {"$in": sent}})}
    return [Exchanged(message, receipts.get(message["_id"])) for message in messages]


def about(order: Document) -> Document:
    """The query for messages that are, or may be, about an order."""
    return {"$or": list(_maybe_about(order))}


def _maybe_about(order: Document) -> Iterator[Document]:
    end_to_end_id = order.get("end_to_end_id") or on_the_wire(order["_id"])
    yield {"order": order["_id"]}
    yield {"end_to_end_id": end_to_end_id, "route.order": order["_id"]}
    if order.get("kind") == "return":
        # Networks name the payment and not what we call its return.
        about_money_back = {"$in": ["camt.056", "camt.029", "pacs.004"]}
        yield {"end_to_end_id": end_to_end_id, "direction": "in", "type": about_money_back}


def _is_about_return(message: Document, order: Document) -> bool:
    """Of several returns of one payment each has its own: by its recall's case, or by the network's return."""
    fields, order_id = message["fields"], order["_id"]
    if message["order"] == order_id or message["route"].get("order") == order_id:
        return True
    if message["_id"] in {step["cause"] for step in order["history"]}:
        return True
    match message["type"]:
        case "camt.029":
            return bool(fields["case_id"] == on_the_wire(order_id))
        case "camt.056":
            return bool(order["direction"] == "outward" and order["asked"])
    return derived_id("ord", "return", order["caused_by"], fields["return_id"]) == order_id
