"""The bank that every history begins with: who can pay whom, and its trail; made once and never changed in place."""

from functools import cache
from typing import Any

from apps.audit.domain.entry import Captured, Position, entry_of
from apps.ledger.domain.entry import funding_account, opening
from apps.ledger.domain.internal import purpose_of
from streaming.contracts.codec import storable
from streaming.contracts.collections import CAPTURED
from streaming.contracts.topics import topic_of
from tests.simulator.documents import Document
from tests.simulator.world import BEGIN

NAMES = ("ann", "bob", "cid")
# Enrolled only when its client proves it, so that payments wait for it.
PENDING = "cid"
FUNDS_MINOR = 1_000
UNCAPTURED = ("dead_letters", "feed_events", "audit_entries", "directory_entries")

_CHANGED = {"modified_by": "operator:op_1", "reason": "opened", "request_id": "req_0"}


def alias_key(name: str) -> str:
    return f"email:{name}@example.com"


@cache
def base() -> dict[str, dict[Any, Document]]:
    """Every table by name, every document by id."""
    tables: dict[str, dict[Any, Document]] = {name: {} for name in (*CAPTURED, *UNCAPTURED)}
    for name in NAMES:
        _enrol(tables, name)
    _put(tables, "accounts", _account(funding_account("USD"), None, -FUNDS_MINOR * len(NAMES)))
    for number, (collection, document) in enumerate(
        [(name, row) for name in CAPTURED for row in tables[name].values()]
    ):
        _put(tables, "audit_entries", _entry(collection, document, number))
    return tables


def _put(tables: dict[str, dict[Any, Document]], table: str, document: Document) -> None:
    tables[table][document["_id"]] = document


def _enrol(tables: dict[str, dict[Any, Document]], name: str) -> None:
    customer, account = f"cus_{name}", f"acc_{name}"
    fields = {"version": 1, **_CHANGED}
    enrolled = {"_id": customer, "name": name, "status": "ACTIVE", "products": ["zelle"], **fields}
    _put(tables, "customers", enrolled)
    status = "PENDING" if name == PENDING else "ACTIVE"
    parties = {"customer": customer, "account": account}
    alias = {"_id": f"als_{name}", "key": alias_key(name), "status": status, **parties, **fields}
    _put(tables, "aliases", alias)
    _put(tables, "accounts", _account(account, customer, FUNDS_MINOR))
    entry = opening(account=account, amount_minor=FUNDS_MINOR, currency="USD", at=BEGIN)
    _put(tables, "entries", storable({**entry, "made_by": "operator:op_1"}))
    for other in NAMES:
        payee = {
            "_id": f"pay_{name}_{other}",
            "customer": customer,
            "name": other.title(),
            "alias": {"key": alias_key(other)},
            "target": alias_key(other),
            "trust": "NEW",
            "name_check": "MATCH",
            "created_at": BEGIN,
            "status": "ACTIVE",
            **fields,
        }
        _put(tables, "payees", payee)


def _account(account_id: str, customer: str | None, posted_minor: int) -> Document:
    account = {
        "_id": account_id,
        "customer": customer,
        "purpose": purpose_of(account_id),
        "currency": "USD",
        "status": "OPEN",
        "posted_minor": posted_minor,
        "held_minor": 0,
        "version": 1,
        "modified_by": "operator:op_1",
    }
    return dict(storable(account))


def _entry(collection: str, document: Document, number: int) -> Document:
    created = Captured(
        collection=collection,
        entity=document["_id"],
        operation="created",
        before=None,
        after=document,
        changed_at=BEGIN,
        captured_at=BEGIN,
        order_in_second=0,
        transaction="session#0",
        position=Position(topic_of(collection), 0, 0),
    )
    entry = entry_of(created, last=None)
    assert entry is not None
    return {**entry, "recorded_at": BEGIN, "n": number, "job": "audit#0"}
