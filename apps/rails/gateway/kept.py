"""What is kept of a network's message: tokens in place of account numbers, and a digest that proves what was sent.

Safe to repeat: a number has one token, whoever asks for it, so that the same message is kept as the same words.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pymongo.database import Database

from apps.kernel.failpoint import failpoint
from apps.parties.account_numbers import token_of
from apps.parties.domain.bank_account import FullNumber
from apps.rails.domain.messages import BEGINS, Message
from apps.rails.iso20022.accounts import MASK, NamedAccount, replaced, without

Document = dict[str, Any]

# Ids of accounts of ours, as messages name them (all digits is somebody's number, such as Polish ones of 26); and what
# stands there when nobody knows a number.
_NO_NUMBER = re.compile(r"(acc_)?(?=[0-9]*[a-z])([0-9a-z]{26}|[0-9a-z]{32})|NOTPROVIDED", re.ASCII)


class Evidence:
    """Digests that prove what a network sent, by a key of the bank's: without it nobody can try numbers out."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"dpms.rail.evidence", "sha256")
        self._name = hashlib.sha256(self._key).hexdigest()[:8]

    def of(self, body: bytes) -> str:
        """`hmac-sha256:<name of the key>:<digest>` of the very bytes that came."""
        return f"hmac-sha256:{self._name}:{hmac.digest(self._key, body, 'sha256').hex()}"

    def is_same(self, one: str | None, other: str) -> bool | None:
        """None when they can't be compared: the key was another one, or there is no digest."""
        if one is None or one.rpartition(":")[0] != other.rpartition(":")[0]:
            return None
        return hmac.compare_digest(one, other)


@dataclass(frozen=True)
class Kept:
    """`message` and `xml` without account numbers in their texts."""

    message: Message
    xml: str


def kept(database: Database[Document], message: Message, xml: str, *, now: datetime) -> Kept:
    """The message as it may be stored and captured. Accounts of ours stay: their ids are no secret."""
    failpoint("inbox.before_tokens")

    def told(account: NamedAccount) -> str | None:
        if _NO_NUMBER.fullmatch(account.number):
            return None
        if account.kind == "account" and account.bank is None:
            return f"{MASK}{account.number[-4:]}"  # of which bank it is nobody can say
        bank = account.bank if account.kind == "account" else None
        return token_of(FullNumber(account.kind, account.number, bank), now=now, within=database)

    stored, numbers = replaced(xml, by=told)
    return Kept(_cleared(message, numbers), stored)


def _cleared(message: Message, numbers: list[str]) -> Message:
    """Its texts without the numbers. The parties' accounts stay: `fields_of` cuts them to four digits."""
    if not numbers:
        return message
    texts: dict[str, Any] = {
        name: without(value, numbers)
        for name in ("reference", "text")
        if (value := getattr(message, name, None))
    }
    if isinstance(message, BEGINS):
        texts |= {
            name: replace(party, name=without(party.name, numbers))
            for name, party in (("debtor", message.debtor), ("creditor", message.creditor))
        }
    return replace(message, **texts)
