"""Signing in and out: password, then a code where one is wanted; every outcome is in the access log before it shows."""

from typing import Any, cast

from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth import login as begin_login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.contrib.auth.views import LoginView, redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from pymongo.errors import PyMongoError

from apps.access import second_step, sessions
from apps.access.second_step import CodeRefused, Standing
from apps.audit import access
from apps.audit.access import Object, Subject
from apps.console.guard import subject_of
from apps.console.staff import may_enter, named

# Who waits longer than this with the second step gives the password again.
SECOND_STEP_SECONDS = 10 * 60
LOCKED_MINUTES = 15


class StaffForm(AuthenticationForm):
    """A right password of somebody who is no staff is refused in the same words as a wrong one."""

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        super().confirm_login_allowed(user)
        if not may_enter(user):
            raise ValidationError("This account is not staff.", code="not_staff")


class SignIn(LoginView):
    """The password. Its session gets a new key; it opens no page before the second step where one is wanted."""

    template_name = "registration/login.html"
    redirect_authenticated_user = True
    authentication_form = StaffForm

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = cast("User", form.get_user())
        begin_login(self.request, user)
        sessions.begin(self.request, username=user.get_username())
        standing = second_step.standing(user, self.request.session)
        back = self.get_redirect_url()
        if standing is Standing.CODE_WANTED:
            return _redirect("console:login-code", back)
        reason = "must_enrol" if standing is Standing.ENROLMENT_WANTED else None
        _record_login(self.request, user, reason)
        if standing is Standing.ENROLMENT_WANTED:
            return _redirect("console:second-step", back)
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        typed = form.data.get("username", "")
        is_locked = bool(getattr(self.request, "axes_locked_out", False))
        access.record(
            self.request,
            subject=Subject("visitor", typed),
            action="locked_out" if is_locked else "login_failed",
            result="denied",
            reason="too_many_failures" if is_locked else "password_wrong",
        )
        return super().form_invalid(form)


sign_in = SignIn.as_view()


def locked_out_page(
    request: HttpRequest,
    response: HttpResponse,
    credentials: object = None,  # noqa: ARG001 - axes passes it
) -> HttpResponse:
    """What axes answers in place of the login page; the same whether the user exists or not."""
    if response.status_code >= 500:
        return response  # the access log could not be written, and that goes first
    page = render(request, "registration/locked.html", {"minutes": LOCKED_MINUTES}, status=429)
    page.headers["Retry-After"] = str(LOCKED_MINUTES * 60)
    page.headers["Cache-Control"] = "no-store"
    return page


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def give_code(request: HttpRequest) -> HttpResponse:
    """The second step, for somebody with a right password and an enrolled device."""
    user = _staff(request)
    if user is None:
        return redirect_to_login(reverse("console:overview"), reverse("console:login"))
    if second_step.standing(user, request.session) is not Standing.CODE_WANTED:
        return HttpResponseRedirect(_back(request))
    if _is_too_late(request):
        logout(request)
        return redirect_to_login(_back(request), reverse("console:login"))
    context: dict[str, Any] = {"next": _back(request)}
    if request.method == "POST":
        try:
            second_step.pass_with(user, request.POST.get("code", ""), request.session)
        except CodeRefused as refusal:
            _record_refused_code(request, user, refusal)
            context |= {"refusal": refusal}
        else:
            _record_login(request, user, None)
            return HttpResponseRedirect(_back(request))
    return render(request, "registration/code.html", context, status=_status(context))


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """A device for the second step: its secret, the first code of it, and the recovery codes, which show once."""
    user = _staff(request)
    if user is None:
        return redirect_to_login(request.get_full_path(), reverse("console:login"))
    if second_step.standing(user, request.session) is Standing.CODE_WANTED:
        return _redirect("console:login-code", request.path)
    context: dict[str, Any] = {"next": _back(request), "username": user.get_username()}
    if second_step.device_of(user):
        context["codes_left"] = second_step.recovery_codes_left(user)
        return render(request, "registration/enrolled.html", context)
    if request.method == "POST":
        try:
            codes = second_step.confirm(user, request.POST.get("code", ""), request.session)
        except CodeRefused as refusal:
            _record_refused_code(request, user, refusal)
            context |= {"refusal": refusal}
        else:
            access.record(
                request,
                subject=subject_of(named(user)),
                action="totp_enrolled",
                looked_at=Object("staff", user.get_username()),
            )
            return render(request, "registration/recovery.html", {**context, "codes": codes})
    device = second_step.device_to_confirm(user)
    context |= {"uri": device.config_url, "secret": second_step.secret_of(device)}
    return render(request, "registration/enrol.html", context, status=_status(context))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session first: whoever wants to leave leaves, whether it can be written down or not."""
    user = request.user
    row = access.Trace.of(request)
    logout(request)
    if isinstance(user, User):
        access.record(request, subject=subject_of(named(user)), action="logout", trace=row)
    return HttpResponseRedirect(reverse("console:login"))


def _record_login(request: HttpRequest, user: User, reason: str | None) -> None:
    """A login that cannot be written down is undone."""
    try:
        access.record(request, subject=subject_of(named(user)), action="login", reason=reason)
    except PyMongoError:
        request.session.flush()
        raise


def _record_refused_code(request: HttpRequest, user: User, refusal: CodeRefused) -> None:
    access.record(
        request,
        subject=subject_of(named(user)),
        action="login_failed",
        result="denied",
        reason=refusal.reason,
    )


def _staff(request: HttpRequest) -> User | None:
    user: AbstractBaseUser | AnonymousUser = request.user
    return user if isinstance(user, User) and may_enter(user) else None


def _is_too_late(request: HttpRequest) -> bool:
    began = sessions.began_at(request.session)
    return began is None or sessions.age_seconds(began) > SECOND_STEP_SECONDS


def _status(context: dict[str, Any]) -> int:
    refusal = context.get("refusal")
    return 429 if refusal and refusal.reason == "too_soon" else 200


def _redirect(place: str, back: str) -> HttpResponseRedirect:
    query = f"?{urlencode({REDIRECT_FIELD_NAME: back})}" if back else ""
    return HttpResponseRedirect(reverse(place) + query)


def _back(request: HttpRequest) -> str:
    asked = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
    return asked if is_ours else reverse("console:overview")
