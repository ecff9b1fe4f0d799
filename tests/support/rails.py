"""Messages as tests need them: complete, ordinary, and different in what the test is about."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from apps.kernel.money import Money
from apps.rails.domain import messages
from apps.rails.domain.messages import CreditTransfer, Original, Party

NOW = datetime(2026, 11, 24, 12, 0, 0, 123000, tzinfo=UTC)
OURS, THEIRS = "999999992", "021000021"
END_TO_END = "abcdefghijklmnopqrstuvwxyz234567"
UETR = "eb6305c9-1f7f-49de-aed0-16487c27b42d"
ANN = Party(
    "Ann Archer", OURS, account="acc_01jd7z3n8v5w2x4y6a8b0c2d4e", alias="email:ann@example.com"
)
BOB = Party("Bob Brown", THEIRS, alias="phone:+12025550123")
ORIGINAL = Original("msg1", "pacs.008.001.08", END_TO_END, UETR)
REQUESTED = Original("req1", "pain.013.001.07", END_TO_END, UETR)

_PROJECT = Path(__file__).resolve().parents[2]


def schemas() -> Path:
    """Where the official schemas lie, which are not part of the project; it may not exist."""
    default = _PROJECT.parent / "shared" / "schemas"
    named = Path(os.environ.get("DPMS_ISO20022_SCHEMAS") or default)
    # They may lie in a room of their own there.
    return named / "iso20022" if (named / "iso20022").is_dir() else named


def a_transfer(**different: Any) -> CreditTransfer:
    values: dict[str, Any] = {
        "message_id": "msg1",
        "created_at": NOW,
        "end_to_end_id": END_TO_END,
        "uetr": UETR,
        "amount": Money(1234, "USD"),
        "debtor": ANN,
        "creditor": BOB,
        "settlement_date": date(2026, 11, 25),
        "reference": "Rent & heating",
    }
    return CreditTransfer(**(values | different))


def a_status(status: str, **different: Any) -> messages.StatusReport:
    values: dict[str, Any] = {"message_id": "sts1", "created_at": NOW, "original": ORIGINAL}
    return messages.StatusReport(**(values | {"status": status} | different))


def a_request(**different: Any) -> messages.PaymentRequest:
    values: dict[str, Any] = {
        "message_id": "req1",
        "created_at": NOW,
        "end_to_end_id": END_TO_END,
        "uetr": UETR,
        "amount": Money(4500, "USD"),
        "debtor": BOB,
        "creditor": ANN,
        "execute_on": date(2026, 12, 1),
        "expires_at": NOW,
        "reference": "Dinner",
    }
    return messages.PaymentRequest(**(values | different))


def one_of_each() -> list[messages.Message]:
    """Every kind of message, complete."""
    recall: dict[str, Any] = {
        "from_bank": OURS,
        "to_bank": "DEUTDEFF",
        "case_id": "case1",
        "original": ORIGINAL,
    }
    return [
        a_transfer(),
        a_status("RJCT", reason="AC04", text="The account is closed."),
        messages.PaymentReturn(
            "ret1", NOW, "ret1", ORIGINAL, Money(5, "JPY"), "FOCR", "Recalled.", date(2026, 11, 25)
        ),
        messages.StatusRequest("ask1", NOW, ORIGINAL),
        messages.RecallRequest(
            "rec1", NOW, amount=Money(1234, "KWD"), reason="FRAD", text="A scam.", **recall
        ),
        messages.RecallAnswer("ans1", NOW, answer="RJCR", reason="CUST", text="No.", **recall),
        a_request(),
        messages.CancellationRequest(
            "cxl1",
            NOW,
            amount=Money(4500, "USD"),
            reason="CUST",
            text="Paid in cash.",
            **recall | {"original": REQUESTED},
        ),
        messages.PaymentRequestAnswer(
            "rsp1", NOW, "Other Bank", ORIGINAL, "RJCT", "AM04", "No funds."
        ),
    ]
