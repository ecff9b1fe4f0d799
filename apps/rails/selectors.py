"""Reads of the messages exchanged with networks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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


def about(order: Mapping[str, Any]) -> Document:
    """The query for the order's messages. What a network began with is found by the order that it became."""
    end_to_end_id = order.get("end_to_end_id") or on_the_wire(order["_id"])
    came = {"end_to_end_id": end_to_end_id, "route.order": order["_id"]}
    return {"$or": [{"order": order["_id"]}, came]}


def messages_about(order: Document) -> list[Exchanged]:
    """Oldest first, without their XML."""
    found = collection("rail_messages").find(about(order), {"xml": 0})
    messages = list(found.sort([("created_at", 1), ("_id", 1)]).limit(MESSAGES_MAX))
    sent = [message["_id"] for message in messages if message["direction"] == "out"]
    receipts = {row["_id"]: row for row in collection("rail_receipts").find({"_id": {"$in": sent}})}
    return [Exchanged(message, receipts.get(message["_id"])) for message in messages]
