"""Who may use the console: active staff, asked anew for every page and every few seconds of a socket's life."""

from dataclasses import dataclass
from importlib import import_module

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from apps.access import second_step
from apps.access.roles import Permission, Sight, permissions_of, sight_of
from apps.access.second_step import Standing


def may_enter(user: AbstractBaseUser | AnonymousUser) -> bool:
    return isinstance(user, User) and user.is_active and user.is_staff


@dataclass(frozen=True)
class Watcher:
    """A signed-in member of staff as pages and sockets know them; equal as long as their rights are the same."""

    username: str
    roles: frozenset[str]

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.roles)

    @property
    def sight(self) -> Sight:
        return sight_of(self.roles)


NOBODY = Watcher("", frozenset())


def watcher_of(request: HttpRequest) -> Watcher:
    """Who asks, with the roles of this moment, read once a request; NOBODY unless staff who passed both steps."""
    known: Watcher | None = getattr(request, "dpms_watcher", None)
    if known is None:
        known = _watcher(request.user, request.session) or NOBODY
        request.dpms_watcher = known  # type: ignore[attr-defined]
    return known


@database_sync_to_async
def signed_in(session: SessionBase | None) -> Watcher | None:
    """The staff member whose session it is, read anew: since the socket opened it may have ended, or rights changed."""
    key = session.session_key if session is not None else None
    if not key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return _watcher(get_user(request), request.session)


def _watcher(user: AbstractBaseUser | AnonymousUser, session: SessionBase) -> Watcher | None:
    # request.user is a lazy object that passes for a User.
    if not isinstance(user, User) or not may_enter(user):
        return None
    if second_step.standing(user, session) is not Standing.COMPLETE:
        return None
    return named(user)


def named(user: User) -> Watcher:
    """The person with their roles, however far they have come in signing in."""
    return Watcher(user.get_username(), frozenset(user.groups.values_list("name", flat=True)))
