"""Every change is in the audit trail within moments: who, what, before and after, and what nobody of us did."""

import uuid
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo.errors import OperationFailure

from devstack.client import Client
from tests.support.api_client import a_pair
from tests.support.audit import audit_problems, live_of, trail_of
from tests.support.sockets import staff_cookies, staff_login
from tests.support.stack import Stack
from tests.support.waiting import wait_until

CAUGHT_SECONDS = 10


def test_a_payment_leaves_all_its_changes_with_their_makers(stack: Stack, client: Client) -> None:
    before = audit_problems(stack)
    pair = a_pair(client)
    order = client.wait_final(client.send(pair.order("12.34"))["id"])["id"]

    with trail_of(stack) as trail:
        wait_until(
            lambda: trail.count_documents({"order": order}) == 3, 10, "all three are recorded"
        )
        found = list(trail.find({"order": order}))

    made = {(each["collection"], each["operation"], each["actor"]["kind"]) for each in found}
    assert made == {
        ("orders", "created", "customer"),
        ("orders", "updated", "stream"),
        ("entries", "created", "stream"),
    }
    (moved,) = [each for each in found if each["operation"] == "updated"]
    assert (moved["before"]["status"], moved["after"]["status"]) == ("RECEIVED", "COMPLETED")
    assert {"status", "final", "version"} <= set(moved["changed"])
    assert moved["actor"]["id"].startswith("send_money#")
    assert moved["request_id"]
    assert audit_problems(stack) == before


def test_who_looks_at_an_order_is_in_its_trail_too(stack: Stack, client: Client) -> None:
    pair = a_pair(client)
    order = client.wait_final(client.send(pair.order("7.00"))["id"])["id"]
    status = stack.status()
    person, _ = staff_login(status)
    page = HTTPConnection(urlsplit(status["web"]).netloc, timeout=30)
    page.request("GET", f"/console/orders/{order}", headers={"Cookie": staff_cookies(status)})

    assert page.getresponse().status == 200

    page.close()
    with trail_of(stack) as trail:
        about = {"collection": "access_log", "order": order}
        wait_until(lambda: trail.find_one(about) is not None, 10, "the look is recorded")
        looked = trail.find_one(about)
    assert looked["actor"] == {"kind": "staff", "id": person}
    assert (looked["after"]["action"], looked["after"]["result"]) == ("view", "allowed")
    assert looked["is_alarm"] is False


def test_an_order_changed_by_hand_is_caught_with_its_fields(stack: Stack, client: Client) -> None:
    pair = a_pair(client)
    order = client.wait_final(client.send(pair.order("5.00"))["id"])["id"]
    with live_of(stack) as live:
        was = live.orders.find_one_and_update({"_id": order}, {"$set": {"memo": "changed by hand"}})
        entry = _caught(stack, {"entity": order})
        # The checkers of other tests would name it too.
        live.orders.update_one({"_id": order}, {"$set": {"memo": was["memo"]}})

    assert entry["actor"] == {"kind": "unknown", "id": "out of band"}
    assert entry["changed"] == ["memo"]
    assert entry["after"]["memo"] == "changed by hand"
    assert (f"orders/{order}", "out_of_band") in {found[:2] for found in audit_problems(stack)}


def test_a_document_put_in_and_taken_out_by_hand_is_caught_both_times(stack: Stack) -> None:
    payee = f"pay_{uuid.uuid4().hex}"
    with live_of(stack) as live:
        live.payees.insert_one({"_id": payee, "amount": 1.5})
        _caught(stack, {"entity": payee, "operation": "created"})
        live.payees.delete_one({"_id": payee})

    entry = _caught(stack, {"entity": payee, "operation": "deleted"})

    assert (entry["before"], entry["after"]) == ({"_id": payee, "amount": 1.5}, None)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda trail: trail.update_one({}, {"$set": {"actor": None}}),
        lambda trail: trail.replace_one({}, {}),
        lambda trail: trail.delete_one({}),
        lambda trail: trail.drop(),
        lambda trail: trail.rename("other"),
        lambda trail: trail.create_index("entity"),
        lambda trail: trail.drop_indexes(),
        lambda trail: trail.database.command("collMod", trail.name, validationLevel="off"),
        lambda trail: trail.database.create_collection("other"),
        lambda trail: trail.database.other.insert_one({}),
        lambda trail: trail.database.command("dropDatabase"),
        lambda trail: trail.aggregate([{"$match": {"_id": None}}, {"$out": trail.name}]),
        lambda trail: trail.database.client["dpms"].orders.find_one(),
        lambda trail: trail.database.client.admin.command("usersInfo"),
    ],
)
def test_the_trails_user_can_insert_and_find_and_nothing_else(stack: Stack, attempt: Any) -> None:
    with trail_of(stack) as trail:
        newest = trail.find_one({}, sort=[("recorded_at", -1)])
        assert newest is not None

        with pytest.raises(OperationFailure, match="not authorized"):
            attempt(trail)

        assert trail.find_one({"_id": newest["_id"]}) == newest


def test_the_platforms_user_can_neither_read_nor_write_the_trail(stack: Stack) -> None:
    with live_of(stack) as live:
        trail = live.client["dpms_audit"].audit_entries

        for attempt in (
            trail.find_one,
            lambda: trail.insert_one({}),
            lambda: trail.delete_many({}),
        ):
            with pytest.raises(OperationFailure, match="not authorized"):
                attempt()


def _caught(stack: Stack, query: dict[str, Any]) -> dict[str, Any]:
    with trail_of(stack) as trail:
        asked = {**query, "is_alarm": True}
        wait_until(lambda: trail.find_one(asked) is not None, CAUGHT_SECONDS, f"{query} is caught")
        entry: dict[str, Any] = trail.find_one(asked)
        return entry
