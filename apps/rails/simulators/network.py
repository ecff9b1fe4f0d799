"""A simulated network: takes each message id once, executes each end-to-end id once, and answers through its outbox."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from apps.rails.domain.messages import (
    ACCEPTED,
    CancellationRequest,
    CreditTransfer,
    Message,
    Original,
    PaymentRequest,
    PaymentRequestAnswer,
    PaymentReturn,
    RecallAnswer,
    RecallRequest,
    StatusReport,
    StatusRequest,
)
from apps.rails.iso20022.codec import from_xml, full_name, original_of
from apps.rails.iso20022.refused import RefusedXml
from apps.rails.serving import Response, problem
from apps.rails.simulators import bank_side
from apps.rails.simulators.far_side import FarSide
from apps.rails.simulators.outgoing import answer, message_id, report, returned, status_of
from apps.rails.simulators.store import Row, Store, text_of
from apps.rails.simulators.triggers import RETURN_SECONDS, Behaviour, behaviour_of

_ORDINARY = Behaviour()


class SimulatedNetwork:
    """The far side of one network, on a store that outlives it."""

    def __init__(self, far_side: FarSide, store: Store, *, day_seconds: int) -> None:
        self.far_side = far_side
        self.name = far_side.network.name
        self.store = store
        self._day_seconds = day_seconds

    def take(self, body: bytes) -> Response:
        """202 taken, 200 taken before, 4xx refused for good. Durable when it returns."""
        try:
            message = from_xml(body)
        except RefusedXml as error:
            return problem(400, error.code, error.detail)
        if message.TYPE not in self.far_side.network.takes:
            return problem(422, "message_unexpected", f"{self.name} takes no {message.TYPE}.")
        text = body.decode("utf-8-sig")
        with self.store.atomic():
            known = self.store.one(
                "SELECT xml, copies FROM received WHERE message_id = ?", message.message_id
            )
            if known is not None and known["xml"] != text:
                return problem(409, "message_id_reused", "Another message came under this id.")
            copies = known["copies"] + 1 if known else 1
            self._receive(message.message_id, text, copies)
            if known is None:
                _HANDLERS[type(message)](self, message)
        return Response(202 if copies == 1 else 200, {"message_id": message.message_id})

    def _receive(self, identifier: str, xml: str, copies: int) -> None:
        at = text_of(self.store.now())
        row = {"message_id": identifier, "xml": xml, "at": at, "copies": copies}
        self.store.put("received", row)

    def transfer(self, message: CreditTransfer) -> None:
        original, now = original_of(message), self.store.now()
        if self.store.instruction(message.end_to_end_id):
            # The second instruction for one end-to-end id, under another message id: refused, never executed.
            again = report(self.name, original, "RJCT", "AM05", now)
            answer(self.store, self.name, again, _ORDINARY, due_at=now)
            return
        behaviour = behaviour_of(message.reference)
        due = now + timedelta(seconds=behaviour.answer_seconds)
        settles = self.far_side.settles_at(
            now, message.end_to_end_id, day_seconds=self._day_seconds
        )
        reason = behaviour.reject_code or ("AG09" if behaviour.is_lost else None)
        is_executed = reason is None and not behaviour.is_stuck
        row = (
            self.row_of(message, direction="out")
            | {
                "status": "RJCT" if reason else "PDNG" if behaviour.is_stuck else "ACSC",
                "reason": reason,
                "executed": 1 if is_executed else 0,
                "settles_at": text_of(settles),
                "pending_until": text_of(due if behaviour.is_pending_meanwhile else now),
            }
            | _giving_back(message.amount.amount_minor, behaviour)
        )
        self.store.put("instructions", row)
        if is_executed:
            bank_side.request_is_paid(self.store, message.end_to_end_id, direction="in")
        self._answer_transfer(original, row, behaviour, due_at=due)
        if settles > due and is_executed:
            final = report(self.name, original, "ACSC", None, settles)
            answer(self.store, self.name, final, behaviour, due_at=settles)
        if behaviour.return_code:
            at = max(due, settles) + timedelta(seconds=RETURN_SECONDS)
            back = returned(self.name, original, row, behaviour.return_code, at)
            answer(self.store, self.name, back, _ORDINARY, due_at=at)

    def _answer_transfer(
        self, original: Original, row: Row, behaviour: Behaviour, *, due_at: Any
    ) -> None:
        status = status_of(row | {"pending_until": ""}, text_of(due_at))
        first = report(self.name, original, status, row["reason"], due_at)
        answer(self.store, self.name, first, behaviour, due_at=due_at)

    def row_of(self, message: CreditTransfer | PaymentRequest, *, direction: str) -> Row:
        now = text_of(self.store.now())
        return {
            "end_to_end_id": message.end_to_end_id,
            "kind": "payment" if isinstance(message, CreditTransfer) else "request",
            "direction": direction,
            "message_id": message.message_id,
            "name": full_name(message),
            "uetr": message.uetr,
            "amount_minor": message.amount.amount_minor,
            "currency": message.amount.currency,
            "reference": message.reference,
            "status": "PDNG",
            "reason": None,
            "executed": 0,
            "settles_at": now,
            "pending_until": now,
            "returned": 0,
            "returned_minor": 0,
        }

    def status_request(self, message: StatusRequest) -> None:
        now = self.store.now()
        row = self.store.instruction(message.original.end_to_end_id)
        status = status_of(row, text_of(now)) if row else "RJCT"
        reason = row["reason"] if row else "AG09"
        told = report(self.name, message.original, status, reason, now)
        answer(self.store, self.name, told, _ORDINARY, due_at=now)

    def recall(self, message: RecallRequest) -> None:
        now = self.store.now()
        row = self.store.instruction(message.original.end_to_end_id)
        if row is None or row["direction"] != "out":
            self._answer_recall(message, "RJCR", "NOOR", 0)
        elif row["status"] == "RJCT" or row["returned"]:
            self._answer_recall(message, "RJCR", "ARDT", 0)
        elif behaviour_of(row["reference"]).refuses_recall:
            self._answer_recall(message, "RJCR", "CUST", 0)
        elif not behaviour_of(row["reference"]).decides_recall:
            self._answer_recall(message, "PDCR", None, 0)
        else:
            self._answer_recall(message, "PDCR", None, 0)
            self._answer_recall(message, "IPAY", None, RETURN_SECONDS)
            row |= {"returned": 1, "returned_minor": row["amount_minor"]}
            self.store.put("instructions", row)
            at = now + timedelta(seconds=RETURN_SECONDS)
            back = returned(self.name, message.original, row, "FOCR", at)
            answer(self.store, self.name, back, _ORDINARY, due_at=at)

    def cancel(self, message: CancellationRequest) -> None:
        """A request is taken back; twice is once, for a request that is cancelled stays so."""
        row = self.store.instruction(message.original.end_to_end_id, "request")
        asked = self.asked(row) if row is not None else None
        if row is None or asked is None:
            self._answer_recall(message, "RJCR", "NOOR", 0)
            return
        if not behaviour_of(asked.reference).hears_cancellation:
            return
        reason = _kept_because(row, asked, self.store.now())
        self._answer_recall(message, "RJCR" if reason else "CNCL", reason, 0)
        if reason is None:
            self.store.put("instructions", row | {"status": "CANC", "reason": message.reason})

    def asked(self, row: Row) -> PaymentRequest | None:
        """The bank's request whose row it is, as it came; None for one of theirs."""
        if row["direction"] != "out":
            return None
        identifier = row["message_id"]
        found = self.store.one("SELECT xml FROM received WHERE message_id = ?", identifier)
        request = from_xml(found["xml"].encode()) if found else None
        return request if isinstance(request, PaymentRequest) else None

    def _answer_recall(
        self,
        message: RecallRequest | CancellationRequest,
        verdict: str,
        reason: str | None,
        after_seconds: float,
    ) -> None:
        at = self.store.now() + timedelta(seconds=after_seconds)
        told = RecallAnswer(
            message_id(self.name),
            at,
            from_bank=message.to_bank,
            to_bank=message.from_bank,
            case_id=message.case_id,
            original=message.original,
            answer=verdict,
            reason=reason,
        )
        answer(self.store, self.name, told, _ORDINARY, due_at=at)

    def request(self, message: PaymentRequest) -> None:
        """The bank's customer asks one of theirs for money."""
        behaviour = behaviour_of(message.reference)
        status = "RJCT" if behaviour.reject_code else "ACTC" if behaviour.accepts else "PRES"
        row = self.row_of(message, direction="out") | {"status": status}
        self.store.put("instructions", row | {"reason": behaviour.reject_code})
        due = self.store.now() + timedelta(seconds=behaviour.answer_seconds)
        told = PaymentRequestAnswer(
            message_id(self.name),
            due,
            message.debtor.name,
            original_of(message),
            status,
            behaviour.reject_code,
        )
        answer(self.store, self.name, told, behaviour, due_at=due)
        if behaviour.accepts and behaviour.pays:
            self.pay(message)

    def pay(self, request: PaymentRequest) -> None:
        """Brings the money that a request asked for, under the request's end-to-end id."""
        now = self.store.now()
        payment = CreditTransfer(
            message_id(self.name),
            now,
            request.end_to_end_id,
            request.uetr,
            request.amount,
            debtor=request.debtor,
            creditor=request.creditor,
            settlement_date=now.date(),
            reference=request.reference,
        )
        self.bring(payment)

    def bring(self, message: CreditTransfer | PaymentRequest) -> None:
        """Sends a payment or request of the far side to the bank."""
        self.store.put("instructions", self.row_of(message, direction="in"))
        behaviour = behaviour_of(message.reference)
        copies = Behaviour(copies=behaviour.copies, is_garbled=behaviour.is_garbled)
        answer(self.store, self.name, message, copies, due_at=self.store.now())


