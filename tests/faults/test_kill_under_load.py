"""A part is killed with -9 while orders stream in."""

import os
import signal
import time
from collections.abc import Callable

import pytest

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

ORDERS = 360
PER_SECOND = 40.0
OPENING_MINOR = 100_000


@pytest.mark.parametrize("component", ["mongod", "taskmanager", "connect"])
def test_every_accepted_order_becomes_final_once(
    stack: Stack,
    patient: PatientClient,
    component: str,
    record_property: Callable[[str, object], None],
) -> None:
    ring = a_ring(patient, size=12, balance="1000.00")
    before = stack.component(component)
    known = audit_problems(stack)
    load = Load(
        Client.of(stack.status(), timeout_seconds=5), ring, count=ORDERS, per_second=PER_SECOND
    )

    load.start()
    load.wait_accepted(ORDERS // 3)
    killed_at = time.time()
    os.kill(before["pid"], signal.SIGKILL)
    load.finish()
    stack.wait_replaced(component, before=before)

    final_at = assert_each_is_final_once(patient, load)
    assert_money_moved_once(patient, ring, load, opening_minor=OPENING_MINOR)
    assert_checkers_agree(stack)
    assert_trail_is_whole(stack, known=known)
    later = [attempt for attempt in load.attempts if attempt.sent_at > killed_at]
    assert len(later) >= ORDERS // 3, "the load was over before the kill"
    record_property("recovery", _sentence(component, killed_at, load, final_at))


def _sentence(component: str, killed_at: float, load: Load, final_at: dict[str, float]) -> str:
    after = [attempt for attempt in load.attempts if attempt.sent_at > killed_at]
    accepted = min(attempt.accepted_at for attempt in after) - killed_at
    final = min(final_at[attempt.order] for attempt in after) - killed_at
    slowest = max(final_at[a.order] - a.accepted_at for a in load.attempts)
    tries = ", ".join(f"{count} {outcome}" for outcome, count in sorted(load.tries().items()))
    return (
        f"{component} killed: of the orders sent later the first was accepted after {accepted:.1f} s "
        f"and one was final after {final:.1f} s; the slowest took {slowest:.1f} s; tries: {tries}"
    )
