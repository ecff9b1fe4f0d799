"""Errors to answers: every refusal and failure becomes one RFC 9457 problem with the request's id."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DatabaseError as ModelDatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults
from pymongo.errors import PyMongoError
from rest_framework import exceptions as rest

from apps.kernel.errors import Conflict, DomainError, Forbidden, Gone, Invalid, NotFound
from dpms_site.problems import MEANINGS, type_of
from dpms_site.request_ids import request_id_of

log = structlog.get_logger(__name__)

_STATUS_OF_KIND: dict[type[DomainError], int] = {
    Invalid: 400,
    NotFound: 404,
    Conflict: 409,
    Forbidden: 403,
    Gone: 410,
}
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
FieldError = dict[str, str]


def problem(
    *,
    path: str,
    request_id: str,
    code: str,
    detail: str,
    status: int | None = None,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> HttpResponse:
    body = problem_json(
        path=path, request_id=request_id, code=code, detail=detail, status=status, errors=errors
    )
    response = HttpResponse(
        json.dumps({**body, **(members or {})}),
        status=body["status"],
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )
    response["Request-Id"] = request_id
    return response


def problem_json(
    *,
    path: str,
    request_id: str,
    code: str,
    detail: str,
    status: int | None = None,
    errors: Sequence[FieldError] = (),
) -> dict[str, Any]:
    """The members of a problem; its status is the one that `problems` states for the code, else `status`."""
    meaning = MEANINGS.get(code)
    number = (meaning.status if meaning else None) or status or 400
    return {
        "type": type_of(code),
        "title": meaning.title if meaning else code.replace("_", " "),
        "status": number,
        "detail": detail,
        "instance": path,
        "code": code,
        "request_id": request_id,
        "errors": list(errors),
    }


def exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """What the REST framework calls for whatever a view raises; None lets `server_error` answer."""
    request: HttpRequest = context["request"]
    facts = described(error, method=request.method or "GET")
    if facts is None:
        return None
    return problem(path=request.path, request_id=request_id_of(request), **facts)


def described(error: Exception, *, method: str) -> dict[str, Any] | None:
    """Code, detail and the rest of the problem that `error` is; None when it is a defect of the platform."""
    if isinstance(error, DomainError):
        return _domain_error(error)
    if isinstance(error, rest.ValidationError):
        return _validation_error(error)
    if isinstance(error, PyMongoError | ModelDatabaseError):
        return _database_error(error, method)
    if isinstance(error, RequestDataTooBig):
        return {"code": "body_too_large", "detail": "Send at most 1 MB."}
    if isinstance(error, Http404 | rest.NotFound):
        return {"code": "not_found", "detail": "There is nothing at this address."}
    if isinstance(error, PermissionDenied):
        return {"code": "scope_missing", "detail": "The caller may not do this."}
    if isinstance(error, rest.APIException):
        return _framework_error(error)
    return None


def _domain_error(error: DomainError) -> dict[str, Any]:
    status = next(
        (number for kind, number in _STATUS_OF_KIND.items() if isinstance(error, kind)), 400
    )
    errors = [{"pointer": error.pointer, "code": error.code, "detail": error.detail}]
    facts = {
        "code": error.code,
        "detail": error.detail,
        "status": status,
        "errors": errors if error.pointer else [],
    }
    return {**facts, "members": error.members} if error.members else facts


def _validation_error(error: rest.ValidationError) -> dict[str, Any]:
    errors = list(_flattened(error.get_full_details(), ""))
    if len(errors) == 1:
        return {"code": errors[0]["code"], "detail": errors[0]["detail"], "errors": errors}
    return {
        "code": "body_invalid",
        "detail": f"The body has {len(errors)} faults.",
        "errors": errors,
    }


def _flattened(details: Any, pointer: str) -> Iterator[FieldError]:
    """Each fault with the JSON pointer (RFC 6901) of its field."""
    if isinstance(details, list):
        for item in details:
            yield from _flattened(item, pointer)
    elif set(details) == {"message", "code"} and isinstance(details["message"], str):
        yield {"pointer": pointer, "code": details["code"], "detail": str(details["message"])}
    else:
        for name, inner in details.items():
            step = "" if name == "" else "/" + str(name).replace("~", "~0").replace("/", "~1")
            yield from _flattened(inner, pointer + step)


def _database_error(error: Exception, method: str) -> dict[str, Any]:
    log.warning("database_error", error=type(error).__name__, detail=str(error)[:500])
    retry = {"Retry-After": "1"}
    if method in _SAFE_METHODS:
        detail = "The database did not answer in time. Try again."
        return {"code": "temporarily_unavailable", "detail": detail, "headers": retry}
    detail = (
        "The outcome is unknown: the database did not confirm the write. Send an order, a command or an account again "
        "with the same Idempotency-Key: it is never done twice. Of anything else, read first whether it is there."
    )
    return {"code": "outcome_unknown", "detail": detail, "headers": retry}


_CODE_OF_STATUS = {
    401: "token_invalid",
    403: "scope_missing",
    405: "method_not_allowed",
    415: "media_type_unsupported",
    429: "too_many_requests",
}


def _framework_error(error: rest.APIException) -> dict[str, Any]:
    headers: dict[str, str] = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    code = error.get_codes()
    if not isinstance(code, str) or code not in MEANINGS:
        code = _CODE_OF_STATUS.get(error.status_code, "request_malformed")
    return {
        "code": code,
        "detail": str(error.detail),
        "status": error.status_code,
        "headers": headers,
    }


def _is_page(request: HttpRequest) -> bool:
    has_pages = not settings.SERVICES.isdisjoint({"console", "audit"})
    return has_pages and request.path.startswith(("/console", "/static"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_page(request):
        return defaults.bad_request(request, exception)
    facts = described(exception, method=request.method or "GET") or {
        "code": "request_malformed",
        "detail": "The request could not be read.",
    }
    return problem(path=request.path, request_id=request_id_of(request), **facts)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_page(request):
        return defaults.page_not_found(request, exception)
    detail = "There is nothing at this address."
    return problem(
        path=request.path, request_id=request_id_of(request), code="not_found", detail=detail
    )


def server_error(request: HttpRequest) -> HttpResponse:
    if _is_page(request):
        return defaults.server_error(request)
    detail = "The platform failed. Quote the request id."
    return problem(
        path=request.path, request_id=request_id_of(request), code="internal_error", detail=detail
    )
