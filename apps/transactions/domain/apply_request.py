"""One event applied to one request order: brought to its payer, answered, paid by another order, or ended unpaid."""

from datetime import datetime

from apps.kernel.ids import derived_id
from apps.kernel.money import Money
from apps.transactions.domain.event import (
    Answered,
    Asked,
    Assessed,
    ChildEnded,
    Due,
    Event,
    Noted,
    Settled,
    Unprocessable,
)
from apps.transactions.domain.lifecycle import Driver
from apps.transactions.domain.order import Order, Party, accepted, has_applied
from apps.transactions.domain.outgoing import NOBODY
from apps.transactions.domain.request_lifecycle import REQUEST
from apps.transactions.domain.request_order import RequestOrder, children_of, far_side_of
from apps.transactions.domain.request_steps import RequestFacts as RequestFacts
from apps.transactions.domain.request_steps import RequestSteps
from apps.transactions.domain.results import Change, Refused, Skipped
from apps.transactions.domain.steps import refusal_of_command

Result = Change[RequestOrder] | Refused | Skipped

# Why a bank keeps a request that the requester takes back (camt.029), and what the request then is.
_KEPT = {"ALAC": "ACCEPTED", "ARFR": "DECLINED", "AEXR": "EXPIRED"}
# Why we keep one that the requester's bank takes back: accepted, refused, expired, or cancelled already.
_TOO_LATE = {
    **dict.fromkeys(("ACCEPTED", "BROKEN_PROMISE", "PAID"), "ALAC"),
    **dict.fromkeys(("REJECTED", "DECLINED"), "ARFR"),
    "EXPIRED": "AEXR",
    "CANCELLED": "ACLR",
}


def apply_request(order: RequestOrder, event: Event, facts: RequestFacts, now: datetime) -> Result:
    """What `event` makes of `order`. A cause that stands in the history is skipped, whatever else is true."""
    if has_applied(order, event.cause):
        return Skipped("cause applied before")
    request = RequestSteps(order, facts, now, actor=event.actor, cause=event.cause)
    if facts.is_paid and REQUEST.takes("paid", request.status) and not isinstance(event, Settled):
        return _after_payment(event)
    return _decide(request, event)


def _after_payment(event: Event) -> Result:
    """Its money is here and it hears so next: until then nothing else may end it."""
    detail = "Its money came; it is about to be paid."
    if isinstance(event, Asked):
        return Refused("request_paid", detail)
    if isinstance(event, Noted) and event.what == "withdrawn":
        return Refused("ALAC", detail)
    return Refused("not_due", detail) if isinstance(event, Due) else Skipped("its money came")


def _decide(request: RequestSteps, event: Event) -> Result:
    match event:
        case Assessed() if request.status == "RECEIVED":
            return _assess(request)
        case Unprocessable() if request.status == "RECEIVED":
            request.go("REJECTED", reason="NARR", detail=event.detail)
            return request.change()
        case Asked():
            return _ask(request, event)
        case Due():
            return _due(request, event)
        case Answered():
            return _answer(request, event)
        case Noted(what="withdrawn"):
            return _withdraw(request, event)
        case Noted():
            return _note(request, event)
        case Settled():
            return _settle(request, event)
        case ChildEnded() if request.status == "SPLIT":
            return _close(request)
        case _:
            return Skipped("nothing that happens to a request now")


def _assess(request: RequestSteps) -> Result:
    refusal, payer = request.refusal(), request.facts.payer
    if refusal is not None:
        request.go("REJECTED", reason=refusal[0], detail=refusal[1])
    elif "shares" in request.order:
        request.go("SPLIT")
        request.caused += children_of(request.order, request.now)
    elif payer is not None and payer.is_on_us:
        request.go("DELIVERED")
        request.order["payer"] = payer.customer
    else:
        request.go("SUBMITTED")
        request.say("pain.013")
    return request.change()


def _ask(request: RequestSteps, event: Asked) -> Result:
    refused = refusal_of_command(request.order, event.command, Driver(event.actor["kind"]))
    if refused is not None:
        return refused
    if event.command == "cancel" and request.is_from_network:
        return Refused("requester_elsewhere", "The requester's bank cancels it.")
    if not REQUEST.takes(event.command, request.status):
        return Refused("request_not_open", f"This can't be asked while it is {request.status}.")
    if request.order["payment"] is not None:
        return Refused("payment_under_way", "Its payment is under way and decides.")
    if event.command != "cancel" and request.is_elsewhere:
        return Refused("payer_elsewhere", "The payer answers at another bank.")
    match event.command:
        case "accept":
            return _promise(request)
        case "present":
            request.go("PRESENTED")
        case "decline":
            request.go("DECLINED", reason="CUST", detail=event.reason)
        case _ if request.is_elsewhere:
            request.go("CANCEL_PENDING", detail=event.reason)
            request.say("camt.055")
        case _:
            request.go("CANCELLED", reason="CUST", detail=event.reason)
    return request.change()


