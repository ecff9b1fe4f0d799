"""POST /oauth/token: client credentials (RFC 6749 section 4.4) for a short-lived access token."""

import base64
import binascii
from typing import Any

from django.http import HttpResponse, QueryDict
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from apps.access import services
from apps.kernel.clock import wall_clock
from apps.kernel.errors import Forbidden, Invalid
from dpms_site.errors import problem
from dpms_site.request_ids import request_id_of
from dpms_site.rest.views import RestView, answer

_BODY_BYTES_MAX = 10_000


class StrictForm(BaseParser):
    """A form as strings: RFC 6749 sends each parameter once."""

    media_type = "application/x-www-form-urlencoded"

    def parse(self, stream: Any, *_: Any, **__: Any) -> dict[str, str]:
        body = stream.read(_BODY_BYTES_MAX + 1)
        if len(body) > _BODY_BYTES_MAX:
            raise Invalid("invalid_request", "The form is too long.")
        try:
            form = QueryDict(body.decode("utf-8"), encoding="utf-8")
        except UnicodeDecodeError:
            raise Invalid("invalid_request", "The form is not UTF-8.") from None
        for name, values in form.lists():
            if len(values) != 1:
                raise Invalid("invalid_request", f"The parameter {name[:60]!r} is repeated.")
        return {name: str(value) for name, value in form.items()}


class TokenView(RestView):
    authentication_classes = []
    permission_classes = []
    parser_classes = [StrictForm]

    @extend_schema(
        operation_id="token_create",
        summary="A token for client credentials (HTTP Basic, or client_id and client_secret in the form)",
        request={"application/x-www-form-urlencoded": OpenApiTypes.OBJECT},
        responses={200: OpenApiTypes.OBJECT},
        auth=[],
        tags=["access"],
    )
    def post(self, request: Request) -> HttpResponse:
        try:
            return self._issued(request)
        except (Forbidden, Invalid) as error:
            challenge = {"WWW-Authenticate": 'Basic realm="dpms"'}
            # RFC 6749 section 5.2 has its own member names: both vocabularies stand in one answer.
            return problem(
                path=request.path,
                request_id=request_id_of(request),
                code=error.code,
                detail=error.detail,
                headers=challenge if error.code == "invalid_client" else {},
                members={"error": error.code, "error_description": error.detail},
            )

    def _issued(self, request: Request) -> HttpResponse:
        try:
            form = request.data
        except (ParseError, UnsupportedMediaType):
            raise Invalid(
                "invalid_request", "Send a form (application/x-www-form-urlencoded)."
            ) from None
        if "grant_type" not in form:
            raise Invalid("invalid_request", "Send grant_type=client_credentials.")
        if form["grant_type"] != "client_credentials":
            raise Invalid("unsupported_grant_type", "Only client_credentials is granted here.")
        client_id, client_secret = _credentials(request, form)
        token = services.issue_token(
            client_id=client_id,
            client_secret=client_secret,
            scope=form.get("scope"),
            now=wall_clock(),
        )
        return answer(
            {
                "access_token": token.access_token,
                "token_type": "Bearer",
                "expires_in": token.expires_in,
                "scope": token.scope,
            }
        )


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str]:
    header = request.headers.get("Authorization", "")
    if not header:
        return form.get("client_id", ""), form.get("client_secret", "")
    kind, _, encoded = header.partition(" ")
    if "client_secret" in form:
        raise Invalid("invalid_request", "Send the credentials once: in the header or the form.")
    try:
        if kind.lower() != "basic":
            raise ValueError(kind)
        pair = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (ValueError, binascii.Error):
        raise Forbidden("invalid_client", "Send Authorization: Basic and the pair.") from None
    client_id, _, client_secret = pair.partition(":")
    return client_id, client_secret
