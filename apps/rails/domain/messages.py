"""The messages that banks and networks exchange, as plain values; `iso20022/` writes and reads them as XML.

Identifiers have at most 35 characters, names and references at most 140, codes are ISO 20022 external codes.
Instants are UTC with milliseconds.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from apps.kernel.money import Money

# ISO 20022 external code sets: payment transaction status (pacs.002, pain.014) ...
ACCEPTED = frozenset({"ACTC", "ACCP", "ACSP", "ACSC", "ACCC", "ACWP", "ACFC", "ACWC"})
# ... of which these say that the money is there for good ...
SETTLED = frozenset({"ACSC", "ACCC"})
# ... and the answers to a recall (camt.029): done, money on its way back, partly; refused; being looked at.
RECALLED = frozenset({"CNCL", "IPAY", "PECR"})
RECALL_REFUSED = "RJCR"
RECALL_PENDING = "PDCR"


@dataclass(frozen=True)
class Party:
    """Who pays or is paid: a name, a bank (ABA routing number or BIC) and an account there or an alias of it.

    `account` is the number at that bank (at ours: the account's id); `alias` is a key, "email:ann@example.com".
    """

    name: str
    bank: str
    account: str | None = None
    iban: str | None = None
    alias: str | None = None


@dataclass(frozen=True)
class Original:
    """The message that another one is about; `message_type` is its full name, "pacs.008.001.08"."""

    message_id: str
    message_type: str
    end_to_end_id: str
    uetr: str | None = None


@dataclass(frozen=True)
class CreditTransfer:
    """pacs.008: one payment of money that the sending bank has."""

    TYPE: ClassVar[str] = "pacs.008"
    message_id: str
    created_at: datetime
    end_to_end_id: str
    uetr: str
    amount: Money
    debtor: Party
    creditor: Party
    settlement_date: date | None = None
    reference: str | None = None


@dataclass(frozen=True)
class StatusReport:
    """pacs.002: what became of a payment."""

    TYPE: ClassVar[str] = "pacs.002"
    message_id: str
    created_at: datetime
    original: Original
    status: str
    reason: str | None = None
    text: str | None = None

    @property
    def verdict(self) -> str:
        """accepted, rejected or pending."""
        return verdict_of(self.status)


@dataclass(frozen=True)
class PaymentReturn:
    """pacs.004: money comes back, by a payment of its own."""

    TYPE: ClassVar[str] = "pacs.004"
    message_id: str
    created_at: datetime
    return_id: str
    original: Original
    amount: Money
    reason: str
    text: str | None = None
    settlement_date: date | None = None


@dataclass(frozen=True)
class StatusRequest:
    """pacs.028: what became of the payment that nobody answered?"""

    TYPE: ClassVar[str] = "pacs.028"
    message_id: str
    created_at: datetime
    original: Original


@dataclass(frozen=True)
class RecallRequest:
    """camt.056: the sending bank asks for its money back; `message_id` is the assignment's id."""

    TYPE: ClassVar[str] = "camt.056"
    message_id: str
    created_at: datetime
    from_bank: str
    to_bank: str
    case_id: str
    original: Original
    amount: Money
    reason: str
    text: str | None = None


@dataclass(frozen=True)
class RecallAnswer:
    """camt.029: what the other bank says to a recall (CNCL, IPAY, PECR, RJCR, or PDCR while it looks) or cancellation.

    `original.message_type` tells which: a pacs.008 was recalled, a pain.013 cancelled (CNCL, RJCR).
    """

    TYPE: ClassVar[str] = "camt.029"
    message_id: str
    created_at: datetime
    from_bank: str
    to_bank: str
    case_id: str
    original: Original
    answer: str
    reason: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class PaymentRequest:
    """pain.013: the creditor asks the debtor for money."""

    TYPE: ClassVar[str] = "pain.013"
    message_id: str
    created_at: datetime
    end_to_end_id: str
    uetr: str
    amount: Money
    debtor: Party
    creditor: Party
    execute_on: date
    expires_at: datetime | None = None
    reference: str | None = None


@dataclass(frozen=True)
class CancellationRequest:
    """camt.055: the creditor takes a request for payment back; answered by camt.029, CNCL or RJCR with a reason.

    `original` is the pain.013, `message_id` the assignment's id.
    """

    TYPE: ClassVar[str] = "camt.055"
    message_id: str
    created_at: datetime
    from_bank: str
    to_bank: str
    case_id: str
    original: Original
    amount: Money
    reason: str
    text: str | None = None


@dataclass(frozen=True)
class PaymentRequestAnswer:
    """pain.014: what became of a request: RCVD, PRES, PDNG, ACTC (a promise, not money) or RJCT."""

    TYPE: ClassVar[str] = "pain.014"
    message_id: str
    created_at: datetime
    from_name: str
    original: Original
    status: str
    reason: str | None = None
    text: str | None = None

    @property
    def verdict(self) -> str:
        """accepted, rejected or pending."""
        return verdict_of(self.status)


Message = (
    CreditTransfer
    | StatusReport
    | PaymentReturn
    | StatusRequest
    | RecallRequest
    | RecallAnswer
    | PaymentRequest
    | PaymentRequestAnswer
    | CancellationRequest
)
# What is about another message names it by its end-to-end id; these begin a payment or a request of their own.
BEGINS = (CreditTransfer, PaymentRequest)


def verdict_of(status: str) -> str:
    """What an ISO status means for the one who waits: accepted, rejected or pending."""
    if status in ACCEPTED:
        return "accepted"
    return "rejected" if status in ("RJCT", "CANC", "BLCK") else "pending"


def end_to_end_id_of(message: Message) -> str:
    """Of the payment or request that the message begins or is about."""
    if isinstance(message, BEGINS):
        return message.end_to_end_id
    return message.original.end_to_end_id
