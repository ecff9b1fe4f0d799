"""Everything behind the database is gone: orders are accepted all the same and become final afterwards."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack.client import Client
from devstack.traffic.patience import PatientClient
from tests.faults.proof import (
    assert_checkers_agree,
    assert_each_is_final_once,
    assert_money_moved_once,
    assert_trail_is_whole,
)
from tests.support.audit import audit_problems
from tests.support.load import Load, a_ring
from tests.support.stack import Stack
from tests.support.waiting import wait_until

BEHIND_THE_DATABASE = ("kafka", "connect", "jobmanager", "taskmanager", "valkey")
ORDERS = 60


def test_killed_parts_come_back_and_finish_what_was_accepted(
    stack: Stack, patient: PatientClient, record_property: Callable[[str, object], None]
) -> None:
    ring = a_ring(patient, size=6, balance="1000.00")
    before = {name: stack.component(name) for name in BEHIND_THE_DATABASE}
    known = audit_problems(stack)
    load = Load(Client.of(stack.status()), ring, count=ORDERS, per_second=30)

    for component in before.values():
        os.kill(component["pid"], signal.SIGKILL)
    killed_at = time.time()
    load.start()
    load.finish()
    for name in BEHIND_THE_DATABASE:
        stack.wait_replaced(name, before=before[name])

    assert load.tries() == {"ok": ORDERS}
    final_at = assert_each_is_final_once(patient, load)
    assert_money_moved_once(patient, ring, load, opening_minor=100_000)
    assert_checkers_agree(stack)
    assert_trail_is_whole(stack, known=known)
    recovered = min(final_at.values()) - killed_at
    record_property(
        "recovery", f"all behind the database killed: first order final after {recovered:.1f} s"
    )


def test_silent_parts_hold_up_nobody(stack: Stack, patient: PatientClient) -> None:
    ring = a_ring(patient, size=6, balance="1000.00")
    client = Client.of(stack.status())
    load = Load(client, ring, count=ORDERS, per_second=30)

    with _paused(stack, *BEHIND_THE_DATABASE):
        load.start()
        load.finish()
        statuses = {client.order(attempt.order)["status"] for attempt in load.attempts}

    assert load.tries() == {"ok": ORDERS}
    assert statuses == {"RECEIVED"}
    assert_each_is_final_once(patient, load)
    assert_money_moved_once(patient, ring, load, opening_minor=100_000)


@contextmanager
def _paused(stack: Stack, *names: str) -> Iterator[None]:
    """Stop processes where they stand: connections stay open and nobody answers."""
    pids = [stack.pid(name) for name in names]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: all(_is_stopped(pid) for pid in pids), 5, "all are stopped")
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _is_stopped(pid: int) -> bool:
    """The state is the first field after the process name, which is in brackets and may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
