"""One event applied to one send order: the new order and what goes with it, or a refusal that changes nothing.

Pure: no clock, no I/O. Called by the SOR transaction with facts read in that transaction;
simulators and tests call the same function.
"""

from datetime import datetime

from apps.kernel.ids import derived_id
from apps.transactions.domain.cases import CaseKind, case_id
from apps.transactions.domain.event import (
    Answered,
    Asked,
    Assessed,
    Claimed,
    Due,
    Event,
    Noted,
    Returned,
    Unprocessable,
)
from apps.transactions.domain.facts import Facts
from apps.transactions.domain.lifecycle import Driver
from apps.transactions.domain.order import Order, has_applied
from apps.transactions.domain.passage import Passage
from apps.transactions.domain.results import Change, Refused, Skipped
from apps.transactions.domain.send_lifecycle import SEND
from apps.transactions.domain.steps import refusal_of_command


class Applied(Change[Order]):
    """A send order after one or more steps, and all that must be written with it in one transaction."""


def apply(order: Order, event: Event, facts: Facts, now: datetime) -> Applied | Refused | Skipped:
    """What `event` makes of `order`. A cause that stands in the history is skipped, whatever else is true."""
    if has_applied(order, event.cause):
        return Skipped("cause applied before")
    passage = Passage(order, facts, now, actor=event.actor, cause=event.cause)
    match event:
        case Assessed():
            return _assess(passage, event)
        case Asked():
            return _ask(passage, event)
        case Claimed():
            return _claim(passage)
        case Due():
            return _due(passage, event)
        case Answered():
            return _answer(passage, event)
        case Returned():
            return _return(passage, event)
        case Unprocessable():
            return _hold_unprocessable(passage, event)
        case Noted():
            return Skipped("the network works on it")
        case _:
            return Skipped("nothing that happens to a send order")


def _done(passage: Passage) -> Applied:
    return Applied(
        order=passage.order,
        entries=passage.entries,
        usage=passage.usage,
        outgoing=passage.outgoing,
        caused=passage.caused,
        cases=passage.cases,
    )


def _assess(passage: Passage, event: Assessed) -> Applied | Skipped:
    if passage.status != "RECEIVED":
        return Skipped("assessed before")
    if passage.is_for_later:
        if event.signals:
            passage.step("HELD", reason=event.signals[0].reason, detail=event.signals[0].detail)
        else:
            passage.postpone()
    elif passage.validate():
        passage.fund_unless_held(event.signals)
    return _done(passage)


def _ask(passage: Passage, event: Asked) -> Applied | Refused:
    refusal = refusal_of_command(passage.order, event.command, Driver(event.actor["kind"]))
    if refusal is not None:
        return refusal
    match event.command:
        case "cancel":
            return _cancel(passage, event)
        case "recall":
            return _recall(passage, event)
        case "dispute":
            return _dispute(passage, event)
        case "enquire" | "confirm_paid" | "confirm_unpaid":
            return _investigated(passage, event)
        case _:
            return _decide_held(passage, event)


def _decide_held(passage: Passage, event: Asked) -> Applied | Refused:
    if passage.status != "HELD":
        return Refused(
            "order_not_held", f"Only a held order can be asked this; it is {passage.status}."
        )
    if event.command == "release":
        _release(passage)
    elif event.command == "reject":
        passage.finish("REJECTED", reason="FRAD", detail=event.reason)
    else:
        passage.finish("BLOCKED", reason="RR04", detail=event.reason)
    return _done(passage)


def _release(passage: Passage) -> None:
    if not passage.is_validated and passage.is_for_later:
        passage.postpone()
    elif passage.is_validated or passage.validate():
        passage.fund_and_route()


def _investigated(passage: Passage, event: Asked) -> Applied | Refused:
    if passage.status != "INVESTIGATE":
        detail = f"Only an order under investigation can be asked this; it is {passage.status}."
        return Refused("order_not_investigated", detail)
    if event.command == "enquire":
        passage.investigate()
    elif event.command == "confirm_paid":
        passage.complete(passage.network_account)
    else:
        passage.finish("REJECTED", reason="NOAS", detail=event.reason)
    return _done(passage)


def _recall(passage: Passage, event: Asked) -> Applied | Refused:
    """Asks the recipient's bank for the money (camt.056), by a return that is linked to the order."""
    if not SEND.takes("recall", passage.status) or not passage.was_sent:
        detail = f"Only what a network paid can be recalled; the order is {passage.status}."
        return Refused("order_not_recallable", detail)
    if passage.facts.returned_minor:
        return Refused("order_returned", "The payment was returned already.")
    if not passage.cause_return(
        asked=True,
        by_id="recall",
        amount_minor=passage.order["amount_minor"],
        reason="CUST",
        detail=event.reason,
    ):
        return Refused("order_recalled", "The payment was recalled before.")
    return _done(passage)


