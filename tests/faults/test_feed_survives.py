"""Whoever watches the feed while the bridge, the web server itself or Valkey is killed sees what the API says."""

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from devstack.client import Client
from devstack.onlooker import Onlooker, staff_cookies
from devstack.traffic.patience import PatientClient
from tests.faults.proof import assert_each_is_final_once, assert_trail_is_whole
from tests.support.audit import audit_problems
from tests.support.load import Load, a_ring
from tests.support.stack import Stack
from tests.support.waiting import wait_until

ORDERS = 160
PER_SECOND = 40.0
LISTED = 200


@pytest.mark.parametrize("component", ["bridge", "web", "valkey"])
def test_a_view_equals_the_list_after_a_kill_under_load(
    stack: Stack,
    patient: PatientClient,
    component: str,
    record_property: Callable[[str, object], None],
) -> None:
    ring = a_ring(patient, size=6, balance="1000.00")
    before, status, known = stack.component(component), stack.status(), audit_problems(stack)
    onlooker = Onlooker(status, cookies=staff_cookies(status))
    is_over = threading.Event()
    watching = threading.Thread(
        target=lambda: onlooker.follow(300, until=is_over.is_set), daemon=True
    )
    watching.start()
    wait_until(lambda: onlooker.after, 20, "it watches")
    load = Load(Client.of(status, timeout_seconds=5), ring, count=ORDERS, per_second=PER_SECOND)

    load.start()
    load.wait_accepted(ORDERS // 3)
    killed_at = time.time()
    os.kill(before["pid"], signal.SIGKILL)
    load.finish()
    stack.wait_replaced(component, before=before)
    assert_each_is_final_once(patient, load)
    assert_trail_is_whole(stack, known=known)
    wait_until(lambda: onlooker.newest(LISTED) == _listed(patient), 30, "view and list are equal")
    seconds = time.time() - killed_at
    is_over.set()
    watching.join(10)

    shown = {order: (version, state) for order, version, state in onlooker.newest(500)}
    assert {shown[attempt.order][1] for attempt in load.attempts} == {"COMPLETED"}
    assert onlooker.connections > (1 if component == "web" else 0)
    record_property(
        "recovery", f"{component} killed: the console equals the API after {seconds:.1f} s"
    )


def _listed(client: Client) -> list[tuple[str, int, str]]:
    newest = client.get(f"/api/v1/orders?limit={LISTED}")["data"]
    return [(order["id"], order["version"], order["status"]) for order in newest]
