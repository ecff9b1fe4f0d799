"""Lists in pages: newest first, a signed cursor that names the last row seen, so that equal times lose nothing."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.core import signing
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from apps.kernel.errors import Invalid
from dpms_site.rest import query
from dpms_site.rest.views import answer

Row = TypeVar("Row")


@dataclass(frozen=True)
class Position:
    """The last row of the page before: rows sort by time, then by id, both descending."""

    at: datetime
    id: str

    def as_filter(self, at_field: str) -> dict[str, Any]:
        """MongoDB's condition for the rows behind this position."""
        return {
            "$or": [
                {at_field: {"$lt": self.at}},
                {at_field: self.at, "_id": {"$lt": self.id}},
            ]
        }

    def as_q(self, at_field: str) -> Q:
        """The same condition for a model."""
        return Q(**{f"{at_field}__lt": self.at}) | Q(**{at_field: self.at, "pk__lt": self.id})


@dataclass(frozen=True)
class Page:
    """One page asked for. `filters` are the typed query parameters without `limit` and `cursor`."""

    limit: int
    after: Position | None
    filters: dict[str, Any]
    seal: str


def page_of(request: HttpRequest, *, name: str, **readers: query.Reader) -> Page:
    """The page that the query asks of the list `name`. A cursor serves only the list and filters that gave it."""
    values = query.query_of(request, limit=query.limit, cursor=query.opaque, **readers)
    limit = values.pop("limit", query.LIMIT_DEFAULT)
    token = values.pop("cursor", None)
    canonical = json.dumps([name, values], sort_keys=True, default=str)
    seal = hashlib.sha256(canonical.encode()).hexdigest()[:16]
    return Page(limit, _opened(token, seal) if token else None, values, seal)


def _signer(seal: str) -> signing.Signer:
    return signing.Signer(salt=f"dpms.cursor.{seal}")


def _opened(token: str, seal: str) -> Position:
    try:
        milliseconds, row_id = _signer(seal).unsign_object(token)
        return Position(datetime.fromtimestamp(milliseconds / 1000, UTC), row_id)
    except (signing.BadSignature, ValueError, TypeError):
        detail = "Take the cursor from `next` of the same list with the same filters."
        raise Invalid("cursor_invalid", detail) from None


def page_answer(
    request: HttpRequest,
    page: Page,
    rows: Sequence[Row],
    *,
    position: Callable[[Row], Position],
    row_json: Callable[[Row], Mapping[str, Any]],
    head: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The page as JSON with its `Link` header; `rows` holds one row more than the limit when there are more.

    `head` are fields about the list as a whole, which stand before its rows.
    """
    shown, has_more = rows[: page.limit], len(rows) > page.limit
    following = _sealed(position(shown[-1]), page.seal) if has_more else None
    body = {
        **(head or {}),
        "data": [row_json(row) for row in shown],
        "next": following,
        "has_more": has_more,
    }
    headers = {}
    if following:
        parameters = request.GET.copy()
        parameters["cursor"] = following
        headers["Link"] = f'<{request.path}?{parameters.urlencode()}>; rel="next"'
    return answer(body, headers=headers)


def _sealed(position: Position, seal: str) -> str:
    milliseconds = round(position.at.timestamp() * 1000)
    return _signer(seal).sign_object([milliseconds, position.id])
