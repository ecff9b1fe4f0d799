"""How a simulated network answers: once, several times, late, garbled or never, as the payment's reference asks."""

import uuid
from dataclasses import replace
from datetime import datetime

from apps.kernel.money import Money
from apps.rails.domain.messages import Message, Original, PaymentReturn, StatusReport
from apps.rails.iso20022.codec import to_xml
from apps.rails.simulators.store import Row, Store
from apps.rails.simulators.triggers import Behaviour


def message_id(network: str) -> str:
    """35 characters, the most that a message id may have."""
    return f"{network[:3].upper()}{uuid.uuid4().hex}"


def status_of(row: Row, now: str) -> str:
    """The ISO status of an instruction at this time."""
    if row["status"] != "ACSC":
        return str(row["status"])
    if row["pending_until"] > now:
        return "PDNG"
    return "ACSP" if row["settles_at"] > now else "ACSC"


def report(
    network: str, original: Original, status: str, reason: str | None, now: datetime
) -> StatusReport:
    return StatusReport(message_id(network), now, original, status, reason)


def returned(
    network: str, original: Original, row: Row, reason: str, now: datetime
) -> PaymentReturn:
    """As much as the instruction's row says."""
    identifier = message_id(network)
    amount = Money(row["returned_minor"], row["currency"])
    return PaymentReturn(identifier, now, identifier, original, amount, reason)


def answer(
    store: Store, network: str, message: Message, behaviour: Behaviour, *, due_at: datetime
) -> None:
    """Puts the answer into the outbox, as the behaviour has it."""
    if not behaviour.answers:
        return
    if behaviour.is_garbled:
        store.send(f"<?xml version='1.0'?><Document><{message.message_id}", due_at=due_at)
        return
    xml = to_xml(message)
    for _ in range(behaviour.copies):
        store.send(xml, due_at=due_at)
    if behaviour.copies > 1:
        other = replace(message, message_id=message_id(network))
        store.send(to_xml(other), due_at=due_at)
