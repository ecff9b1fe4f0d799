"""A change event as Debezium puts it on Kafka, as a typed value."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast, get_args

import orjson

from streaming.contracts.codec import instant, loads

Operation = Literal["c", "u", "d", "r"]  # create, update, delete, read by a snapshot
_OPERATIONS = get_args(Operation)


class Undecodable(ValueError):
    """A record that can't be a change event of the platform; `reason` is a stable code for the dead letter."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        # What a bad record holds may be no text at all; the dead letter must be writable.
        self.detail = detail.encode(errors="backslashreplace").decode()


@dataclass(frozen=True)
class Change:
    """One change of one document. `before` is None on creation, in snapshots, and where the image was lost."""

    collection: str
    operation: Operation
    id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    changed_at: datetime
    captured_at: datetime
    source: dict[str, Any]


def decode_change(
    key: bytes | None,
    value: bytes,
    *,
    with_before: bool = True,
    image_of: Callable[[str], Any] = loads,
) -> Change:
    """The change in a record. Raises Undecodable; never anything else, whatever the bytes are.

    Who does not look at `before` leaves it undecoded. `image_of` reads a document, raising ValueError; the usual one
    knows only what the platform writes.
    """
    try:
        envelope = orjson.loads(value)
        return _change(key, envelope, with_before=with_before, image_of=image_of)
    except Undecodable:
        raise
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise _undecodable(value, error) from error


def _undecodable(value: bytes, error: Exception) -> Undecodable:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError as not_text:
        return Undecodable("not_utf8", str(not_text))
    return Undecodable("not_a_change_event", f"{type(error).__name__}: {error}"[:500])


def _change(
    key: bytes | None, envelope: Any, *, with_before: bool, image_of: Callable[[str], Any]
) -> Change:
    if not isinstance(envelope, dict) or not isinstance(envelope.get("source"), dict):
        raise Undecodable("not_a_change_event", "the record is no object with a source")
    if envelope.get("op") not in _OPERATIONS:
        raise Undecodable("unknown_operation", f"op is {envelope.get('op')!r}")
    after = _image(envelope, "after", image_of)
    # A deletion has no other image to take the document's id from.
    before = _image(envelope, "before", image_of) if with_before or after is None else None
    operation = cast(Operation, envelope["op"])
    if after is None and operation != "d":
        raise Undecodable("no_after_image", f"op {operation} without after")
    source = envelope["source"]
    return Change(
        collection=str(source["collection"]),
        operation=operation,
        id=_document_id(key, after or before, image_of),
        before=before,
        after=after,
        changed_at=_instant(source["ts_ms"]),
        captured_at=_instant(envelope["ts_ms"]),
        source=source,
    )


def _image(
    envelope: dict[str, Any], name: str, image_of: Callable[[str], Any]
) -> dict[str, Any] | None:
    text = envelope.get(name)
    if text is None:
        return None
    image = image_of(text)
    if not isinstance(image, dict):
        raise Undecodable("not_a_document", f"{name} is no document")
    return image


def _document_id(
    key: bytes | None, image: dict[str, Any] | None, image_of: Callable[[str], Any]
) -> str:
    if image is not None:
        return str(image["_id"])
    if key is None:
        raise Undecodable("no_id", "the record has neither a key nor an image")
    return str(image_of(orjson.loads(key)["id"]))


def _instant(milliseconds: int) -> datetime:
    if type(milliseconds) is not int:
        raise TypeError(f"an instant in milliseconds is no {type(milliseconds).__name__}")
    return instant(milliseconds)