def _promise(request: RequestSteps) -> Result:
    """The payer accepts: a send order of theirs is caused, whose end decides about the request."""
    order, payer = request.order, request.facts.payer
    if payer is None or payer.account is None or payer.customer is None:
        return Refused("payer_unknown", "The payer has no account here any more.")
    if payer.customer != order["payer"]:
        return Refused("payer_unknown", "The payer's address belongs to somebody else now.")
    if request.is_from_network and request.facts.was_instructed:
        # It would carry the request's end-to-end id again, which a network takes once.
        return Refused(
            "paid_before", "Its payment was refused by the network; it needs a new request."
        )
    payment = _payment_of(request, Party(customer=payer.customer, account=payer.account.id))
    request.go("ACCEPTED")
    request.order["payment"] = payment["_id"]
    request.caused.append(payment)
    return request.change()


def _payment_of(request: RequestSteps, debtor: Party) -> Order:
    """The send order to the requester, whose account is `creditor` when it is ours; else the network gets it."""
    order = request.order
    order_id = derived_id("ord", "pay", order["_id"], str(order["version"]))
    name = order["creditor_name"] if request.is_from_network else request.facts.requester_name
    caused = accepted(
        order_id=order_id,
        client=order["client"],
        idempotency_key=order_id,
        body_hash="",
        product=order["product"],
        debtor_customer=debtor["customer"],
        debtor_account=debtor["account"],
        payee=order["_id"],
        payee_name=name,
        alias_key=None,
        money=Money(order["amount_minor"], order["currency"]),
        reference=order["reference"],
        memo=order["memo"],
        request_id=order["request_id"],
        now=request.now,
    )
    caused["caused_by"], caused["creditor"] = order["_id"], order["creditor"]
    if request.is_from_network:
        caused["end_to_end_id"] = order["end_to_end_id"]
        caused["counterparty"] = far_side_of(order)
    return caused


def _due(request: RequestSteps, event: Due) -> Result:
    due_at = request.order["due_at"]
    if request.order["due_event"] != event.due_event or due_at is None or request.now < due_at:
        return Refused("not_due", "The request waits for nothing of this kind, or not yet.")
    if event.due_event == "promise_due":
        request.go("BROKEN_PROMISE", reason="NOAS")
    else:
        request.go("EXPIRED", reason="NOAS")
    return request.change()


def _answer(request: RequestSteps, event: Answered) -> Result:
    name = "accepted" if event.accepted else "rejected"
    if not REQUEST.takes(name, request.status) or not request.is_elsewhere:
        return Skipped("no answer awaited")
    if event.accepted:
        request.go("ACCEPTED")
    else:
        request.go("DECLINED", reason=event.reason or "MS03")
    return request.change()


def _note(request: RequestSteps, event: Noted) -> Result:
    if not REQUEST.takes(event.what, request.status) or not request.is_elsewhere:
        return Skipped("nothing that happens to a request now")
    match event.what:
        case "delivered" | "presented" | "pending":
            request.go(event.what.upper())
        case "cancel_accepted":
            request.go("CANCELLED", reason="CUST")
        case "cancel_refused":
            kept = _KEPT.get(event.reason or "", "PENDING")
            request.go(kept, reason=event.reason or "MS03")
        case _:
            return Skipped("nothing that happens to a request now")
    return request.change()


def _withdraw(request: RequestSteps, event: Noted) -> Result:
    """The requester's bank takes its request back (camt.055). Too late: Refused, `reason` being the ISO code."""
    if not request.is_from_network:
        return Skipped("a request of ours, which its own bank takes back")
    is_promised = request.order["payment"] is not None
    if REQUEST.takes("withdrawn", request.status) and not is_promised:
        request.go("CANCELLED", reason=event.reason or "CUST")
        request.tell("camt.029", debtor=NOBODY, creditor=NOBODY, status="CNCL")
        return request.change()
    reason = _TOO_LATE.get(request.status)
    if reason is None:
        return Skipped("nothing that could be taken back")
    return Refused(reason, f"It is {request.status}.")


def _settle(request: RequestSteps, event: Settled) -> Result:
    """The payment ended: of ours it must be the one that was promised, of another bank it is matched already."""
    expected = request.order["payment"]
    name = "paid" if event.paid else "unpaid"
    if not REQUEST.takes(name, request.status) or (
        expected != event.payment and not request.is_elsewhere
    ):
        return Skipped("no payment that was promised")
    if event.paid:
        request.go("PAID")
        return request.change()
    if expected is None:
        return Skipped("no payment that was promised")
    request.go("BROKEN_PROMISE", reason=event.reason or "NARR")
    request.order["payment"] = None
    request.wait("request_expired", request.order["expires_at"])
    return request.change()


def _close(request: RequestSteps) -> Result:
    """Ends a split when all of its requests are final: paid in full, else by the first way in which one was not."""
    children = request.facts.children
    if not children or any(status not in REQUEST.final for status in children):
        return Skipped("some of its requests are open")
    paid = sum(status == "PAID" for status in children)
    told = {"REJECTED": "DECLINED"}
    unpaid = {told.get(status, status) for status in children if status != "PAID"}
    target = next((each for each in ("DECLINED", "EXPIRED", "CANCELLED") if each in unpaid), "PAID")
    detail = f"{paid} of {len(children)} paid"
    request.go(target, reason="NARR" if unpaid else None, detail=detail)
    return request.change()
