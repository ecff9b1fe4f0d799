"""Access tokens: short-lived signed statements of who calls and with which scopes (RFC 9068 in form)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    try:
        decoded = jwt.decode_complete(
            token,
            settings.SECRET_KEY,
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
    return Caller(client_id=claims["sub"], scopes=frozenset(claims["scope"].split()))
