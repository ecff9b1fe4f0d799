"""A probe through the whole pipeline: a command that asks nothing, and the wait for its outcome."""

import time

from apps.kernel.clock import wall_clock
from apps.kernel.ids import new_id
from streaming.config import Config
from streaming.flows.runtime import mongo_client

_ASK_EVERY_SECONDS = 0.02


def probe(config: Config, timeout_seconds: float) -> float | None:
    """Seconds from insert to outcome by MongoDB, Debezium, Kafka, Flink and the SOR; None if none came in time.

    The command names no order, so all that it ever changes is its own outcome.
    """
    db = mongo_client(config)[config.mongodb_database]
    now = wall_clock()
    command = {
        "_id": new_id("cmd", now),
        "type": "probe",
        "order": None,
        "actor": {"kind": "operator", "id": "probe"},
        "reason": "is the pipeline up",
        "client": None,
        "request_id": None,
        "created_at": now,
        "route": {"order": None, "customer": "probe", "account": "probe"},
    }
    started = time.monotonic()
    db.commands.insert_one(command)
    while time.monotonic() - started < timeout_seconds:
        if db.outcomes.find_one({"_id": command["_id"]}) is not None:
            return time.monotonic() - started
        time.sleep(_ASK_EVERY_SECONDS)
    return None
