"""The REST framework's side of access: bearer tokens in, scopes checked by method."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.access import tokens
from apps.kernel.errors import Forbidden


class BearerToken(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[tokens.Caller, None] | None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return None
        if kind.lower() != "bearer" or not token:
            raise AuthenticationFailed("Send Authorization: Bearer and a token.", "token_invalid")
        try:
            return tokens.decode(token.strip()), None
        except Forbidden as error:
            raise AuthenticationFailed(error.detail, error.code) from None

    def authenticate_header(self, _request: Request) -> str:
        return 'Bearer realm="dpms"'


class HasScope(BasePermission):
    """Allows what the view's `scopes` names for the method; a method without a scope is open to nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method.lower() not in view.http_method_names or not hasattr(view, method.lower()):
            return True  # no such method: the answer is 405, whoever asks
        if not isinstance(request.user, tokens.Caller):
            raise NotAuthenticated("Send Authorization: Bearer and a token.", "token_missing")
        needed = view.scopes.get(method)
        if needed is None or needed not in request.user.scopes:
            raise PermissionDenied(f"This needs the scope {needed}.", "scope_missing")
        return True
