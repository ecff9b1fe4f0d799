"""What every REST endpoint is built on: JSON in and out, scopes by method, ids checked by shape."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import orjson
from django.http import HttpResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.kernel.errors import NotFound
from dpms_site.changes import Change
from dpms_site.clock import platform_clock
from dpms_site.request_ids import request_id_of
from dpms_site.rest.fields import Body, checked, id_pattern


class AlwaysJson(BaseContentNegotiation):
    """There is one representation, so an odd Accept header is no reason to refuse."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        content_type = (request.content_type or "").split(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == content_type), None)

    def select_renderer(self, _request: Request, renderers: Any, *_: Any) -> Any:
        return renderers[0], renderers[0].media_type


class RestView(APIView):
    """`scopes` says which scope each method needs; a method without one is refused."""

    content_negotiation_class = AlwaysJson
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    scopes: ClassVar[Mapping[str, str]] = {}

    def body(self, shape: type[Body]) -> dict[str, Any]:
        return checked(shape, self.request.data)

    @property
    def client_id(self) -> str:
        caller: Any = self.request.user
        return str(caller.client_id)

    @property
    def request_id(self) -> str:
        return request_id_of(self.request)

    def made(self, reason: str) -> Change:
        """The change fields of what this request writes."""
        by = f"client:{self.client_id}"
        return Change(by=by, at=platform_clock(), request_id=self.request_id, reason=reason)


def json_bytes(body: Any) -> bytes:
    return orjson.dumps(body)


def answer(
    body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    return HttpResponse(
        json_bytes(body),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def path_id(prefix: str, value: str, code: str) -> str:
    """An id from the path. What has not even its shape can't exist: NotFound (`code`)."""
    if not re.fullmatch(id_pattern(prefix), value, re.ASCII):
        raise NotFound(code, "There is nothing with this id.")
    return value
