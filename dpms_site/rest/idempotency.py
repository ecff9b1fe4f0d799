"""The Idempotency-Key header: its form, and what an answer that repeats an earlier one carries."""

import re
from typing import Any

from apps.kernel.errors import Invalid

REPLAYED = {"Idempotency-Replayed": "true"}


def idempotency_key(raw: Any) -> str:
    """The key bare or in double quotes (a structured-field string), 1 to 255 printable ASCII characters."""
    if raw is None:
        raise Invalid("idempotency_key_missing", "Send an Idempotency-Key.")
    key = raw if isinstance(raw, str) else ""
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = re.sub(r'\\(["\\])', r"\1", key[1:-1])
    if not re.fullmatch(r"[\x20-\x7e]{1,255}", key, re.ASCII) or not key.strip():
        detail = "Use 1 to 255 printable ASCII characters."
        raise Invalid("idempotency_key_malformed", detail)
    return key


def key_reused() -> Invalid:
    """The refusal of a key that an earlier request used for something else."""
    return Invalid("idempotency_key_reused", "This Idempotency-Key was used with another body.")
