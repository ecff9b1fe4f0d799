"""A record of a captured collection as the audit trail takes it: whole, whatever types its documents hold."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import json_util

from apps.audit.domain.attribution import COLLECTIONS, Operation
from apps.audit.domain.entry import Captured, Position
from streaming.contracts.codec import loads
from streaming.contracts.envelope import Undecodable

_OPERATIONS: dict[str, Operation] = {
    "c": "created",
    "u": "updated",
    "d": "deleted",
    "r": "snapshot",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A write out of band may hold what the platform never writes: floats, binaries, other keys.
_ANY_TYPE = json_util.JSONOptions(tz_aware=True, tzinfo=UTC)


def captured(position: Position, key: bytes | None, value: bytes) -> Captured:
    """The change in a record. Raises Undecodable; never anything else, whatever the bytes are."""
    try:
        return _captured(position, key, json.loads(value.decode()))
    except Undecodable:
        raise
    except UnicodeDecodeError as error:
        raise Undecodable("not_utf8", str(error)) from error
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise Undecodable("not_a_change_event", f"{type(error).__name__}: {error}"[:500]) from error


def _captured(position: Position, key: bytes | None, envelope: dict[str, Any]) -> Captured:
    source = envelope["source"]
    if source["collection"] not in COLLECTIONS:
        raise Undecodable("unexpected_collection", f"a change of {source['collection']}")
    operation = _OPERATIONS.get(envelope["op"])
    if operation is None:
        raise Undecodable("unknown_operation", f"op is {envelope['op']!r}")
    before, after = _image(envelope, "before"), _image(envelope, "after")
    if (after is None) is not (operation == "deleted"):
        raise Undecodable("wrong_image", f"{operation}, but after is {after!r:.100}")
    return Captured(
        collection=source["collection"],
        entity=_entity(key, after or before),
        operation=operation,
        before=before,
        after=after,
        changed_at=_instant(source["ts_ms"]),
        captured_at=_instant(envelope["ts_ms"]),
        order_in_second=source.get("ord"),
        transaction=_transaction(source),
        position=position,
        ends_snapshot=source.get("snapshot") == "last",
    )


def _image(envelope: dict[str, Any], name: str) -> dict[str, Any] | None:
    text = envelope.get(name)
    if text is None:
        return None
    try:
        image = loads(text)
    except ValueError:
        image = json_util.loads(text, json_options=_ANY_TYPE)
    if not isinstance(image, dict):
        raise Undecodable("not_a_document", f"{name} is no document")
    return image


def _entity(key: bytes | None, image: dict[str, Any] | None) -> str:
    if image is not None:
        return str(image["_id"])
    if key is None:
        raise Undecodable("no_id", "the record has neither a key nor an image")
    return str(json_util.loads(json.loads(key)["id"], json_options=_ANY_TYPE))


def _transaction(source: dict[str, Any]) -> str | None:
    number = source.get("txnNumber")
    return None if number is None else f"{source.get('lsid')}#{number}"


def _instant(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)
