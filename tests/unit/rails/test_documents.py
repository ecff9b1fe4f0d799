"""What is stored of a message …"""

from dataclasses import replace
from typing import Any

from apps.rails.documents import (
    ANSWER_LENGTH_MAX,
    inbound_document,
    outgoing_document,
    printable,
    receipt_document,
)
from apps.rails.domain import ids
from apps.rails.iso20022.codec import from_xml, to_xml
from tests.support.rails import END_TO_END, NOW, a_status, a_transfer

ORDER = f"ord_{END_TO_END}"
ROUTE: dict[str, str | None] = {"order": ORDER, "customer": "cus_ann", "account": "acc_ann"}


def test_is_the_same_document_whoever_makes_it_again() -> None:
    identifier = ids.outgoing_id(ORDER, step="4", kind="pacs.008")
    message = a_transfer(message_id=ids.on_the_wire(identifier))

    document = outgoing_document(
        message, network="zelle", order=ORDER, route=ROUTE, made_by="stream:send_money#1", now=NOW
    )

    assert document["_id"] == identifier
    assert (document["direction"], document["type"], document["name"]) == (
        *("out", "pacs.008"),
        "pacs.008.001.08",
    )
    assert (document["order"], document["end_to_end_id"]) == (ORDER, END_TO_END)
    assert from_xml(document["xml"].encode()) == message
    assert document["route"] == ROUTE


def test_has_an_id_of_the_networks_message_id_when_it_came_in() -> None:
    message = a_status("ACSC")
    facts: dict[str, Any] = {"order": ORDER, "route": ROUTE, "made_by": "gateway:zelle", "now": NOW}

    first = inbound_document(message, to_xml(message), network="zelle", **facts)
    other = inbound_document(
        replace(message, message_id="sts2"), to_xml(message), network="zelle", **facts
    )

    assert first["_id"] == ids.inbound_id("zelle", "sts1")
    assert first["_id"] != other["_id"]
    assert first["fields"]["verdict"] == "accepted"


def test_a_receipt_has_the_messages_id_and_a_cut_answer() -> None:
    sent = outgoing_document(
        a_transfer(), network="zelle", order=ORDER, route=ROUTE, made_by="stream:f#1", now=NOW
    )

    receipt = receipt_document(
        sent, state="TAKEN", http_status=202, answer="x" * 9999, made_by="gateway:zelle", now=NOW
    )

    assert receipt["_id"] == sent["_id"]
    assert len(receipt["answer"]) == ANSWER_LENGTH_MAX
    assert receipt["route"] == ROUTE


def test_words_are_made_printable_and_short_enough() -> None:
    assert printable("  Rent\n\x00for\tMay ") == "Rent for May"
    assert printable("n" * 200) == "n" * 140
    assert printable("\x00") is None
    assert printable(None) is None
