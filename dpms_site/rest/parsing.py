"""One JSON dialect: no duplicate keys, no NaN, no invalid UTF-8, no lone surrogates, one object of bounded size."""

import json
from collections import Counter
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.parsers import BaseParser

from apps.kernel.errors import Invalid


class StrictJson(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, *_: Any, **__: Any) -> Any:
        body = stream.read(settings.BODY_BYTES_MAX + 1)
        if len(body) > settings.BODY_BYTES_MAX:
            raise RequestDataTooBig("The body is over the limit.")
        return strict_object(body)


def strict_object(body: bytes) -> dict[str, Any]:
    """The one JSON object in `body`. Raises Invalid (`body_malformed`) with what is wrong."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed(f"The body is not UTF-8 (byte {error.start}).") from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
        )
        if "\\u" in text:
            _refuse_surrogates(value)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _malformed(f"The body is not JSON: {error.msg} ({place}).") from None
    except UnicodeEncodeError:
        raise _malformed("The body holds half of a surrogate pair.") from None
    except (RecursionError, ValueError):
        raise _malformed("The body nests too deep or holds a number that is too long.") from None
    if not isinstance(value, dict):
        raise _malformed("The body is not a JSON object.")
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(
            name for name, count in Counter(name for name, _ in pairs).items() if count > 1
        )
        raise _malformed(f"The field {twice[:60]!r} stands twice in one object.")
    return found


def _refuse_constant(text: str) -> NoReturn:
    raise _malformed(f"{text} is not JSON.")


def _refuse_surrogates(value: Any) -> None:
    """An escape such as \\ud800 alone is no character: it could not be stored nor answered."""
    json.dumps(value, ensure_ascii=False).encode("utf-8")


def _malformed(detail: str) -> Invalid:
    return Invalid("body_malformed", detail)
