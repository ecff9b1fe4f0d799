"""One-time codes: six random digits, of which only a keyed hash is kept."""

import hashlib
import hmac
import secrets

from django.conf import settings


def new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


def code_hash(purpose: str, subject: str, code: str) -> str:
    """Keyed, because a plain hash of six digits is found by trying them all."""
    message = f"{purpose}:{subject}:{code}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()


def is_code(known_hash: str, purpose: str, subject: str, code: str) -> bool:
    return hmac.compare_digest(known_hash, code_hash(purpose, subject, code))
