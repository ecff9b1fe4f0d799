"""A probe through the whole pipeline: a command that asks nothing, and the wait for its outcome."""

import time
from collections.abc import Callable
from contextlib import closing

from apps.kernel.clock import wall_clock
from apps.kernel.ids import new_id
from streaming.config import Config
from streaming.contracts.collections import CAPTURED
from streaming.contracts.topics import topic_of
from streaming.flows.runtime import mongo_client
from streaming.kafka.progress import Progress
from streaming.patience import Patience

_ASK_EVERY_SECONDS = 0.02
_LOOK_EVERY_SECONDS = 2.0
# Other traffic moves as well; for ever is too long for a flow that is dead.
LONGEST_SECONDS = 3600.0


def probe(config: Config, still_seconds: float) -> float | None:
    """Seconds from insert to outcome by MongoDB, Debezium, Kafka, Flink and the SOR.

    None when nothing moved for `still_seconds` and there is none. As long as capture writes and the flow reads, the
    probe waits in line: after a rebuild a snapshot of everything comes first.

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
    topics = [topic_of(name) for name in CAPTURED]
    with closing(Progress(config.kafka_bootstrap, "send_money", topics)) as progress:
        found = wait_while_moving(
            lambda: db.outcomes.find_one({"_id": command["_id"]}) is not None,
            progress.position,
            still_seconds=still_seconds,
        )
    return time.monotonic() - started if found else None


def wait_while_moving(
    is_there: Callable[[], bool],
    position: Callable[[], object],
    *,
    still_seconds: float,
    longest_seconds: float = LONGEST_SECONDS,
    patience: Patience | None = None,
) -> bool:
    """False when it is not there and `position` stayed the same for `still_seconds`, or `longest_seconds` are over."""
    patience = patience or Patience()
    started = moved_at = looked_at = patience.monotonic()
    last: object = None
    while not is_there():
        now = patience.monotonic()
        if patience.is_over(moved_at, still_seconds) or patience.is_over(started, longest_seconds):
            return False
        if now - looked_at >= _LOOK_EVERY_SECONDS:
            looked_at, seen = now, position()
            if seen is not None and seen != last:
                last, moved_at = seen, now
        patience.sleep(_ASK_EVERY_SECONDS)
    return True
