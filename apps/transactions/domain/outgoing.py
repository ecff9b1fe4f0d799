"""What an order tells a network, as a plain value: the rails turn it into an ISO 20022 message."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from apps.kernel.ids import derived_id
from apps.transactions.domain.order import AnyOrder

Payment = Literal["pacs.008", "pacs.002", "pacs.004", "pacs.028"]
Question = Literal["camt.056", "camt.029", "camt.055", "pain.013", "pain.014"]
Type = Payment | Question


@dataclass(frozen=True)
class Counterparty:
    """Who pays or is paid, as far as the rules know: never an account number, at most the id that stands for one."""

    name: str | None = None
    bank: str | None = None
    account: str | None = None
    alias: str | None = None


NOBODY = Counterparty()


@dataclass(frozen=True)
class Outgoing:
    """One message. `version` is the step of the order that sends it, so that the same step is the same message.

    `end_to_end_id` names the payment or request that the message begins or is about; `status` and `reason` are ISO
    codes of an answer. Amounts are minor units.
    """

    type: Type
    network: str
    order: str
    version: int
    end_to_end_id: str
    amount_minor: int
    currency: str
    debtor: Counterparty
    creditor: Counterparty
    reference: str | None = None
    status: str | None = None
    reason: str | None = None
    expires_at: datetime | None = None
    # The message that asks for this answer, when no step of the order sends it.
    asked_by: str | None = None

    @property
    def id(self) -> str:
        """The document id of the message; one insert of it is the whole protection against sending twice."""
        what = self.asked_by or str(self.version)
        return derived_id("msg", "out", self.order, what, self.type)


def report_of(order: AnyOrder, *, asked_by: str) -> Outgoing:
    """Where a payment that a network brought stands (pacs.002), for the enquiry `asked_by`; one answer for each."""
    status, reason = order["iso_status"], order["reason"]
    return _answer(order, "pacs.002", asked_by=asked_by, status=status, reason=reason)


def kept_of(order: AnyOrder, *, asked_by: str, reason: str) -> Outgoing:
    """That a request can't be taken back any more (camt.029, RJCR), for the camt.055 `asked_by`; one for each."""
    return _answer(order, "camt.029", asked_by=asked_by, status="RJCR", reason=reason)


def _answer(
    order: AnyOrder, kind: Type, *, asked_by: str, status: str, reason: str | None
) -> Outgoing:
    return Outgoing(
        type=kind,
        network=order["product"],
        order=order["_id"],
        version=order["version"],
        end_to_end_id=end_to_end_id_of(order),
        amount_minor=order["amount_minor"],
        currency=order["currency"],
        debtor=NOBODY,
        creditor=NOBODY,
        status=status,
        reason=reason,
        asked_by=asked_by,
    )


def end_to_end_id_of(order: AnyOrder) -> str:
    """The network's own for what it began; else the order's id without its prefix (at most 35 characters)."""
    return order.get("end_to_end_id") or order["_id"].partition("_")[2]
