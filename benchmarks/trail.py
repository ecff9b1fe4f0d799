"""From a change to its entry in the audit trail.

Read with the trail's own user: no public interface tells when an entry was written.
"""

import threading
import time
from typing import Any

from pymongo import DESCENDING, MongoClient

from benchmarks.figures import Figure, percentiles_ms
from benchmarks.measures import Sent, send_evenly
from benchmarks.workload import Workload
from devstack.client import Client

_BEHIND_SECONDS_MAX = 120.0


def entry_written(
    client: Client, workload: Workload, status: dict[str, Any], *, per_second: float, seconds: float
) -> list[Figure]:
    """`recorded`: of every change of the run, from the database's time of it to the time its entry was made.
    `seen`: of one order in ten, from that time of its acceptance to the moment when a reader finds the entry.
    """
    seen: list[float] = []
    with MongoClient[dict[str, Any]](status["audit_mongodb"], tz_aware=True) as mongo:
        entries = mongo["dpms_audit"]["audit_entries"]
        lock = threading.Lock()

        def look(sent: Sent, number: int) -> None:
            if number % 10 == 0:
                entry = _awaited(entries, {"order": sent.order, "operation": "created"})
                with lock:
                    seen.append(time.time() - entry["changed_at"].timestamp())

        last = entries.find_one({}, sort=[("recorded_at", DESCENDING)])
        sent = send_evenly(client, workload, per_second=per_second, seconds=seconds, then=look)
        _awaited(entries, {"order": sent[-1].order, "after.final": True})
        since = {"recorded_at": {"$gt": last["recorded_at"]}} if last else {}
        fields = {"recorded_at": 1, "changed_at": 1}
        recorded = [
            (entry["recorded_at"] - entry["changed_at"]).total_seconds()
            for entry in entries.find(since, fields)
        ]
    named = {"figure": "change_to_audit_entry_ms", "per_second": per_second}
    return [
        {**named, "by": "recorded", **percentiles_ms(recorded)},
        {**named, "by": "seen", **percentiles_ms(seen)},
    ]


def _awaited(entries: Any, query: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + _BEHIND_SECONDS_MAX
    while True:
        entry: dict[str, Any] | None = entries.find_one(query)
        if entry is not None:
            return entry
        if time.monotonic() > deadline:
            raise TimeoutError(f"no audit entry for {query}")
        time.sleep(0.01)
