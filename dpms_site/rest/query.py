"""Query parameters: each known, given once, of its stated form; anything else is refused by name."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpRequest

from apps.kernel.clock import to_milliseconds
from apps.kernel.errors import Invalid

Reader = Callable[[str], Any]
LIMIT_DEFAULT, LIMIT_MAX = 50, 200

_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def query_of(request: HttpRequest, **readers: Reader) -> dict[str, Any]:
    """The given parameters as typed values. Raises Invalid (`query_invalid`)."""
    unknown = sorted(set(request.GET) - set(readers))
    if unknown:
        known = ", ".join(sorted(readers)) or "none"
        raise _invalid(f"The parameter {unknown[0][:60]!r} is not known here; known: {known}.")
    values = {}
    for name, texts in request.GET.lists():
        if len(texts) != 1:
            raise _invalid(f"The parameter {name} is given {len(texts)} times.")
        try:
            values[name] = readers[name](texts[0])
        except ValueError as error:
            raise _invalid(f"The parameter {name} is malformed: {error}.") from None
    return values


def needed(values: Mapping[str, Any], name: str, *, example: str) -> Any:
    """The parameter's value. Raises Invalid (`query_invalid`) when it was not given."""
    if name not in values:
        raise _invalid(f"The parameter {name} is missing: write it as {example}.")
    return values[name]


def one_of(choices: Mapping[str, Any] | frozenset[str]) -> Reader:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"use one of {', '.join(sorted(choices))}")
        return text

    return read


def matching(pattern: str, form: str) -> Reader:
    compiled = re.compile(pattern, re.ASCII)

    def read(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f"write it as {form}")
        return text

    return read


def instant(text: str) -> datetime:
    # A `+` that was not percent-encoded arrives as a space.
    text = text.replace(" ", "+")
    if not _INSTANT.fullmatch(text):
        raise ValueError("write a time such as 2026-01-31T12:00:00Z")
    try:
        return to_milliseconds(datetime.fromisoformat(text.upper()).astimezone(UTC))
    except (ValueError, OverflowError):
        raise ValueError("there is no such time") from None


def day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError("write a day such as 2026-01-31")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("there is no such day") from None


def whole_number(least: int, most: int) -> Reader:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or not least <= int(text) <= most:
            raise ValueError(f"use a whole number from {least} to {most}")
        return int(text)

    return read


def limit(text: str) -> int:
    number: int = whole_number(1, LIMIT_MAX)(text)
    return number


def opaque(text: str) -> str:
    if not 1 <= len(text) <= 500:
        raise ValueError("it is not a cursor")
    return text


def _invalid(detail: str) -> Invalid:
    return Invalid("query_invalid", detail)
