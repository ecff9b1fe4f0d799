"""One event applied to one send order: the new order and what goes with it, or a refusal that changes nothing.

Pure: no clock, no I/O. Called by the SOR transaction with facts read in that transaction;
simulators and tests call the same function.
"""

from dataclasses import dataclass, field
from datetime import datetime

from apps.ledger.domain.entry import Entry
from apps.transactions.domain.event import (
    Answered,
    Asked,
    Assessed,
    Claimed,
    Due,
    Event,
    Unprocessable,
)
from apps.transactions.domain.facts import Facts
from apps.transactions.domain.lifecycle import COMMANDS, Driver
from apps.transactions.domain.order import Order, has_applied
from apps.transactions.domain.passage import Passage, UsageChange


@dataclass(frozen=True)
class Applied:
    """The order after one or more steps, and all that must be written with it in one transaction."""

    order: Order
    entries: list[Entry] = field(default_factory=list)
    usage: list[UsageChange] = field(default_factory=list)


@dataclass(frozen=True)
class Refused:
    """The order stays as it is. `reason` is a stable code, `detail` a sentence for the one who asked."""

    reason: str
    detail: str


@dataclass(frozen=True)
class Skipped:
    """Nothing to do: the cause was applied before, or the order has moved on."""

    why: str


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
        case Unprocessable():
            return _hold_unprocessable(passage, event)


def _done(passage: Passage) -> Applied:
    return Applied(passage.order, passage.entries, passage.usage)


def _assess(passage: Passage, event: Assessed) -> Applied | Skipped:
    if passage.status != "RECEIVED":
        return Skipped("assessed before")
    if passage.validate():
        if event.signals:
            signal = event.signals[0]
            passage.step("HELD", reason=signal.reason, detail=signal.detail)
        else:
            passage.fund_and_route()
    return _done(passage)


def _ask(passage: Passage, event: Asked) -> Applied | Refused:
    kind = Driver(event.actor["kind"])
    if event.command not in COMMANDS:
        return Refused("command_unknown", f"There is no command {event.command!r}.")
    if kind not in COMMANDS[event.command]:
        return Refused("command_not_yours", f"A {kind.value} may not {event.command} an order.")
    if passage.order["final"]:
        return Refused("order_final", f"The order is {passage.status} already and stays so.")
    if event.command == "cancel":
        return _cancel(passage, event)
    if passage.status != "HELD":
        return Refused(
            "order_not_held", f"Only a held order can be asked this; it is {passage.status}."
        )
    if event.command == "release":
        if passage.is_validated or passage.validate():
            passage.fund_and_route()
    elif event.command == "reject":
        passage.finish("REJECTED", reason="FRAD", detail=event.reason)
    else:
        passage.finish("BLOCKED", reason="RR04", detail=event.reason)
    return _done(passage)


def _cancel(passage: Passage, event: Asked) -> Applied | Refused:
    if not passage.may("CANCELLED"):
        return Refused(
            "order_sent",
            f"The order is {passage.status}: it went to the network and can't be cancelled.",
        )
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
    elif event.due_event == "network_silent":
        passage.step("INVESTIGATE", reason="NOAS")
    elif passage.validate():
        passage.fund_and_route()
    return _done(passage)


def _answer(passage: Passage, event: Answered) -> Applied | Skipped:
    if passage.status not in ("SUBMITTED", "INVESTIGATE"):
        return Skipped("no answer awaited")
    if event.accepted:
        passage.complete(passage.network_account)
    else:
        passage.finish("REJECTED", reason=event.reason or "NARR")
    return _done(passage)


def _hold_unprocessable(passage: Passage, event: Unprocessable) -> Applied | Skipped:
    if passage.status != "RECEIVED":
        return Skipped("only an order that nothing was decided about is held for its data")
    passage.step("HELD", reason="NARR", detail=event.detail)
    return _done(passage)
