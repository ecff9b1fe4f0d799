"""A payment that a network made is asked back: the message names the one that paid, which was sent long ago."""

from streaming.contracts.codec import storable
from streaming.sor.element import CommandElement, MessageElement
from tests.integration.sor.bank import Bank


def _is_paid_over_the_network(bank: Bank) -> None:
    """Ann's order to Faye, whom another bank serves, and the network's word that it is made."""
    bank.enrols("ann")
    served = {"alias_key": "email:faye@example.com", "place": "NETWORK", "network": "zelle"}
    bank.db.directory_entries.insert_one({"_id": "1", **served, "routing_number": "999999905"})
    bank.settles(bank.accepts("ord_1", to="faye"))
    answer = {
        "_id": "msg_answer",
        "direction": "in",
        "network": "zelle",
        "type": "pacs.002",
        "end_to_end_id": "1",
        "order": "ord_1",
        "route": {"order": "ord_1", "customer": "cus_ann", "account": "acc_ann"},
        "fields": {"status": "ACSC", "verdict": "accepted", "reason": None},
        "created_at": bank.now,
    }
    bank.db.rail_messages.insert_one(storable(answer))
    bank.settles(MessageElement("msg_answer"))


def test_of_a_completed_payment_goes_out_as_a_return_of_its_own(bank: Bank) -> None:
    _is_paid_over_the_network(bank)
    bank.is_asked("cmd_1", "ord_1", "recall", by="operator")

    bank.settles(CommandElement("cmd_1"))

    assert bank.order("ord_1")["status"] == "COMPLETED"
    recall = bank.db.orders.find_one({"kind": "return"})
    assert recall is not None
    assert (recall["status"], recall["caused_by"]) == ("RETURN_REQUESTED", "ord_1")
    (asked,) = bank.db.rail_messages.find({"type": "camt.056"})
    (paid,) = bank.db.rail_messages.find({"type": "pacs.008"})
    assert asked["order"] == recall["_id"]
    assert asked["fields"]["original"]["message_id"] == paid["message_id"]
    assert bank.db.dead_letters.count_documents({}) == 0
    assert bank.problems() == []
