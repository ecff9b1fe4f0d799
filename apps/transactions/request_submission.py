"""A money request as it was asked for: typed, and with the hash that tells a repeated request from a reused key."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.kernel.clock import rfc3339
from apps.kernel.money import Money


@dataclass(frozen=True)
class AskedShare:
    """What one payer of a split is asked for; the currency is that of the whole."""

    name: str
    alias_key: str
    money: Money


@dataclass(frozen=True)
class RequestSubmission:
    """One request that a client makes for its customer, with its shape checked and nothing looked up yet.

    The payer is told in exactly one way: `payee`, `payer` (name and alias key) or `shares`. `expires_at` None: after
    the product's `request_days`.
    """

    idempotency_key: str
    product: str
    customer: str
    account: str
    money: Money
    reference: str | None
    memo: str | None
    payee: str | None = None
    payer: tuple[str, str] | None = None
    shares: tuple[AskedShare, ...] = ()
    expires_at: datetime | None = None

    def body_hash(self) -> str:
        """SHA-256 over the canonical JSON of what was asked; the key is no part of it.

        Only what was said stands in it, so that a default that depends on the time of asking does not.
        """
        canonical: dict[str, Any] = {
            "kind": "request",
            "product": self.product,
            "creditor": {"customer": self.customer, "account": self.account},
            "amount_minor": self.money.amount_minor,
            "currency": self.money.currency,
            "reference": self.reference,
            "memo": self.memo,
        }
        if self.payee is not None:
            canonical["payee"] = self.payee
        elif self.payer is not None:
            name, alias_key = self.payer
            canonical["payer"] = {"name": name, "alias_key": alias_key}
        else:
            canonical["shares"] = [
                {
                    "payer_name": share.name,
                    "alias_key": share.alias_key,
                    "amount_minor": share.money.amount_minor,
                }
                for share in self.shares
            ]
        if self.expires_at is not None:
            canonical["expires_at"] = rfc3339(self.expires_at)
        text = json.dumps(canonical, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
