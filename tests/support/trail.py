"""Builders for tests of the audit trail: documents as their writers leave them, and changes as capture tells them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from apps.audit.domain.entry import Captured, Position, entry_of
from tests.support.core import NOW, a_new_order

Document = dict[str, Any]


def a_customer(version: int = 1, **fields: Any) -> Document:
    return {
        "_id": "cus_ann",
        "name": "Ann Archer",
        "status": "ACTIVE",
        "version": version,
        "modified_by": "client:cli_tests",
        "modified_at": NOW,
        "reason": "enrolled",
        "request_id": f"req_{version}",
        **fields,
    }


def an_order(version: int = 1, **fields: Any) -> Document:
    """As the API inserts it, or as the flow leaves it `version` steps on."""
    order: Document = dict(a_new_order("ord_1"))
    steps = [
        {
            "version": number,
            "status": "VALIDATED",
            "iso_status": "ACTC",
            "reason": None,
            "detail": None,
            "at": NOW,
            "actor": {"kind": "stream", "id": "send_money#1"},
            "cause": "ord_1@1",
        }
        for number in range(2, version + 1)
    ]
    return {**order, "version": version, "history": [*order["history"], *steps], **fields}


def a_change(
    before: Document | None,
    after: Document | None,
    *,
    collection: str = "customers",
    at: datetime = NOW,
    offset: int = 0,
    **fields: Any,
) -> Captured:
    """A change of a document; its operation follows from the images unless it is given."""
    operation = "created" if before is None else "deleted" if after is None else "updated"
    change = Captured(
        collection=collection,
        entity=str((after or before or {})["_id"]),
        operation=operation,  # type: ignore[arg-type]
        before=before,
        after=after,
        changed_at=at,
        captured_at=at + timedelta(milliseconds=30),
        order_in_second=offset,
        transaction=None,
        position=Position(f"dpms.cdc.{collection}", 0, offset),
    )
    return replace(change, **fields)


def a_snapshot_row(document: Document, **fields: Any) -> Captured:
    return a_change(None, document, operation="snapshot", **fields)


def entries(*changes: Captured) -> list[Document]:
    """The trail of one document whose changes arrive in this order."""
    trail: list[Document] = []
    for change in changes:
        entry = entry_of(change, last=trail[-1] if trail else None)
        if entry is not None and entry["_id"] not in {known["_id"] for known in trail}:
            trail.append(entry)
    return trail
