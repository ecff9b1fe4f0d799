"""Which flow takes which record: what a network says, what was asked of an order, and what ended."""

from typing import Any

import pytest

from streaming.flows.receive_money.decide import route as receive_route
from streaming.flows.request_money.decide import route as request_route
from streaming.flows.routing import Place, Routed
from streaming.flows.send_money.decide import route as send_route
from streaming.sor.element import (
    CommandElement,
    DeadElement,
    Element,
    EndedElement,
    MessageElement,
    OrderElement,
)
from tests.unit.streaming.records import COMMAND, ORDER, a_record

FLOWS = {"send": send_route, "receive": receive_route, "request": request_route}
ROUTE = {"order": "ord_1", "customer": "cus_ann", "account": "acc_ann"}


def _taken(collection: str, document: Any) -> dict[str, Element]:
    """The element that each flow makes of the record, where it makes one."""
    place = Place(f"dpms.cdc.{collection}", 0, 7)
    record = a_record(collection, document)
    found = {name: route(place, b"{}", record) for name, route in FLOWS.items()}
    return {name: routed.element for name, routed in found.items() if routed is not None}


def _message(kind: str, *, about: str | None = None, direction: str = "in") -> dict[str, Any]:
    original = {"message_type": about} if about else None
    return {
        "_id": "msg_1",
        "type": kind,
        "direction": direction,
        "fields": {"original": original},
        "route": ROUTE,
    }


@pytest.mark.parametrize(
    ("kind", "about", "flow"),
    [
        ("pacs.002", "pacs.008.001.08", "send"),
        ("pacs.004", "pacs.008.001.08", "send"),
        ("camt.029", "pacs.008.001.08", "send"),
        ("camt.029", "pain.013.001.07", "request"),
        ("pacs.008", None, "receive"),
        ("camt.056", "pacs.008.001.08", "receive"),
        ("pacs.028", "pacs.008.001.08", "receive"),
        ("pain.013", None, "request"),
        ("camt.055", "pain.013.001.07", "request"),
        ("pain.014", "pain.013.001.07", "request"),
    ],
)
def test_a_message_is_for_one_flow(kind: str, about: str | None, flow: str) -> None:
    assert _taken("rail_messages", _message(kind, about=about)) == {flow: MessageElement("msg_1")}


def test_what_we_send_is_for_no_flow() -> None:
    assert _taken("rail_messages", _message("pacs.008", direction="out")) == {}


@pytest.mark.parametrize(
    ("kind", "flow"),
    [("send", "send"), ("receive", "receive"), ("return", "receive"), ("request", "request")],
)
def test_a_command_is_for_the_flow_of_its_order(kind: str, flow: str) -> None:
    assert _taken("commands", {**COMMAND, "kind": kind}) == {flow: CommandElement("cmd_1")}


def test_a_command_from_before_there_were_kinds_is_about_a_send_order() -> None:
    assert _taken("commands", COMMAND) == {"send": CommandElement("cmd_1")}


def test_a_new_request_is_for_the_flow_of_requests_alone() -> None:
    asked = {**ORDER, "kind": "request", "final": False}

    assert _taken("orders", asked) == {"request": OrderElement("ord_1")}


@pytest.mark.parametrize("kind", ["send", "receive", "request"])
def test_what_a_request_caused_tells_it_when_it_ends(kind: str) -> None:
    ended = {**ORDER, "kind": kind, "status": "COMPLETED", "final": True, "caused_by": "ord_0"}

    assert _taken("orders", ended) == {"request": EndedElement("ord_1")}


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "send", "status": "COMPLETED", "final": True, "reference": "my request"},
        {"kind": "return", "status": "RETURNED", "final": True, "caused_by": "ord_0"},
        {"kind": "send", "status": "SUBMITTED", "final": False, "caused_by": "ord_0"},
    ],
    ids=["no request caused it", "a return", "not final"],
)
def test_other_orders_tell_no_request_anything(order: dict[str, Any]) -> None:
    assert _taken("orders", {**ORDER, **order}) == {}


def test_money_for_nobody_here_is_spread_by_its_order() -> None:
    lost = {**_message("pacs.008"), "route": {"order": "ord_1", "customer": None, "account": None}}
    place = Place("dpms.cdc.rail_messages", 0, 7)

    routed = receive_route(place, b"{}", a_record("rail_messages", lost))

    assert routed == Routed("ord_1", "ord_1", MessageElement("msg_1"))


def test_a_record_that_nobody_can_read_is_kept_once() -> None:
    place = Place("dpms.cdc.commands", 0, 7)

    kept = [route(place, b"{}", b"\xff") for route in FLOWS.values()]

    dead = [each.element for each in kept if each is not None]
    assert [type(each) for each in dead] == [DeadElement]


def test_a_request_without_its_fields_is_kept() -> None:
    broken = {**ORDER, "kind": "request", "final": False, "status": None}

    found = _taken("orders", broken)

    assert {name: type(each) for name, each in found.items()} == {"request": DeadElement}
