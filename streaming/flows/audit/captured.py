"""A record of a captured collection as the audit trail takes it: whole, whatever types its documents hold."""

from typing import Any

from apps.audit.domain.attribution import COLLECTIONS, Operation
from apps.audit.domain.entry import Captured, Position
from streaming.contracts.codec import loads_any
from streaming.contracts.envelope import Undecodable, decode_change

_OPERATIONS: dict[str, Operation] = {
    "c": "created",
    "u": "updated",
    "d": "deleted",
    "r": "snapshot",
}


def captured(position: Position, key: bytes | None, value: bytes) -> Captured:
    """The change in a record. Raises Undecodable; never anything else, whatever the bytes are."""
    change = decode_change(key, value, image_of=loads_any)
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


def _transaction(source: dict[str, Any]) -> str | None:
    number = source.get("txnNumber")
    return None if number is None else f"{source.get('lsid')}#{number}"
