"""Writes of the access subject: registering clients and staff, issuing tokens."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Group, User

from apps.access import tokens
from apps.access.models import ApiClient
from apps.access.roles import ROLES
from apps.kernel.errors import Forbidden, Invalid


@dataclass(frozen=True)
class IssuedToken:
    access_token: str
    expires_in: int
    scope: str


def issue_token(
    *, client_id: str, client_secret: str, scope: str | None, now: datetime
) -> IssuedToken:
    """A token for a client that proves itself. Raises Forbidden (`invalid_client`), Invalid (`invalid_scope`)."""
    client = ApiClient.objects.filter(pk=client_id, is_active=True).first()
    # The comparison runs for an unknown client too, so that time does not tell which ids exist.
    known = client.secret_hash if client else hash_of("")
    matches = secrets.compare_digest(known, hash_of(client_secret))
    if client is None or not matches:
        raise Forbidden("invalid_client", "Client id or secret is wrong.")
    wanted = scope.split() if scope else list(client.scopes)
    refused = sorted(set(wanted) - set(client.scopes))
    if refused:
        raise Invalid("invalid_scope", f"This client may not have: {', '.join(refused)[:200]}.")
    granted = tuple(sorted(set(wanted)))
    token = tokens.encode(
        client_id=client.id, scopes=granted, now=now, seconds=client.token_seconds
    )
    return IssuedToken(token, client.token_seconds, " ".join(granted))


def register_client(
    *, client_id: str, client_secret: str, scopes: Sequence[str], token_seconds: int, now: datetime
) -> None:
    """Creates the client or brings it to this state; the same call twice changes nothing."""
    state = {
        "secret_hash": hash_of(client_secret),
        "scopes": sorted(scopes),
        "token_seconds": token_seconds,
        "is_active": True,
    }
    if not ApiClient.objects.filter(pk=client_id).update(**state):
        ApiClient.objects.create(id=client_id, created_at=now, **state)


def register_staff(*, username: str, password: str, role: str) -> None:
    """Creates the staff member with exactly this role and password; the same call twice changes nothing."""
    user, _ = User.objects.get_or_create(username=username)
    if not user.has_usable_password() or not user.check_password(password):
        user.set_password(password)
    user.is_staff = user.is_active = True
    user.save()
    group, _ = Group.objects.get_or_create(name=role)
    user.groups.set([group])


def ensure_roles() -> None:
    """A group for every role of the table; the same call twice changes nothing."""
    for role in ROLES:
        Group.objects.get_or_create(name=role)


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
