"""Sessions of staff: Django's sessions in rows that can be listed and ended; Django finds `SessionStore` here.

The key of a session is its secret. Pages, addresses and the access log name it by its handle, a part of the key's hash.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY as ACCOUNT
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as RowsInTheDatabase
from django.http import HttpRequest

from apps.access.models import StaffSession
from apps.kernel.clock import wall_clock

HANDLE_CHARACTERS = 24  # 96 bits of the hash
BROWSER_CHARACTERS_MAX = 200
# Last seen is exact to this: more often would be a write for every request.
SEEN_EVERY = timedelta(seconds=30)
_OPENED = "opened"


class SessionStore(RowsInTheDatabase):
    """Copies what the list of sessions shows out of the session's data whenever it is saved."""

    @classmethod
    def get_model_class(cls) -> type[StaffSession]:
        return StaffSession

    def create_model_instance(self, data: dict[str, Any]) -> StaffSession:
        row = cast("StaffSession", super().create_model_instance(data))
        opened = data.get(_OPENED, {})
        row.handle = handle_of(row.session_key)
        row.account = str(data.get(ACCOUNT, ""))
        row.username = opened.get("username", "")
        row.address = opened.get("address", "")
        row.browser = opened.get("browser", "")
        row.seen_at = wall_clock()
        row.started_at = datetime.fromisoformat(opened["at"]) if opened else row.seen_at
        return row


def handle_of(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()[:HANDLE_CHARACTERS]


def handle_of_request(request: HttpRequest) -> str | None:
    """None for a visitor who has no session."""
    session = getattr(request, "session", None)
    key = session.session_key if session is not None else None
    return handle_of(key) if key else None


def address_of(request: HttpRequest) -> str:
    """The network peer. Forwarding headers are not looked at: whoever connects can write them."""
    return str(request.META.get("REMOTE_ADDR") or "")


def begin(request: HttpRequest, *, username: str) -> None:
    """Notes in a fresh session whose it is and from where; it ends SESSION_COOKIE_AGE later, used or not."""
    now = wall_clock()
    request.session[_OPENED] = {
        "at": now.isoformat(),
        "username": username,
        "address": address_of(request),
        "browser": request.headers.get("User-Agent", "")[:BROWSER_CHARACTERS_MAX],
    }
    request.session.set_expiry(now + timedelta(seconds=settings.SESSION_COOKIE_AGE))
    StaffSession.objects.filter(expire_date__lt=now).delete()


def began_at(session: SessionBase) -> datetime | None:
    """When its owner gave the password; None for a session that was not begun by signing in."""
    opened = session.get(_OPENED)
    return datetime.fromisoformat(opened["at"]) if opened else None


def age_seconds(began: datetime) -> float:
    return (wall_clock() - began).total_seconds()


def touch(request: HttpRequest) -> None:
    """Last seen is now; one update that finds nothing to write most of the time."""
    now = wall_clock()
    key = request.session.session_key
    StaffSession.objects.filter(session_key=key, seen_at__lt=now - SEEN_EVERY).update(seen_at=now)


def open_sessions(*, account: str | None, limit: int = 200) -> list[StaffSession]:
    """The account's open sessions, or everybody's for None; the last seen first."""
    found = StaffSession.objects.filter(expire_date__gt=wall_clock()).exclude(account="")
    if account is not None:
        found = found.filter(account=account)
    return list(found.order_by("-seen_at")[:limit])


def end(handle: str, *, account: str | None) -> StaffSession | None:
    """Ends the session if it is the account's, or anybody's for None; what it was, None if there is no such one.

    Safe to repeat: the second time there is none.
    """
    found = StaffSession.objects.filter(handle=handle).exclude(account="")
    if account is not None:
        found = found.filter(account=account)
    session = found.first()
    if session is not None:
        session.delete()
    return session


def end_all(*, account: str, but: str | None = None) -> int:
    """Ends the account's sessions except the one with the handle `but`; how many there were."""
    found = StaffSession.objects.filter(account=account)
    if but is not None:
        found = found.exclude(handle=but)
    return int(found.delete()[0])
