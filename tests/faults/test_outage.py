"""Everything behind the database stands still: orders are accepted all the same and become final afterwards."""

from devstack.client import Client
from devstack.traffic.patience import PatientClient
from tests.faults.injections import BEHIND_THE_DATABASE, stopped
from tests.faults.proof import assert_each_is_final_once, assert_money_moved_once
from tests.faults.watched import ledger_watched
from tests.support.load import Load, a_ring
from tests.support.stack import Stack

ORDERS = 60


def test_silent_parts_hold_up_nobody(stack: Stack, patient: PatientClient) -> None:
    ring = a_ring(patient, size=6, balance="1000.00")
    client = Client.of(stack.status())
    load = Load(client, ring, count=ORDERS, per_second=30)

    with ledger_watched(stack) as watch:
        with stopped(*(stack.pid(name) for name in BEHIND_THE_DATABASE)):
            read = watch.reads
            load.start()
            load.finish()
            statuses = {client.order(attempt.order)["status"] for attempt in load.attempts}
        final = assert_each_is_final_once(stack, load)
        assert watch.reads > read

    assert load.tries() == {"ok": ORDERS}
    assert statuses == {"RECEIVED"}
    assert_money_moved_once(stack, patient, load, final)
