"""A record of a captured collection as the audit trail takes it: whole, whatever types its documents hold."""

from datetime import UTC
from typing import Any

from bson import json_util

from apps.audit.domain.attribution import COLLECTIONS, Operation
from apps.audit.domain.entry import Captured, Position
from streaming.contracts.codec import loads
from streaming.contracts.envelope import Undecodable, decode_change

_OPERATIONS: dict[str, Operation] = {
    "c": "created",
    "u": "updated",
    "d": "deleted",
    "r": "snapshot",
}
# A write out of band may hold what the platform never writes: floats, binaries, other keys.
_ANY_TYPE = json_util.JSONOptions(tz_aware=True, tzinfo=UTC)


def captured(position: Position, key: bytes | None, value: bytes) -> Captured:
    """The change in a record. Raises Undecodable; never anything else, whatever the bytes are."""
    change = decode_change(key, value, image_of=_whatever_it_holds)
    if change.collection not in COLLECTIONS:
        raise Undecodable("unexpected_collection", f"a change of {change.collection}")
    return Captured(
        collection=change.collection,
        entity=change.id,
        operation=_OPERATIONS[change.operation],
        before=change.before,
        after=change.after,
        changed_at=change.changed_at,
        captured_at=change.captured_at,
        order_in_second=change.source.get("ord"),
        transaction=_transaction(change.source),
        position=position,
        ends_snapshot=change.source.get("snapshot") == "last",
    )


def _whatever_it_holds(text: str) -> Any:
    try:
        return loads(text)
    except ValueError:
        return json_util.loads(text, json_options=_ANY_TYPE)


def _transaction(source: dict[str, Any]) -> str | None:
    number = source.get("txnNumber")
    return None if number is None else f"{source.get('lsid')}#{number}"
