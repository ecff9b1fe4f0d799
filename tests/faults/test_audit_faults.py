"""The audit trail after capture lost its place: what was missed is named, what is there is there once."""

import uuid

from devstack.client import Client
from devstack.traffic.patience import PatientClient
from tests.faults import connect
from tests.faults.proof import assert_checkers_agree
from tests.faults.watched import ledger_watched
from tests.support.api_client import a_pair
from tests.support.audit import audit_problems, live_of, trail_of
from tests.support.stack import Stack
from tests.support.waiting import wait_until

HEALED_SECONDS = 120


def test_a_lost_position_heals_and_names_what_was_missed(
    stack: Stack, client: Client, patient: PatientClient
) -> None:
    pair = a_pair(client, balance="100.00")
    lost = f"pay_{uuid.uuid4().hex}"
    with live_of(stack) as live, trail_of(stack) as trail, ledger_watched(stack):
        live.payees.insert_one({"_id": lost})
        wait_until(lambda: trail.find_one({"entity": lost}) is not None, 30, "it is recorded")
        known = audit_problems(stack)

        url = stack.status()["connect"]
        connect.stop_capture(url)
        connect.forget_place(url)
        live.payees.delete_one({"_id": lost})
        live.customers.update_one({"_id": pair.payer.id}, {"$set": {"name": "Unseen"}})
        order = client.send(pair.order("12.00"))["id"]
        connect.resume_capture(url)

        patient.wait_final(order, seconds=HEALED_SECONDS)
        gap = {"entity": lost, "operation": "gap"}
        wait_until(lambda: trail.find_one(gap) is not None, HEALED_SECONDS, "its loss is named")
        wait_until(lambda: trail.count_documents({"order": order}) == 3, 30, "the order's trail")

    new = {(entity, rule) for entity, rule, _ in audit_problems(stack) - known}
    assert new == {(f"payees/{lost}", "gap"), (f"customers/{pair.payer.id}", "gap")}
    assert_checkers_agree(stack)
