"""An order as it was asked for: typed, and with the hash that tells a repeated request from a reused key."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.kernel.money import Money


@dataclass(frozen=True)
class Submission:
    """One send order that a client asks for, with its shape checked and nothing looked up yet."""

    idempotency_key: str
    product: str
    customer: str
    account: str
    payee: str
    money: Money
    reference: str | None
    memo: str | None
    # The day to pay it on, a date of the bank's zone; None: at once.
    execute_on: date | None = None

    def body_hash(self) -> str:
        """SHA-256 over the canonical JSON of what was asked; the key is no part of it.

        A day stands in it only when one was asked for: keys of orders from before there were days keep their hash.
        """
        canonical: dict[str, Any] = {
            "kind": "send",
            "product": self.product,
            "debtor": {"customer": self.customer, "account": self.account},
            "payee": self.payee,
            "amount_minor": self.money.amount_minor,
            "currency": self.money.currency,
            "reference": self.reference,
            "memo": self.memo,
        }
        if self.execute_on is not None:
            canonical["execute_on"] = self.execute_on.isoformat()
        text = json.dumps(canonical, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Requester:
    """The client behind a request, and the request's id."""

    client: str
    request_id: str