def _giving_back(amount_minor: int, behaviour: Behaviour) -> Row:
    """What will be returned, counted from now on: nothing, all, or half of it, in whole minor units."""
    if behaviour.return_code is None:
        return {"returned": 0, "returned_minor": 0}
    part_minor = max(amount_minor // 2, 1) if behaviour.returns_half else amount_minor
    return {"returned": 1, "returned_minor": part_minor}


def _kept_because(row: Row, request: PaymentRequest, now: datetime) -> str | None:
    """Why the payer's bank keeps a request that is taken back (ISO 20022 codes); None when it lets it go."""
    if row["status"] == "RJCT":
        return "ARFR"
    if row["status"] in ACCEPTED:
        return "ALAC"
    if request.expires_at is not None and request.expires_at <= now and row["status"] != "CANC":
        return "AEXR"
    return "NARR" if behaviour_of(request.reference).refuses_cancellation else None


_HANDLERS: dict[type[Message], Callable[[SimulatedNetwork, Any], None]] = {
    CreditTransfer: SimulatedNetwork.transfer,
    StatusRequest: SimulatedNetwork.status_request,
    RecallRequest: SimulatedNetwork.recall,
    PaymentRequest: SimulatedNetwork.request,
    CancellationRequest: SimulatedNetwork.cancel,
    StatusReport: lambda network, message: bank_side.reports(network.store, message),
    PaymentRequestAnswer: lambda network, message: bank_side.reports(network.store, message),
    PaymentReturn: lambda network, message: bank_side.returns(network.store, message),
    RecallAnswer: lambda network, message: bank_side.answers_recall(network.store, message),
}
