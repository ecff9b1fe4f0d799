"""Identifiers: a prefix that says what it is, then a part that sorts by time or derives from a key."""

import base64
import hashlib
import secrets
from datetime import datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base32: no i, l, o, u to misread


def new_id(prefix: str, now: datetime) -> str:
    """`prefix_` + 26 characters: 48 bits of milliseconds, then 80 random bits; sorts by time."""
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    characters = []
    for _ in range(26):
        number, digit = divmod(number, 32)
        characters.append(_ALPHABET[digit])
    return f"{prefix}_" + "".join(reversed(characters))


def derived_id(prefix: str, *parts: str) -> str:
    """`prefix_` + 32 characters derived from `parts`: the same parts are the same id, so one insert is the guard.

    Each part is preceded by its length, so that ("a", "bc") and ("ab", "c") differ.
    """
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return f"{prefix}_" + base64.b32encode(digest.digest()[:20]).decode().lower()


def order_id(client: str, idempotency_key: str) -> str:
    return derived_id("ord", client, idempotency_key)
