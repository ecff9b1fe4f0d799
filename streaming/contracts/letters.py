"""A dead letter as one record of its topic: readable, and never larger than a producer sends."""

import json
from typing import Any

# Six bytes a character at the worst ("\\u00ff"), for key, value and detail together under the 1,000,000 bytes that
# producers send by default. The collection `dead_letters` holds the whole record.
TEXT_MAX = 50_000


def letter_text(letter: dict[str, Any]) -> str:
    """JSON; texts and bytes longer than TEXT_MAX are cut, and `cut` tells their whole lengths."""
    cut = {
        name: len(value)
        for name, value in letter.items()
        if isinstance(value, str | bytes) and len(value) > TEXT_MAX
    }
    kept = {name: value[:TEXT_MAX] if name in cut else value for name, value in letter.items()}
    return json.dumps({**kept, "cut": cut} if cut else kept, default=_text)


def _text(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
