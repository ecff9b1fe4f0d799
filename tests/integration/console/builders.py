"""Orders at some point of their life, and the records that capture makes of them, byte for byte as Debezium writes."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import json_util

from apps.kernel.clock import wall_clock
from apps.kernel.ids import order_id
from apps.kernel.money import Money
from apps.transactions.domain.order import Actor, Kind, Order, accepted, advance
from streaming.kafka.reader import Record

NOW = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)
STREAM = Actor(kind="stream", id="send_money")
SENDER = Actor(kind="customer", id="cli_tests")

_numbers = itertools.count(1)
_offsets = itertools.count(0)


def an_order(
    *,
    payee_name: str = "Bea Castillo",
    amount_minor: int = 1234,
    reference: str | None = None,
    now: datetime = NOW,
    execute_on: str | None = None,
) -> Order:
    """An accepted order: RECEIVED, version 1."""
    number = next(_numbers)
    return accepted(
        order_id=order_id("cli_tests", f"key-{number}"),
        client="cli_tests",
        idempotency_key=f"key-{number}",
        body_hash="0" * 64,
        product="zelle",
        debtor_customer="cus_ann",
        debtor_account="acc_ann",
        payee="pay_bea",
        payee_name=payee_name,
        alias_key="email:bea@example.com",
        money=Money(amount_minor, "USD"),
        reference=reference,
        memo=None,
        request_id="req_1",
        now=now,
        execute_on=execute_on,
    )


def moved(order: Kind, *statuses: str, reason: str | None = None, actor: Actor = STREAM) -> Kind:
    """The order some steps on, each 100 ms after the one before; `reason` goes to the last."""
    for status in statuses:
        order = advance(
            order,
            status,
            actor=actor,
            cause=order["_id"],
            now=order["updated_at"] + timedelta(milliseconds=100),
            reason=reason if status == statuses[-1] else None,
        )
    return order


def completed(order: Order) -> Order:
    return moved(order, "VALIDATED", "FUNDED", "COMPLETED")


def record_of(order: Order | dict[str, Any] | None, *, operation: str = "u") -> Record:
    """The record of a change after which the document looks so."""
    after = None
    if order is not None:
        legacy = json_util.JSONOptions(json_mode=json_util.JSONMode.LEGACY)
        after = json_util.dumps(order, json_options=legacy)
    before = json.dumps({"_id": "ord_gone"}) if order is None else None
    value = {
        "before": before,
        "after": after,
        "op": operation,
        "ts_ms": 1_795_371_092_300,
        "source": {"collection": "orders", "ts_ms": 1_795_371_092_161},
    }
    return a_record(json.dumps(value).encode())


def a_record(value: bytes | None, *, offset: int | None = None) -> Record:
    place = next(_offsets) if offset is None else offset
    return Record(topic="dpms.cdc.orders", partition=0, offset=place, key=None, value=value)


def seconds_ago(seconds: float) -> datetime:
    return wall_clock() - timedelta(seconds=seconds)
