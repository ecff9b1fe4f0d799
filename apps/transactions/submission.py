"""An order as it was asked for: typed, and with the hash that tells a repeated request from a reused key."""

import hashlib
import json
from dataclasses import dataclass

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

    def body_hash(self) -> str:
        """SHA-256 over the canonical JSON of what was asked; the key is no part of it."""
        canonical = {
            "kind": "send",
            "product": self.product,
            "debtor": {"customer": self.customer, "account": self.account},
            "payee": self.payee,
            "amount_minor": self.money.amount_minor,
            "currency": self.money.currency,
            "reference": self.reference,
            "memo": self.memo,
        }
        text = json.dumps(canonical, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Requester:
    """The client behind a request, and the request's id."""

    client: str
    request_id: str
