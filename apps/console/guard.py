"""The door of every console page: who may open it is asked first, and what they look at is written down."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from apps.access import second_step, sessions
from apps.access.roles import Permission, Sight, roles_with
from apps.access.second_step import Standing
from apps.audit import access
from apps.audit.access import Object, Subject
from apps.console.staff import Watcher, may_enter, named, watcher_of

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Look:
    """What a request looks at, as the access log names it."""

    at: Object
    action: str = "view"
    query: Mapping[str, str] = field(default_factory=dict)


Looks = Callable[..., Look | None]


def needs(
    permission: Permission | None,
    *,
    sight: Sight = Sight.NONE,
    looks: Looks | None = None,
    refreshes: bool = False,
    is_data: bool = False,
) -> Callable[[View], View]:
    """Lets in staff who have the permission (any staff for None) and see at least so much of a payment.

    Visitors go to the login page; who has not passed the second step goes there; others get a page that says what is
    missing, or JSON where the view `is_data`. `looks` names what goes to the access log. A view that `refreshes` is
    written down only when its session has not been shown the same already. Answers are never cached.
    """

    refused = functools.partial(_refused, is_data=is_data)

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("console:login"))
            user = cast("User", request.user)
            if not may_enter(user):
                return refused(request, named(user), "This account is not staff.", "not_staff")
            if detour := _second_step(request, user):
                return detour
            sessions.touch(request)
            watcher = watcher_of(request)
            if permission is not None and permission not in watcher.permissions:
                return refused(request, watcher, _missing(permission), str(permission))
            if watcher.sight < sight:
                return refused(request, watcher, _unseen(sight), f"sight.{sight.name.lower()}")
            look = looks(request, **kwargs) if looks else None
            response = _answer(request, watcher, look, lambda: view(request, *args, **kwargs))
            if look and not (refreshes and access.has_shown(request, look.at, look.query)):
                _record(request, watcher, look, response.status_code)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return guarded

    return guard


def page_look(name: str) -> Looks:
    """A look at a page as a whole."""

    def look(request: HttpRequest, **_: Any) -> Look:  # noqa: ARG001
        return Look(Object("page", name))

    return look


def look_at_live(request: HttpRequest) -> Look:
    """The feed, as page or as refill; what it is filtered by belongs to it."""
    q = request.GET.get("q", "").strip()
    return Look(Object("page", "live"), "search" if q else "view", {"q": q} if q else {})


def _second_step(request: HttpRequest, user: User) -> HttpResponse | None:
    match second_step.standing(user, request.session):
        case Standing.CODE_WANTED:
            place = "console:login-code"
        case Standing.ENROLMENT_WANTED:
            place = "console:second-step"
        case _:
            return None
    back = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
    return HttpResponseRedirect(f"{reverse(place)}{'?' if back else ''}{back}")


def _answer(
    request: HttpRequest, watcher: Watcher, look: Look | None, view: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    try:
        return view()
    except Http404:
        if look:
            _record(request, watcher, look, 404)
        raise


def _record(request: HttpRequest, watcher: Watcher, look: Look, status: int) -> None:
    """Raises PyMongoError, and the page that was made is not sent."""
    access.record(
        request,
        subject=subject_of(watcher),
        action=look.action,
        looked_at=look.at,
        query=look.query,
        result="allowed" if status < 400 else "failed",
        reason=None if status < 400 else f"status_{status}",
    )


def subject_of(watcher: Watcher) -> Subject:
    return Subject("staff", watcher.username, watcher.roles)


def _refused(
    request: HttpRequest, watcher: Watcher, sentences: str, reason: str, *, is_data: bool
) -> HttpResponse:
    access.record(
        request,
        subject=subject_of(watcher),
        action="denied",
        looked_at=Object("address", request.path),
        result="denied",
        reason=reason,
    )
    if is_data:
        return JsonResponse({"code": "forbidden", "detail": sentences}, status=403)
    context = {"missing": sentences, "username": watcher.username, "roles": sorted(watcher.roles)}
    page = render(request, "403.html", context, status=403)
    page.headers["Cache-Control"] = "no-store"
    return page


def _missing(permission: Permission) -> str:
    roles = ", ".join(roles_with(permission))
    return f"It needs the permission {permission}, which these roles have: {roles}."


def _unseen(sight: Sight) -> str:
    return f"It shows who pays whom; your roles show less of a payment ({sight.name.lower()} is needed)."
