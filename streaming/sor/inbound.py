"""What a network's message means: to which order what happens; pure.

| message | order | event |
| --- | --- | --- |
| pacs.008 | the payment that it begins | assessed |
| pacs.002 | our payment | accepted once it settled (ACSC, ACCC), rejected, else told |
| pacs.004 | our open recall of that amount, else our payment | returned |
| camt.029 | our open recall, or our request that was taken back | refused, accepted, or told |
| pacs.028 | the payment that we received | none: the planner answers |
| camt.056 | the payment that we received | recalled |
| pain.013 | the request that it begins | assessed |
| pain.014 | our request | told, accepted or rejected |
| camt.055 | the request that we received | withdrawn; the planner answers when it is too late |
"""

from typing import Any

from apps.rails.domain.messages import RECALL_PENDING, RECALL_REFUSED, RECALLED, SETTLED
from apps.transactions.domain.event import (
    Answered,
    Assessed,
    Event,
    Noted,
    Recalled,
    Returned,
    Signal,
)
from apps.transactions.domain.order import Actor
from streaming.sor.surroundings import Surroundings

Document = dict[str, Any]

_TOLD = {"RCVD": "delivered", "PRES": "presented", "PDNG": "pending"}


def meant_by(
    message: Document, found: Surroundings, *, stream: Actor, signals: tuple[Signal, ...] = ()
) -> tuple[str, Event] | None:
    """The order's id and the event; None when the message asks nothing of any order. `stream` assesses what begins."""
    cause, fields = message["_id"], message["fields"]
    network = Actor(kind="network", id=message["network"])
    match message["type"]:
        case "pacs.008" | "pain.013":
            return message["route"]["order"], Assessed(cause, stream, signals)
        case "pacs.002":
            return message["order"], _answer(fields, cause, network)
        case "pacs.004":
            return _return(message, found, network)
        case "camt.056":
            order = message["order"] or message["route"]["order"]
            return order, Recalled(cause, network, fields["reason"])
        case "camt.055":
            order = message["order"] or message["route"]["order"]
            return order, Noted(cause, network, "withdrawn", fields["reason"])
        case "camt.029":
            return _recall_answer(message, found, network)
        case "pain.014":
            return message["order"], _request_answer(fields, cause, network)
    return None


def _answer(fields: Document, cause: str, network: Actor) -> Event:
    """A payment is made when it settled; accepted for settlement (ACSP and others) only tells that it goes on."""
    if fields["verdict"] == "rejected":
        return Answered(cause, network, accepted=False, reason=fields["reason"])
    if fields["status"] in SETTLED:
        return Answered(cause, network, accepted=True)
    return Noted(cause, network, "pending", fields["reason"])


def _return(message: Document, found: Surroundings, network: Actor) -> tuple[str, Event] | None:
    fields = message["fields"]
    amount = fields["amount"]
    if _is_booked(message, found):
        return None
    event = Returned(
        message["_id"],
        network,
        return_id=fields["return_id"],
        amount_minor=amount["amount_minor"],
        currency=amount["currency"],
        reason=fields["reason"],
    )
    recall = _open_recall(message["order"], found)
    if recall is not None and recall["amount_minor"] == event.amount_minor:
        return recall["_id"], event
    return message["order"], event


def _recall_answer(
    message: Document, found: Surroundings, network: Actor
) -> tuple[str, Event] | None:
    fields, cause = message["fields"], message["_id"]
    verdict, reason = fields["answer"], fields["reason"]
    order = found.orders.get(message["order"] or "")
    if order is not None and order["kind"] == "request":
        if verdict == RECALL_PENDING:
            return None
        what = "cancel_accepted" if verdict in RECALLED else "cancel_refused"
        return order["_id"], Noted(cause, network, what, reason)
    recall = _open_recall(message["order"], found)
    if recall is None or verdict in RECALLED:
        return None  # done: the money follows by a message of its own
    what = "recall_refused" if verdict == RECALL_REFUSED else "recall_pending"
    return recall["_id"], Noted(cause, network, what, reason)


def _is_booked(message: Document, found: Surroundings) -> bool:
    """Whether a return took this money in, by this message or by another one that told the same return.

    A recall's return is named after the recall and not after the network's return: its history tells which one it was.
    """
    told = {
        each["_id"]
        for each in found.exchanged.get(message["end_to_end_id"], ())
        if each["type"] == "pacs.004"
        and each["direction"] == "in"
        and each["fields"]["return_id"] == message["fields"]["return_id"]
    }
    return any(
        step["cause"] in told
        for linked in found.caused_by(message["order"] or "")
        for step in linked["history"]
    )


def _open_recall(order: str | None, found: Surroundings) -> Any | None:
    """The return by which we asked the money of this payment back, while nobody has answered it."""
    for linked in found.caused_by(order or ""):
        if linked["kind"] == "return" and linked["status"] == "RETURN_REQUESTED":
            return linked
    return None


def _request_answer(fields: Document, cause: str, network: Actor) -> Event:
    told = _TOLD.get(fields["status"])
    if told is not None:
        return Noted(cause, network, told, fields["reason"])
    return Answered(cause, network, fields["verdict"] == "accepted", fields["reason"])
