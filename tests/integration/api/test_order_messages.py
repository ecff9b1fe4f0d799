"""GET /orders/{id}/messages."""

from typing import Any

from pymongo.database import Database

from apps.rails.documents import inbound_document, outgoing_document, receipt_document
from apps.rails.domain.ids import on_the_wire
from devstack.client import Document
from streaming.contracts.codec import storable
from tests.support.api_client import Pair
from tests.support.builders import assert_problem
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


def test_an_unknown_order_has_none(api: SiteClient) -> None:
    answer = api.call("GET", f"/api/v1/orders/ord_{'0' * 32}/messages")

    assert_problem(answer, 404, "order_not_found")
