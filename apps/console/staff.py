"""Who may use the console: active staff, asked anew for every page and every few seconds of a socket's life."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from apps.access.roles import Permission, Sight, permissions_of, sight_of

View = Callable[..., HttpResponseBase]


def staff_only(view: View) -> View:
    """Sends a visitor to the login page and refuses who is signed in but no staff; pages are never cached."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("console:login"))
        if not may_enter(request.user):
            raise PermissionDenied("This account is not staff.")
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guarded


def may_enter(user: AbstractBaseUser | AnonymousUser) -> bool:
    return isinstance(user, User) and user.is_active and user.is_staff


@dataclass(frozen=True)
class Watcher:
    """A signed-in member of staff as a socket knows them; equal as long as nothing about their rights changed."""

    username: str
    roles: frozenset[str]

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.roles)

    @property
    def sight(self) -> Sight:
        return sight_of(self.roles)


@database_sync_to_async
def signed_in(session: SessionBase | None) -> Watcher | None:
    """The staff member whose session it is, read anew: since the socket opened it may have ended, or rights changed."""
    key = session.session_key if session is not None else None
    if not key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(request)
    if not isinstance(user, User) or not may_enter(user):
        return None
    roles = frozenset(user.groups.values_list("name", flat=True))
    return Watcher(user.get_username(), roles)
