"""Commands whose records come before those of their orders: topics keep no order among each other."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bson.json_util import JSONMode as Mode
from bson.json_util import JSONOptions, dumps

from devstack.client import Client, Document
from streaming.contracts.topics import topic_of
from tests.faults.connect import resume_capture, stop_capture
from tests.support.audit import live_of
from tests.support.stack import Stack
from tests.support.topics import produce

# How Debezium writes a document.
_AS_CAPTURED = JSONOptions(json_mode=Mode.LEGACY)


def cancelled_before_seen(
    stack: Stack, client: Client, bodies: Sequence[Document]
) -> list[Document]:
    """Orders of the bodies as they end when the flow learns of their cancellation before it learns of them.

    Capture stands still; the commands' records are written as it will write them itself, so that its own are repeats.
    """
    with live_of(stack) as live, _capture_stopped(stack), live.commands.watch() as changes:
        orders = [client.send(body)["id"] for body in bodies]
        waiting = {client.cancel(order, reason="Sent by mistake")["id"] for order in orders}
        while waiting:
            change = next(changes)
            command = change["documentKey"]["_id"]
            if command in waiting:  # others are the clock's
                _deliver(stack, change)
                waiting.remove(command)
        return [client.wait_final(order) for order in orders]


@contextmanager
def _capture_stopped(stack: Stack) -> Iterator[None]:
    url = stack.status()["connect"]
    stop_capture(url)
    try:
        yield
    finally:
        resume_capture(url)


def _deliver(stack: Stack, change: Mapping[str, Any]) -> None:
    document = change["fullDocument"]
    at = round(change["wallTime"].timestamp() * 1000)
    record = {
        "before": None,
        "after": dumps(document, json_options=_AS_CAPTURED),
        "source": {"collection": "commands", "ts_ms": at, "ord": change["clusterTime"].inc},
        "op": "c",
        "ts_ms": at,
    }
    # To the byte: the partition depends on it.
    key = json.dumps({"id": json.dumps(document["_id"])}, separators=(",", ":"))
    produce(
        stack.status()["kafka"],
        topic_of("commands"),
        key=key.encode(),
        value=json.dumps(record).encode(),
    )
