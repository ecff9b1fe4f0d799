"""What the send-money flow does with a record: route it, leave it, or keep it as a dead letter; it never raises."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.contracts.envelope import Undecodable, decode_change
from streaming.flows.routing import Routed
from streaming.flows.send_money.decide import route
from streaming.sor.element import (
    AliasElement,
    CommandElement,
    DeadElement,
    OrderElement,
    WaitingElement,
    dump,
    load,
)
from tests.unit.streaming.records import ALIAS, COMMAND, ORDER, PLACE, a_record, recorded

RECORDED_ID = "ord_2k3v7x5q4m6n8p9r2s4t6v8w2y4z6b8d"


def _route(value: bytes, key: bytes | None = b"{}") -> Routed | None:
    return route(PLACE, key, value)


def _dead(value: bytes, key: bytes | None = b"{}") -> DeadElement:
    routed = _route(value, key)
    assert routed is not None
    assert isinstance(routed.element, DeadElement), routed
    assert load(dump(routed.element)) == routed.element
    return routed.element


def test_a_recorded_creation_is_an_order_to_assess() -> None:
    routed = route(*recorded("orders_create"))

    assert routed == Routed(
        "cus_01jd9a", "acc_01jd9b", OrderElement(RECORDED_ID), None, 1795371092161
    )


def test_a_recorded_snapshot_row_is_read_like_any_change() -> None:
    routed = route(*recorded("orders_snapshot_read"))

    assert routed == Routed("cus_01jd9a", "acc_01jd9b", WaitingElement(RECORDED_ID))


def test_a_recorded_update_keeps_both_images() -> None:
    _, key, value = recorded("orders_update")
    assert value is not None

    change = decode_change(key, value)

    assert change.before is not None
    assert change.after is not None
    assert (change.operation, change.id, change.collection) == ("u", RECORDED_ID, "orders")
    assert (change.before["status"], change.after["status"]) == ("RECEIVED", "AWAITING_CLAIM")
    assert (change.before["amount_minor"], type(change.before["amount_minor"])) == (1234, int)
    assert (change.after["payee_name"], change.after["memo"]) == ("Zoë Ångström", 'lunch "at" noon')
    assert change.after["created_at"].isoformat() == "2026-11-22T18:11:32.161000+00:00"


def test_a_recorded_delete_and_a_tombstone_ask_nothing() -> None:
    assert route(*recorded("orders_delete")) is None
    assert route(PLACE, b"{}", None) is None


def test_a_record_of_a_collection_that_the_flow_does_not_read_is_kept() -> None:
    routed = route(*recorded("entries_create"))

    assert routed is not None
    assert isinstance(routed.element, DeadElement)
    assert routed.element.reason == "unexpected_collection"


@pytest.mark.parametrize("operation", ["c", "u", "r"])
def test_a_received_order_is_assessed_whatever_brought_it(operation: str) -> None:
    routed = _route(a_record("orders", ORDER, operation=operation))

    assert routed is not None
    assert routed.element == OrderElement("ord_1")
    assert (routed.customer, routed.account) == ("cus_ann", "acc_ann")
    assert routed.likeness == "pay_bob|1000|USD|rent"


def test_an_order_that_waits_for_its_alias_is_looked_at_again() -> None:
    routed = _route(a_record("orders", ORDER | {"status": "AWAITING_CLAIM"}, operation="u"))

    assert routed == Routed("cus_ann", "acc_ann", WaitingElement("ord_1"))


@pytest.mark.parametrize("status", ["COMPLETED", "REJECTED", "HELD", "CANCELLED", "SUBMITTED"])
def test_the_flows_own_results_ask_nothing(status: str) -> None:
    assert _route(a_record("orders", ORDER | {"status": status}, operation="u")) is None


def test_a_command_goes_where_its_order_goes() -> None:
    assert _route(a_record("commands", COMMAND)) == Routed(
        "cus_ann", "acc_ann", CommandElement("cmd_1")
    )


@pytest.mark.parametrize("status", ["PENDING", "REMOVED"])
def test_only_an_active_alias_matters(status: str) -> None:
    key = ALIAS["key"]

    assert _route(a_record("aliases", ALIAS, operation="u")) == Routed(key, key, AliasElement(key))
    assert _route(a_record("aliases", ALIAS | {"status": status}, operation="u")) is None


@pytest.mark.parametrize("reference", [None, ""])
def test_orders_without_a_reference_are_like_no_other(reference: str | None) -> None:
    routed = _route(a_record("orders", ORDER | {"reference": reference}))

    assert routed is not None
    assert routed.likeness is None


def test_payments_of_one_request_are_not_alike() -> None:
    routed = _route(
        a_record("orders", ORDER | {"payee": "ord_request", "caused_by": "ord_request"})
    )

    assert routed is not None
    assert routed.likeness is None


@pytest.mark.parametrize(
    ("execute_on", "likeness"),
    [
        (None, "pay_bob|1000|USD|rent"),
        ("2026-11-22", "pay_bob|1000|USD|rent"),
        ("2027-01-01", "pay_bob|1000|USD|rent|2027-01-01"),
    ],
)
def test_orders_for_different_days_to_come_are_not_alike(
    execute_on: str | None, likeness: str
) -> None:
    routed = _route(a_record("orders", ORDER | {"execute_on": execute_on}))

    assert routed is not None
    assert routed.likeness == likeness


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "not_a_change_event"),
    "invalid UTF-8": (b'{"op": "\xff"}', "not_utf8"),
    "UTF-16": ("{}".encode("utf-16"), "not_utf8"),
    "no JSON": (b"poison", "not_a_change_event"),
    "cut off": (a_record("orders", ORDER)[:-20], "not_a_change_event"),
    "a number": (b"42", "not_a_change_event"),
    "a list": (b"[]", "not_a_change_event"),
    "null": (b"null", "not_a_change_event"),
    "deep": (b"[" * 100_000, "not_a_change_event"),
    "no source": (b'{"op": "c"}', "not_a_change_event"),
    "a source that is text": (b'{"op": "c", "source": "orders"}', "not_a_change_event"),
    "an empty source": (a_record("orders", ORDER, envelope={"source": {}}), "not_a_change_event"),
    "no time": (a_record("orders", ORDER, envelope={"ts_ms": None}), "not_a_change_event"),
    "a time as text": (a_record("orders", ORDER, envelope={"ts_ms": "now"}), "not_a_change_event"),
    "a time that is no number": (a_record("orders", ORDER, envelope={"ts_ms": float("nan")}), "not_a_change_event"),
    "a time without end": (a_record("orders", ORDER, envelope={"ts_ms": 10**30}), "not_a_change_event"),
    "unknown operation": (a_record("orders", ORDER, operation="x"), "unknown_operation"),
    "operation as list": (a_record("orders", ORDER, envelope={"op": ["c"]}), "unknown_operation"),
    "no image": (a_record("orders", None), "no_after_image"),
    "image is a list": (a_record("orders", [1]), "not_a_document"),
    "image is no JSON": (a_record("orders", ORDER, envelope={"after": "{"}), "not_a_change_event"),
    "image is an object": (a_record("orders", ORDER, envelope={"after": {"_id": "x"}}), "not_a_change_event"),
    "image without id": (a_record("orders", {"a": 1}), "not_a_change_event"),
    "unknown type": (a_record("orders", ORDER | {"payee": {"$code": "1"}}), "wrong_field"),
    "a fraction": (a_record("orders", ORDER | {"amount_minor": 10.5}), "wrong_field"),
    "not a number": (a_record("orders", ORDER | {"amount_minor": float("nan")}), "not_a_change_event"),
    "bad object id": (a_record("orders", ORDER | {"_id": {"$oid": "1"}}), "wrong_field"),
    "bad date": (a_record("orders", ORDER | {"created_at": {"$date": "soon"}}), "wrong_field"),
    "late date": (a_record("orders", ORDER | {"created_at": {"$date": 10**20}}), "wrong_field"),
    "an object id": (a_record("orders", ORDER | {"_id": {"$oid": "0" * 24}}), "wrong_field"),
    "an id that is a number": (a_record("orders", ORDER | {"_id": 7}), "wrong_field"),
    "a truth as version": (a_record("orders", ORDER | {"version": True}), "wrong_field"),
    "amount as text": (a_record("orders", ORDER | {"amount_minor": "10"}), "wrong_field"),
    "no route": (a_record("orders", {k: v for k, v in ORDER.items() if k != "route"}), "wrong_field"),
    "route without account": (a_record("orders", ORDER | {"route": {"customer": "c"}}), "wrong_field"),
    "date as text": (a_record("orders", ORDER | {"created_at": "today"}), "wrong_field"),
    "command without id": (a_record("commands", {"_id": None}), "wrong_field"),
    "alias without key": (a_record("aliases", {"_id": "als_1", "status": "ACTIVE"}), "wrong_field"),
    "half a character as id": (a_record("orders", ORDER | {"_id": "ord_\ud800"}), "not_a_change_event"),
    "half a character as key": (a_record("aliases", ALIAS | {"key": "email:\udfff"}), "not_a_change_event"),
    "half a character as collection": (a_record("\ud800", ORDER), "not_a_change_event"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_can_not_be_decoded_is_kept_with_its_place_and_reason(name: str) -> None:
    value, reason = BAD[name]

    dead = _dead(value, b"\xfe key")

    assert dead.reason == reason
    assert dead.detail
    assert dead.id == "dpms.cdc.orders:2:41"
    assert base64.b64decode(dead.value) == value[:65_536]
    assert base64.b64decode(dead.key or "") == b"\xfe key"
    json.loads(dump(dead))
    dead.detail.encode()


def test_a_deletion_that_names_nothing_can_not_be_decoded() -> None:
    with pytest.raises(Undecodable) as refusal:
        decode_change(None, a_record("orders", None, operation="d"))

    assert refusal.value.reason == "no_id"


def test_a_very_large_record_is_kept_cut_short() -> None:
    dead = _dead(b"x" * 10_000_000)

    assert base64.b64decode(dead.value) == b"x" * 65_536


def test_a_dead_letter_travels_apart_from_every_payment() -> None:
    routed = _route(b"poison")

    assert routed is not None
    assert (routed.customer, routed.account) == ("dpms.cdc.orders", "dpms.cdc.orders")
    assert routed.likeness is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
FIELD = st.sampled_from([*ORDER, *COMMAND, *ALIAS, "route"])
TYPED = st.dictionaries(
    st.sampled_from(["$date", "$numberLong", "$numberInt", "$oid", "$binary"]), JSON, max_size=1
)


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_never_raises_on_any_bytes(value: bytes) -> None:
    _assert_routable(route(PLACE, value, value))


@given(st.dictionaries(st.sampled_from(["op", "source", "ts_ms", "before", "after"]), JSON))
def test_never_raises_on_any_envelope(envelope: dict[str, Any]) -> None:
    _assert_routable(_route(a_record("orders", ORDER, envelope=envelope)))


@given(
    st.sampled_from(["orders", "commands", "aliases"]),
    st.sampled_from([ORDER, COMMAND, ALIAS]),
    st.dictionaries(FIELD, JSON | TYPED, max_size=3),
    st.sampled_from(["c", "u", "r", "d"]),
)
def test_never_raises_on_any_document(
    collection: str, document: dict[str, Any], damage: dict[str, Any], operation: str
) -> None:
    _assert_routable(_route(a_record(collection, document | damage, operation=operation)))


def _assert_routable(routed: Routed | None) -> None:
    """What goes on can be written by Flink's coders and by MongoDB."""
    if routed is None:
        return
    assert load(dump(routed.element)) == routed.element
    for text in (routed.customer, routed.account, routed.likeness or ""):
        text.encode()
    for value in vars(routed.element).values():
        if isinstance(value, str):
            value.encode()
    assert -(2**63) <= routed.at_ms < 2**63
