"""GET /orders/{id}/messages."""

from typing import Any

from pymongo.database import Database

from apps.kernel.ids import derived_id
from apps.kernel.money import Money
from apps.rails.documents import inbound_document, outgoing_document, receipt_document
from apps.rails.domain.ids import on_the_wire
from apps.rails.domain.messages import (
    Message,
    Original,
    PaymentReturn,
    RecallAnswer,
    RecallRequest,
)
from devstack.client import Document
from streaming.contracts.codec import storable
from tests.support.api_client import Pair
from tests.support.builders import assert_problem
from tests.support.core import a_new_order
from tests.support.orders import a_return
from tests.support.rails import ANN, NOW, a_status, a_transfer
from tests.support.site_client import SiteClient


def test_tells_what_was_said_about_an_order_without_its_words(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    order = api.send(pair.order())["id"]
    end_to_end_id = on_the_wire(order)
    route: dict[str, str | None] = {"order": order, "customer": None, "account": None}
    made: dict[str, Any] = {"network": "zelle", "route": route, "made_by": "x", "now": NOW}
    sent = outgoing_document(a_transfer(end_to_end_id=end_to_end_id), order=order, **made)
    later = a_transfer(message_id="msg2", end_to_end_id=end_to_end_id)
    waiting = outgoing_document(later, order=order, **made)
    came = inbound_document(a_status("RJCT", reason="AC04"), "<xml/>", order=order, **made)
    database["rail_messages"].insert_many([storable(each) for each in (sent, waiting, came)])
    taken = receipt_document(sent, state="TAKEN", http_status=202, answer="", made_by="x", now=NOW)
    database["rail_receipts"].insert_one(taken)

    answer = api.get(f"/api/v1/orders/{order}/messages")

    told = {row["id"]: row for row in answer["data"]}
    assert told[sent["_id"]] == {
        "id": sent["_id"],
        "direction": "out",
        "network": "zelle",
        "type": "pacs.008",
        "message_id": "msg1",
        "end_to_end_id": end_to_end_id,
        "status": "TAKEN",
        "says": None,
        "reason": None,
        "at": "2026-11-24T12:00:00.123Z",
    }
    assert told[waiting["_id"]]["status"] == "WAITING"
    inbound = told[came["_id"]]
    assert (inbound["status"], inbound["says"], inbound["reason"]) == ("ARRIVED", "RJCT", "AC04")
    assert ANN.name not in str(answer)


def test_finds_what_a_network_began_with_by_the_order_that_it_became(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    order = api.send(pair.order())["id"]
    database["orders"].update_one({"_id": order}, {"$set": {"end_to_end_id": "e2e1"}})
    for number, about in enumerate((order, "ord_of_somebody_else")):
        message = a_transfer(message_id=f"in{number}", end_to_end_id="e2e1")
        came = inbound_document(
            message,
            "<xml/>",
            network="zelle",
            order=None,
            route={"order": about, "customer": None, "account": None},
            made_by="x",
            now=NOW,
        )
        database["rail_messages"].insert_one(storable(came))

    told = api.get(f"/api/v1/orders/{order}/messages")["data"]

    assert [row["message_id"] for row in told] == ["in0"]


def _about(original: Original, **parts: Any) -> list[Message]:
    """A network's words on a recall: that it looks, that money is on its way, and the money."""
    banks = {"from_bank": "021000021", "to_bank": "999999992", "original": original, **parts}
    return [
        RecallAnswer("ans1", NOW, answer="PDCR", **banks),
        RecallAnswer("ans2", NOW, answer="IPAY", **banks),
    ]


def test_tells_of_a_return_what_a_network_said_about_it_by_the_payment_s_name(
    api: SiteClient, database: Database[Document]
) -> None:
    payment = a_new_order(derived_id("ord", "paid"))
    recall = a_return(payment, "inward", asked=True)
    theirs = a_return(payment, "inward") | {
        "_id": derived_id("ord", "return", payment["_id"], "r1")
    }
    original = Original("msg1", "pacs.008.001.08", recall["end_to_end_id"])
    case = on_the_wire(recall["_id"])
    messages = [
        *_about(original, case_id=case),
        RecallAnswer("ans3", NOW, "021000021", "999999992", "another case", original, "RJCR"),
        PaymentReturn("back1", NOW, "r1", original, Money(1_234, "USD"), "FOCR"),
    ]
    database["orders"].insert_many([storable(dict(each)) for each in (payment, recall, theirs)])
    for message in messages:
        about: dict[str, Any] = {"order": payment["_id"], "route": {"order": payment["_id"]}}
        came = inbound_document(
            message, "<xml/>", network="zelle", made_by="gateway:zelle", now=NOW, **about
        )
        database["rail_messages"].insert_one(storable(came))

    told = {
        order["_id"]: [
            row["message_id"] for row in api.get(f"/api/v1/orders/{order['_id']}/messages")["data"]
        ]
        for order in (recall, theirs, payment)
    }

    assert sorted(told[recall["_id"]]) == ["ans1", "ans2"]
    assert told[theirs["_id"]] == ["back1"]
    assert sorted(told[payment["_id"]]) == ["ans1", "ans2", "ans3", "back1"]


def test_tells_of_a_return_which_message_made_it_and_what_asked_for_one_that_goes_out(
    api: SiteClient, database: Database[Document]
) -> None:
    payment = a_new_order(derived_id("ord", "paid"))
    recall = a_return(payment, "inward", asked=True)
    back = PaymentReturn("back1", NOW, "r1", _original(payment), Money(1_234, "USD"), "FOCR")
    asked = RecallRequest(
        "rec1", NOW, "021000021", "999999992", "c1", _original(payment), Money(1_234, "USD"), "DUPL"
    )
    came = [
        inbound_document(
            message,
            "<xml/>",
            network="zelle",
            order=None,
            route={"order": payment["_id"]},
            made_by="gateway:zelle",
            now=NOW,
        )
        for message in (back, asked)
    ]
    recall["history"][-1]["cause"] = came[0]["_id"]
    outward = a_return(payment, "outward", asked=True) | {"_id": derived_id("ord", "out")}
    database["rail_messages"].insert_many([storable(each) for each in came])
    database["orders"].insert_many([storable(dict(each)) for each in (recall, outward)])

    told = [
        [row["message_id"] for row in api.get(f"/api/v1/orders/{order['_id']}/messages")["data"]]
        for order in (recall, outward)
    ]

    assert told == [["back1"], ["rec1"]]


def _original(payment: Any) -> Original:
    return Original("msg1", "pacs.008.001.08", on_the_wire(payment["_id"]))


def test_an_unknown_order_has_none(api: SiteClient) -> None:
    answer = api.call("GET", f"/api/v1/orders/ord_{'0' * 32}/messages")

    assert_problem(answer, 404, "order_not_found")
