"""Access tokens: short-lived signed statements of who calls and with which scopes (RFC 9068 in form)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import jwt
from django.conf import settings

from apps.kernel.errors import Forbidden
from apps.kernel.ids import new_id

_ALGORITHM = "HS256"
_TYPE = "at+jwt"


@dataclass(frozen=True)
class Caller:
    """The API client behind a request, as its token states it."""

    client_id: str
    scopes: frozenset[str]
    is_authenticated: bool = True


def encode(*, client_id: str, scopes: Sequence[str], now: datetime, seconds: int) -> str:
    claims = {
        "iss": settings.TOKEN_AUDIENCE,
        "aud": settings.TOKEN_AUDIENCE,
        "sub": client_id,
        "scope": " ".join(scopes),
        "iat": now,
        "exp": now + timedelta(seconds=seconds),
        "jti": new_id("tok", now),
    }
    return jwt.encode(claims, settings.SECRET_KEY, algorithm=_ALGORITHM, headers={"typ": _TYPE})


def decode(token: str) -> Caller:
    """Who the token speaks for. Raises Forbidden (`token_invalid`) for any other token than a valid one of ours."""
    caller, expires_at = _checked(token, settings.SECRET_KEY)
    if expires_at <= time.time():
        raise Forbidden("token_invalid", "The access token is refused: Signature has expired.")
    return caller


# A client sends one token for its whole life; only its end is looked at anew. What raises is not kept.
@lru_cache(maxsize=1024)
def _checked(token: str, key: str) -> tuple[Caller, float]:
    try:
        decoded = jwt.decode_complete(
            token,
            key,
            algorithms=[_ALGORITHM],
            audience=settings.TOKEN_AUDIENCE,
            issuer=settings.TOKEN_AUDIENCE,
            options={"require": ["exp", "iat", "sub", "scope", "aud", "iss"]},
        )
    except jwt.InvalidTokenError as error:
        raise Forbidden("token_invalid", f"The access token is refused: {error}.") from None
    if decoded["header"].get("typ") != _TYPE:
        raise Forbidden("token_invalid", "The access token is of another type.")
    claims = decoded["payload"]
    caller = Caller(client_id=claims["sub"], scopes=frozenset(claims["scope"].split()))
    return caller, float(claims["exp"])
