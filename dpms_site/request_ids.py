"""The id that names one request in answers, log lines and everything the request writes."""

import re
from collections.abc import Mapping
from typing import Any

from apps.kernel.clock import wall_clock
from apps.kernel.ids import new_id

_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def request_id_of(request: Any) -> str:
    """The request's id: the caller's own `Request-Id` when it is well-formed, else one made once and kept."""
    raw = getattr(request, "_request", request)
    known: str | None = getattr(raw, "dpms_request_id", None)
    if known is None:
        known = raw.dpms_request_id = accepted_or_made(raw.headers)
    return known


def accepted_or_made(headers: Mapping[str, str]) -> str:
    given = headers.get("Request-Id", "")
    return given if _ACCEPTABLE.fullmatch(given) else new_id("req", wall_clock())
