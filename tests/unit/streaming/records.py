"""Kafka records as Debezium writes them: the recorded ones, and made ones of the same shape."""

import json
from pathlib import Path
from typing import Any

from streaming.flows.routing import Place

EXAMPLES = Path(__file__).resolve().parent.parent / "contracts" / "examples"
PLACE = Place("dpms.cdc.orders", 2, 41)

ORDER: dict[str, Any] = {
    "_id": "ord_1",
    "kind": "send",
    "version": {"$numberInt": "1"},
    "status": "RECEIVED",
    "payee": "pay_bob",
    "amount_minor": {"$numberLong": "1000"},
    "currency": "USD",
    "reference": "rent",
    "alias_key": "email:bob@example.com",
    "created_at": {"$date": 1795371092161},
    "route": {"order": "ord_1", "customer": "cus_ann", "account": "acc_ann"},
}
COMMAND: dict[str, Any] = {
    "_id": "cmd_1",
    "type": "cancel",
    "order": "ord_1",
    "route": {"order": "ord_1", "customer": "cus_ann", "account": "acc_ann"},
}
ALIAS: dict[str, Any] = {"_id": "als_1", "key": "email:bob@example.com", "status": "ACTIVE"}


def recorded(name: str) -> tuple[Place, bytes, bytes | None]:
    """One of the records that a real Debezium wrote."""
    found = json.loads((EXAMPLES / f"{name}.json").read_text())
    value = found["value"]
    return (
        Place(found["topic"], found["partition"], found["offset"]),
        found["key"].encode(),
        None if value is None else value.encode(),
    )


def a_record(
    collection: str,
    document: Any,
    *,
    operation: str = "c",
    envelope: dict[str, Any] | None = None,
) -> bytes:
    """A change event with `document` as it is now; `envelope` replaces the event's own fields."""
    fields = {
        "before": None,
        "after": None if document is None else json.dumps(document),
        "source": {"collection": collection, "ts_ms": 1795371092167},
        "op": operation,
        "ts_ms": 1795371092209,
    }
    return json.dumps(fields | (envelope or {})).encode()