def _dispute(passage: Passage, event: Asked) -> Applied | Refused:
    """Opens a case with the clocks of Regulation E; the order is final and stays so."""
    if not SEND.takes("dispute", passage.status):
        detail = f"Only a paid order can be disputed; it is {passage.status}."
        return Refused("order_not_paid", detail)
    if case_id(passage.order["_id"], "dispute") in passage.facts.linked:
        return Refused("order_disputed", "The payment is in dispute already.")
    passage.open_case("dispute", event.reason, passage.facts.calendar)
    return _done(passage)


def _cancel(passage: Passage, event: Asked) -> Applied | Refused:
    policy = passage.facts.product.cancellable_in
    if not passage.may("CANCELLED"):
        return Refused(
            "order_sent",
            f"The order is {passage.status}: it went to the network and can't be cancelled.",
        )
    if policy is not None and passage.status not in policy:
        detail = f"{passage.facts.product.title} orders can't be cancelled once {passage.status}."
        return Refused("cancel_not_offered", detail)
    passage.finish("CANCELLED", reason="CUST", detail=event.reason)
    return _done(passage)


def _claim(passage: Passage) -> Applied | Skipped:
    if passage.status != "AWAITING_CLAIM" or passage.facts.recipient is None:
        return Skipped("not waiting for this alias")
    passage.route()
    return _done(passage)


def _due(passage: Passage, event: Due) -> Applied | Refused:
    due_at = passage.order["due_at"]
    if passage.order["due_event"] != event.due_event or due_at is None:
        return Refused("not_due", "The order waits for nothing of this kind any more.")
    if passage.now < due_at:
        return Refused("not_due", f"The order is due at {due_at.isoformat()}.")
    if event.due_event == "claim_expired":
        passage.finish("EXPIRED", reason="NOAS")
    elif event.due_event in ("network_silent", "enquiry_due"):
        passage.investigate()
    elif passage.validate():
        passage.fund_unless_held()
    return _done(passage)


def _answer(passage: Passage, event: Answered) -> Applied | Skipped:
    if not SEND.takes("accepted", passage.status):
        return _late_answer(passage, event)
    if event.accepted:
        passage.complete(passage.network_account)
    else:
        passage.finish("REJECTED", reason=event.reason or "NARR", detail=event.detail)
    return _done(passage)


def _late_answer(passage: Passage, event: Answered) -> Applied | Skipped:
    """The same answer again is nothing; one that contradicts a final order moves nothing and is for people."""
    paid = passage.status == "COMPLETED"
    if not passage.was_sent or event.accepted == paid:
        return Skipped("no answer awaited")
    said = "accepted" if event.accepted else f"rejected ({event.reason})"
    detail = f"The order is {passage.status}, then the network {said} it."
    return _to_people(passage, "contradiction", detail)


def _return(passage: Passage, event: Returned) -> Applied | Skipped:
    """Money comes back: a return of its own. Before any answer it says that the payment was accepted, too."""
    order = passage.order
    if not SEND.takes("returned", passage.status) or not passage.was_sent:
        if passage.was_sent:
            detail = f"The order is {passage.status}, then the network returned money for it."
            return _to_people(passage, "return_unclear", detail)
        return Skipped("nothing that could come back")
    if passage.facts.returned_minor + event.amount_minor > order["amount_minor"] or (
        event.currency != order["currency"]
    ):
        if _return_id(passage, event) in passage.facts.linked:
            return Skipped("returned before")
        detail = "More comes back than was paid, or in another currency."
        return _to_people(passage, "return_unclear", detail)
    if passage.status != "COMPLETED":
        passage.complete(passage.network_account)
    if not passage.cause_return(
        asked=False,
        by_id=event.return_id,
        amount_minor=event.amount_minor,
        reason=event.reason,
    ):
        return Skipped("returned before")
    return _done(passage)


def _return_id(passage: Passage, event: Returned) -> str:
    return derived_id("ord", "return", passage.order["_id"], event.return_id)


def _to_people(passage: Passage, kind: CaseKind, detail: str) -> Applied | Skipped:
    if case_id(passage.order["_id"], kind) in passage.facts.linked:
        return Skipped("a case is open")
    passage.open_case(kind, detail, passage.facts.calendar)
    return _done(passage)


def _hold_unprocessable(passage: Passage, event: Unprocessable) -> Applied | Skipped:
    if passage.status != "RECEIVED":
        return Skipped("only an order that nothing was decided about is held for its data")
    passage.step("HELD", reason="NARR", detail=event.detail)
    return _done(passage)
