"""Pages about staff themselves: their sessions, and the log of who looked at what."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST
from pymongo.errors import ExecutionTimeout

from apps.access import second_step
from apps.access import sessions as staff_sessions
from apps.access.roles import Permission
from apps.audit import access
from apps.audit.access import Object
from apps.console.guard import Look, needs, page_look, subject_of
from apps.console.staff import watcher_of
from apps.kernel.clock import wall_clock
from apps.kernel.errors import Invalid

FILTER_CHARACTERS_MAX = 150


@require_GET
@needs(None, looks=page_look("sessions"))
def sessions(request: HttpRequest) -> HttpResponse:
    """One's own sessions; everybody's for those who may see them."""
    allowed = watcher_of(request).permissions
    sees_all = Permission.SEE_SESSIONS in allowed
    account = str(request.user.pk)
    shown = staff_sessions.open_sessions(account=None if sees_all else account)
    own = [session for session in shown if session.account == account]
    context = {
        "own": own,
        "others": [session for session in shown if session.account != account],
        "sees_all": sees_all,
        "may_end_all": Permission.END_SESSIONS in allowed,
        "this": staff_sessions.handle_of_request(request),
        "has_device": second_step.device_of(cast("User", request.user)) is not None,
        "now": wall_clock(),
    }
    return render(request, "console/sessions.html", context)


@require_POST
@needs(None)
def end_session(request: HttpRequest, handle: str) -> HttpResponse:
    """Ends one's own session, or anybody's with the permission; others' are not there for who has it not."""
    may_end_all = Permission.END_SESSIONS in watcher_of(request).permissions
    account = None if may_end_all else str(request.user.pk)
    trace = access.Trace.of(request)
    ended = staff_sessions.end(handle, account=account)
    if ended is None:
        raise Http404("There is no such session.")
    _record_ended(request, handle, trace)
    is_this = handle == trace.session
    return HttpResponseRedirect(reverse("console:login" if is_this else "console:sessions"))


@require_POST
@needs(None)
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Ends all of one's own sessions but this one."""
    trace = access.Trace.of(request)
    account = str(request.user.pk)
    for session in staff_sessions.open_sessions(account=account):
        if session.handle != trace.session and staff_sessions.end(session.handle, account=account):
            _record_ended(request, session.handle, trace)
    return HttpResponseRedirect(reverse("console:sessions"))


def _record_ended(request: HttpRequest, handle: str, trace: access.Trace) -> None:
    access.record(
        request,
        subject=subject_of(watcher_of(request)),
        action="session_ended",
        looked_at=Object("session", handle),
        trace=trace,
    )


def _look_at_log(request: HttpRequest) -> Look:
    asked = _asked(request)
    action = "search" if asked else "view"
    return Look(Object("page", "access-log"), action, asked)


@require_GET
@needs(Permission.SEE_ACCESS_LOG, looks=_look_at_log)
def access_log(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    context: dict[str, Any] = {"asked": asked, "now": wall_clock()}
    code = 200
    try:
        page = access.page(
            person=asked.get("person", ""),
            object_id=asked.get("object", ""),
            cursor=request.GET.get("cursor", ""),
        )
        context["rows"] = [{**row, "id": row["_id"]} for row in page.rows]
        if page.next:
            context["next_url"] = "?" + urlencode({**asked, "cursor": page.next})
    except Invalid as error:
        context["problem"], code = error.detail, 400
    except ExecutionTimeout:
        context["problem"], code = "The search took more than two seconds and was ended.", 503
    return render(request, "console/access_log.html", context, status=code)


def _asked(request: HttpRequest) -> dict[str, str]:
    given = {name: request.GET.get(name, "").strip() for name in ("person", "object")}
    return {name: value[:FILTER_CHARACTERS_MAX] for name, value in given.items() if value}
