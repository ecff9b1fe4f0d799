"""A network and the banks behind it: what they do with what we send, what they answer and what they bring.

Its books are the truth about money: `taken_minor` of what went out and in, and what was given back of each.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from apps.kernel.money import Money
from apps.rails.domain.ids import uetr_of
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
from apps.rails.iso20022.codec import original_of
from apps.rails.simulators.bank_side import TAKEN
from apps.rails.simulators.far_side import OTHER_BANK
from tests.histories.bank import BANK, BLOCKED_NAME, NOBODY, OURS, alias_key

# What it does with a payment of ours, as often as it stands here.
_ANSWERS = (
    *("accept",) * 5,
    *("reject", "reject", "accept twice", "reject twice", "pending, accept", "pending, reject"),
    *("executed, silent", "lost", "accept, then reject", "reject, then accept"),
)
_RETURNS = (
    *(None,) * 8,
    *("once", "twice", "in halves", "more than paid", "half", "before its answer"),
)
_RECALLED = (
    *("paid back", "paid back", "paid back twice", "refused", "silent"),
    *("half back", "refused, paid back", "said, never done"),
)


@dataclass
class Row:
    """One payment or request by its end-to-end id; amounts are minor units."""

    original: Original
    amount_minor: int
    currency: str
    message: CreditTransfer | PaymentRequest
    is_ours: bool  # whether we began it
    taken_minor: int = 0
    returned_minor: int = 0
    status: str | None = None  # the truth; of what they began: the last thing we said
    reason: str | None = None
    lied: bool = False
    said: set[str] = field(default_factory=set)


class FarSide:
    """`outbox` holds what it says; whoever carries it may deliver in any order, and late."""

    def __init__(self, name: str, rng: random.Random, *, lies: bool) -> None:
        self.name = name
        self.rng = rng
        self.lies = lies
        self.now: datetime
        self.payments: dict[str, Row] = {}
        self.requests: dict[str, Row] = {}
        self.outbox: list[Message] = []
        self.known: set[str] = set()
        self.problems: list[tuple[str, str, str]] = []
        self.is_helpful = False  # at the end it answers whatever is asked
        self._numbers = 0

    # What we tell it

    def take(self, message: Message) -> None:
        """Each message id once."""
        if message.message_id not in self.known:
            self.known.add(message.message_id)
            _HANDLERS[type(message)](self, message)

    def _transfer(self, message: CreditTransfer) -> None:
        end_to_end_id = message.end_to_end_id
        if end_to_end_id in self.payments:
            self.problems.append((end_to_end_id, "one_instruction", "it was instructed before"))
            return
        asked = self.requests.get(end_to_end_id)
        if asked is not None and "CNCL" in asked.said:
            self.problems.append((end_to_end_id, "let_go_unpaid", "it is paid, and was let go"))
        row = self.payments[end_to_end_id] = self._row(message, is_ours=True)
        how = self.rng.choice(_ANSWERS)
        if "then" in how and not self.lies:
            how = how.partition(",")[0]
        row.lied = "then" in how
        if how.startswith("lost") or "reject" in how.split(", then")[0]:
            row.status, row.reason = "RJCT", "AG09" if how == "lost" else "AC04"
        else:
            row.status, row.taken_minor = "ACSC", row.amount_minor
            self._request_is_paid(end_to_end_id)
        if "pending" in how:
            self._report(row, "PDNG")
        if how not in ("lost", "executed, silent"):
            self._report(row)
        if "twice" in how:
            self._report(row)
            self.outbox.append(self.outbox[-1])
        if row.lied:
            self._report(row, "ACSC" if row.status == "RJCT" else "RJCT")
        if row.taken_minor:
            self._return_unasked(row, self.rng.choice(_RETURNS))

    def _return_unasked(self, row: Row, how: str | None) -> None:
        whole, half = row.amount_minor, row.amount_minor // 2
        match how:
            case "once" | "before its answer":
                self._return(row, whole)
                if how != "once":
                    self.outbox.insert(0, self.outbox.pop())
            case "twice":
                back = self._return(row, whole)
                # The same return again under another message id.
                self.outbox.append(replace(back, message_id=self._message_id()))
            case "in halves" if half:
                self._return(row, half)
                self._return(row, whole - half)
            case "half" if half:
                self._return(row, half)
            case "more than paid":
                self._return(row, whole)
                self._return(row, whole)

    def _status_request(self, message: StatusRequest) -> None:
        row = self.payments.get(message.original.end_to_end_id)
        if row is None:
            self.problems.append((message.original.end_to_end_id, "asked_after_sent", "unknown"))
        elif self.is_helpful or self.rng.random() < 0.5:
            self._report(row)
        elif self.rng.random() < 0.5:
            self._report(row, "PDNG")

    def _recall(self, message: RecallRequest) -> None:
        row = self.payments[message.original.end_to_end_id]
        how = self.rng.choice(_RECALLED)
        if row.returned_minor or not row.taken_minor:
            how = "refused"
        half = row.amount_minor // 2
        if self.rng.random() < 0.5:
            self._answer_recall(message, "PDCR")
        if how.startswith(("paid back", "said")):
            self._answer_recall(message, "IPAY")
        if how.startswith("refused"):
            self._answer_recall(message, "RJCR", "CUST")
        if "paid back" in how:
            back = self._return(row, row.amount_minor, "FOCR")
            if "twice" in how:
                self.outbox.append(replace(back, message_id=self._message_id()))
        elif how == "half back" and half:
            self._return(row, half, "FOCR")

    def _request(self, message: PaymentRequest) -> None:
        """A customer of ours asks one of theirs."""
        row = self._row(message, is_ours=True)
        self.requests[message.end_to_end_id] = row
        for status in self.rng.sample(("RCVD", "PRES", "PDNG"), self.rng.randrange(4)):
            self._answer_request(row, status)
        match self.rng.choice(("pay", "pay", "promise", "decline", "silent", "silent")):
            case "pay":
                self._pay(row)
            case "promise":
                self._answer_request(row, "ACTC")
            case "decline":
                self._answer_request(row, "RJCT", "AM04")

    def _cancel(self, message: CancellationRequest) -> None:
        row = self.requests.get(message.original.end_to_end_id)
        if row is None:
            self.problems.append((message.original.end_to_end_id, "asked_after_sent", "unknown"))
        elif row.taken_minor or row.status == "ACTC":
            self._answer_recall(message, "RJCR", "ALAC")
        elif row.status == "RJCT":
            self._answer_recall(message, "RJCR", "ARFR")
        elif self.is_helpful or self.rng.random() < 0.7:
            keeps = self.rng.choice((None, None, "NARR", "AEXR"))
            row.status = row.status if keeps else "CANC"
            self._answer_recall(message, "RJCR" if keeps else "CNCL", keeps)

    def _hear_report(self, message: StatusReport) -> None:
        """What we say of a payment that they brought: money that we took stays taken until we give it back."""
        row = self.payments[message.original.end_to_end_id]
        row.said.add(message.status)
        if message.status in TAKEN:
            row.taken_minor = row.amount_minor
            self._request_is_paid(message.original.end_to_end_id)

    def _hear_return(self, message: PaymentReturn) -> None:
        row = self.payments[message.original.end_to_end_id]
        row.returned_minor += message.amount.amount_minor

    def _hear_request_answer(self, message: PaymentRequestAnswer) -> None:
        self.requests[message.original.end_to_end_id].said.add(message.status)

    def _hear_recall_answer(self, message: RecallAnswer) -> None:
        is_request = message.original.message_type.startswith("pain.013")
        rows = self.requests if is_request else self.payments
        rows[message.original.end_to_end_id].said.add(message.answer)

    # What it does by itself

    def act(self) -> str:
        """One thing that somebody over there does; what it was."""
        doings = [self._bring_payment, self._bring_request]
        if any(not row.is_ours for row in self.payments.values()):
            doings += [self._ask_back]
        if any(row.is_ours for row in self.requests.values()):
            doings += [self._pay_promised]
        if any(not row.is_ours for row in self.requests.values()):
            doings += [self._take_back]
        if any(row.is_ours for row in self.payments.values()):
            doings += [self._say_again]
        return self.rng.choice(doings)()

    def _bring_payment(self) -> str:
        name = self.rng.choice((*OURS, NOBODY))
        message = self._begin(
            CreditTransfer,
            debtor=self._theirs(self.rng.choice(("Olive Other", "Olive Other", BLOCKED_NAME))),
            creditor=self._ours(name),
        )
        self.payments[message.end_to_end_id] = self._row(message, is_ours=False)
        self.outbox.append(message)
        if self.rng.random() < 0.2:  # again, by a message of its own
            self.outbox.append(replace(message, message_id=self._message_id()))
        return f"brings {message.amount.amount_minor} to {name}"

    def _bring_request(self) -> str:
        if self.name != "zelle":
            return self._bring_payment()
        name = self.rng.choice((*OURS, NOBODY))
        message = self._begin(
            PaymentRequest,
            debtor=self._ours(name),
            creditor=self._theirs("Olive Other"),
            execute_on=self.now.date(),
            expires_at=self.now + timedelta(days=self.rng.choice((1, 5, 20))),
        )
        self.requests[message.end_to_end_id] = self._row(message, is_ours=False)
        self.outbox.append(message)
        return f"asks {name} for {message.amount.amount_minor}"

    def _begin(self, kind: Any, **fields: Any) -> Any:
        end_to_end_id = f"{self.name}e{len(self.payments) + len(self.requests)}"
        money = Money(self.rng.randrange(1, 400), "USD")
        return kind(
            self._message_id(), self.now, end_to_end_id, uetr_of(end_to_end_id), money, **fields
        )

    def _ask_back(self) -> str:
        brought = [row for row in self.payments.values() if not row.is_ours]
        row, identifier = self.rng.choice(brought), self._message_id()
        self.outbox.append(
            RecallRequest(
                identifier,
                self.now,
                from_bank=OTHER_BANK,
                to_bank=BANK,
                case_id=identifier,
                original=row.original,
                amount=Money(row.amount_minor, row.currency),
                reason="DUPL",
            )
        )
        return f"asks {row.original.end_to_end_id} back"

    def _take_back(self) -> str:
        """A request of theirs, whatever became of it."""
        row = self.rng.choice([row for row in self.requests.values() if not row.is_ours])
        identifier, amount = self._message_id(), Money(row.amount_minor, row.currency)
        banks, about = (OTHER_BANK, BANK), row.original
        self.outbox.append(
            CancellationRequest(identifier, self.now, *banks, identifier, about, amount, "CUST")
        )
        return f"takes {row.original.end_to_end_id} back"

    def _pay_promised(self) -> str:
        """Pays a request of ours, whatever was said of it before."""
        asked = [row for row in self.requests.values() if row.is_ours]
        row = self.rng.choice(asked)
        self._pay(row)
        return f"pays {row.original.end_to_end_id[:8]}"

    def _say_again(self) -> str:
        row = self.rng.choice([row for row in self.payments.values() if row.is_ours])
        self._report(row)
        return f"says again of {row.original.end_to_end_id[:8]}: {row.status}"

    def _pay(self, row: Row) -> None:
        request = row.message
        if self.rng.random() < 0.5:
            self._answer_request(row, "ACTC")
        message = CreditTransfer(
            self._message_id(),
            self.now,
            request.end_to_end_id,
            request.uetr,
            request.amount,
            debtor=request.debtor,
            creditor=request.creditor,
        )
        # The second time under the same end-to-end id: no other payment, however often it comes.
        self.payments.setdefault(request.end_to_end_id, self._row(message, is_ours=False))
        self.outbox.append(message)

    def _request_is_paid(self, end_to_end_id: str) -> None:
        row = self.requests.get(end_to_end_id)
        if row is not None:
            row.taken_minor = row.amount_minor

    # Its words

    def _report(self, row: Row, status: str | None = None) -> None:
        told = status or row.status or "PDNG"
        reason = (row.reason or "MS03") if told == "RJCT" else None
        self.outbox.append(StatusReport(self._message_id(), self.now, row.original, told, reason))

    def _return(self, row: Row, amount_minor: int, reason: str = "AC04") -> PaymentReturn:
        identifier = self._message_id()
        money = Money(amount_minor, row.currency)
        back = PaymentReturn(identifier, self.now, identifier, row.original, money, reason)
        row.returned_minor += amount_minor
        self.outbox.append(back)
        return back

    def _answer_request(self, row: Row, status: str, reason: str | None = None) -> None:
        if status in ("ACTC", "RJCT"):
            row.status = status
        self.outbox.append(
            PaymentRequestAnswer(
                self._message_id(), self.now, row.message.debtor.name, row.original, status, reason
            )
        )

    def _answer_recall(
        self, message: RecallRequest | CancellationRequest, answer: str, reason: str | None = None
    ) -> None:
        self.outbox.append(
            RecallAnswer(
                self._message_id(),
                self.now,
                from_bank=message.to_bank,
                to_bank=message.from_bank,
                case_id=message.case_id,
                original=message.original,
                answer=answer,
                reason=reason,
            )
        )

    def _row(self, message: CreditTransfer | PaymentRequest, *, is_ours: bool) -> Row:
        amount = message.amount
        return Row(original_of(message), amount.amount_minor, amount.currency, message, is_ours)

    def _ours(self, name: str) -> Party:
        """By alias, or by the number of the account."""
        if self.rng.random() < 0.7:
            return Party(name.title(), BANK, alias=alias_key(name))
        return Party(name.title(), BANK, account=name)

    def _theirs(self, name: str) -> Party:
        return Party(name, OTHER_BANK, account="OTHER-0001")

    def _message_id(self) -> str:
        self._numbers += 1
        return f"{self.name}{self._numbers}"


_HANDLERS: dict[type[Message], Callable[[FarSide, Any], None]] = {
    CreditTransfer: FarSide._transfer,
    StatusRequest: FarSide._status_request,
    RecallRequest: FarSide._recall,
    PaymentRequest: FarSide._request,
    CancellationRequest: FarSide._cancel,
    StatusReport: FarSide._hear_report,
    PaymentReturn: FarSide._hear_return,
    PaymentRequestAnswer: FarSide._hear_request_answer,
    RecallAnswer: FarSide._hear_recall_answer,
}
