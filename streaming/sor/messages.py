"""Step 4 of the SOR transaction: what orders tell networks, as the documents that make the gateway send it; pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from apps.kernel.money import Money
from apps.rails.documents import outgoing_document, printable
from apps.rails.domain.ids import account_on_the_wire, on_the_wire, uetr_of
from apps.rails.domain.messages import (
    CancellationRequest,
    CreditTransfer,
    Message,
    Original,
    Party,
    PaymentRequest,
    PaymentRequestAnswer,
    PaymentReturn,
    RecallAnswer,
    RecallRequest,
    StatusReport,
    StatusRequest,
)
from apps.transactions.domain.order import AnyOrder
from apps.transactions.domain.outgoing import Counterparty, Outgoing
from streaming.sor.surroundings import Document, Surroundings

# Stands for a name that nobody gave: messages must have one.
_NAMELESS = "Customer"


class OriginalMissing(LookupError):
    """A message about another one that was never exchanged: it cannot be written, and its step is not made."""


class Messages:
    """Writes the messages of one batch. `bank` is our routing number."""

    def __init__(self, found: Surroundings, *, bank: str, made_by: str) -> None:
        self.found = found
        self.bank = bank
        self.made_by = made_by

    def document(self, outgoing: Outgoing, order: AnyOrder) -> Document:
        """Raises OriginalMissing and RefusedXml."""
        now = self.found.now
        document = outgoing_document(
            self._message(outgoing, order, now),
            network=outgoing.network,
            order=outgoing.order,
            route=dict(order["route"]),
            made_by=self.made_by,
            now=now,
        )
        # A later message of this very batch may name it.
        known = self.found.exchanged.setdefault(outgoing.end_to_end_id, [])
        known.append(document)
        return document

    def _message(self, outgoing: Outgoing, order: AnyOrder, now: datetime) -> Message:
        identifier = on_the_wire(outgoing.id)
        amount = Money(outgoing.amount_minor, outgoing.currency)
        about = outgoing.end_to_end_id
        match outgoing.type:
            case "pacs.008":
                return CreditTransfer(
                    identifier,
                    now,
                    about,
                    uetr_of(about),
                    amount,
                    debtor=self._ours(outgoing.debtor, order),
                    creditor=self._theirs(outgoing.creditor),
                    settlement_date=now.date(),
                    reference=printable(outgoing.reference),
                )
            case "pain.013":
                return PaymentRequest(
                    identifier,
                    now,
                    about,
                    uetr_of(about),
                    amount,
                    debtor=self._theirs(self._served(outgoing.debtor, outgoing.network)),
                    creditor=self._ours(outgoing.creditor, order),
                    execute_on=now.date(),
                    expires_at=outgoing.expires_at,
                    reference=printable(outgoing.reference),
                )
            case "pacs.002":
                original = self._original(outgoing, "in", "pacs.008")
                status, reason = outgoing.status or "PDNG", outgoing.reason
                return StatusReport(identifier, now, original, status, reason)
            case "pacs.004":
                original = self._original(outgoing, "in", "pacs.008")
                reason = outgoing.reason or "NARR"
                return PaymentReturn(identifier, now, identifier, original, amount, reason)
            case "pacs.028":
                return StatusRequest(identifier, now, self._original(outgoing, "out", "pacs.008"))
            case _:
                return self._question(outgoing, order, now)

    def _question(self, outgoing: Outgoing, order: AnyOrder, now: datetime) -> Message:
        """Recalls and requests that are taken back, and what we say to theirs."""
        identifier = on_the_wire(outgoing.id)
        match outgoing.type:
            case "camt.056":
                sent = self._exchanged(outgoing, "out", "pacs.008")
                return RecallRequest(
                    identifier,
                    now,
                    from_bank=self.bank,
                    to_bank=sent["fields"]["creditor"]["bank"],
                    case_id=on_the_wire(order["_id"]),
                    original=_original_of(sent),
                    amount=Money(outgoing.amount_minor, outgoing.currency),
                    reason=outgoing.reason or "CUST",
                )
            case "camt.055":
                sent = self._exchanged(outgoing, "out", "pain.013")
                return CancellationRequest(
                    identifier,
                    now,
                    from_bank=self.bank,
                    to_bank=sent["fields"]["debtor"]["bank"],
                    case_id=on_the_wire(order["_id"]),
                    original=_original_of(sent),
                    amount=Money(outgoing.amount_minor, outgoing.currency),
                    reason=outgoing.reason or "CUST",
                )
            case "camt.029":
                asked = self._asked(outgoing, order)
                return RecallAnswer(
                    identifier,
                    now,
                    from_bank=self.bank,
                    to_bank=asked["fields"]["from_bank"],
                    case_id=asked["fields"]["case_id"],
                    original=Original(**asked["fields"]["original"]),
                    answer=outgoing.status or "PDCR",
                    reason=outgoing.reason,
                )
            case "pain.014":
                return PaymentRequestAnswer(
                    identifier,
                    now,
                    printable(order["payee_name"]) or _NAMELESS,
                    self._original(outgoing, "in", "pain.013"),
                    outgoing.status or "PDNG",
                    outgoing.reason,
                )
        raise NotImplementedError(outgoing.type)

    def _asked(self, outgoing: Outgoing, order: AnyOrder) -> Document:
        """What a camt.029 answers: the recall of a payment, or that camt.055 which the step or answer is about."""
        if order["kind"] != "request":
            return self._exchanged(outgoing, "in", "camt.056")
        cause = outgoing.asked_by or order["history"][-1]["cause"]
        for message in self.found.exchanged.get(outgoing.end_to_end_id, ()):
            if message["_id"] == cause:
                return message
        raise OriginalMissing(f"{outgoing.order}: there is no camt.055 {cause}")

    def _original(self, outgoing: Outgoing, direction: str, kind: str) -> Original:
        return _original_of(self._exchanged(outgoing, direction, kind))

    def _exchanged(self, outgoing: Outgoing, direction: str, kind: str) -> Document:
        """The first such message about the same payment or request."""
        for message in self.found.exchanged.get(outgoing.end_to_end_id, ()):
            if (message["direction"], message["type"]) == (direction, kind) and (
                message["network"] == outgoing.network
            ):
                return message
        raise OriginalMissing(f"{outgoing.order}: there is no {kind} of {outgoing.end_to_end_id}")

    def _ours(self, side: Counterparty, order: AnyOrder) -> Party:
        named: Mapping[str, Any] = order
        holder = named.get("debtor") or named.get("creditor") or {}
        name = side.name or self.found.names.get(holder.get("customer", ""))
        account = account_on_the_wire(side.account)
        return Party(printable(name) or _NAMELESS, self.bank, account=account)

    def _served(self, side: Counterparty, network: str) -> Counterparty:
        """Whom an alias alone leads to is at the bank that the network's directory names."""
        served = self.found.elsewhere.get(f"{network}:{side.alias}")
        return replace(side, bank=served.bank) if served and side.bank is None else side

    def _theirs(self, side: Counterparty) -> Party:
        if side.bank is None:
            raise OriginalMissing(f"nobody knows the bank of {side.name}")
        name = printable(side.name) or _NAMELESS
        return Party(name, side.bank, account=side.account, alias=side.alias)


def _original_of(message: Document) -> Original:
    return Original(
        message_id=message["message_id"],
        message_type=message["name"],
        end_to_end_id=message["end_to_end_id"],
        uetr=message["fields"]["uetr"],
    )
