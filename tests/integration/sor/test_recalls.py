"""What went to a network is taken back: the message names the one that was sent long ago."""

from datetime import timedelta

from apps.kernel.money import Money
from apps.transactions.domain.order import Party
from apps.transactions.domain.request_order import requested
from streaming.contracts.codec import storable
from streaming.sor.element import CommandElement, MessageElement, OrderElement
from tests.integration.sor.bank import Bank


def _banks_elsewhere(bank: Bank) -> None:
    served = {"alias_key": "email:faye@example.com", "place": "NETWORK", "network": "zelle"}
    bank.db.directory_entries.insert_one({"_id": "1", **served, "routing_number": "999999905"})


def _is_paid_over_the_network(bank: Bank) -> None:
    """Ann's order to Faye, whom another bank serves, and the network's word that it is made."""
    bank.enrols("ann")
    _banks_elsewhere(bank)
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


def test_of_a_request_asks_the_bank_that_has_it(bank: Bank) -> None:
    bank.enrols("ann")
    _banks_elsewhere(bank)
    request = requested(
        order_id="ord_1",
        client="cli_app",
        product="zelle",
        creditor=Party(customer="cus_ann", account="acc_ann"),
        payer_name="Faye",
        alias_key="email:faye@example.com",
        money=Money(3_000, "USD"),
        expires_at=bank.now + timedelta(days=3),
        reference="dinner",
        memo=None,
        request_id="req_1",
        now=bank.now,
    )
    bank.db.orders.insert_one(storable(dict(request)))
    bank.settles(OrderElement("ord_1"))
    bank.is_asked("cmd_1", "ord_1")

    bank.settles(CommandElement("cmd_1"))

    assert bank.order("ord_1")["status"] == "CANCEL_PENDING"
    (taken_back,) = bank.db.rail_messages.find({"type": "camt.055"})
    (asked,) = bank.db.rail_messages.find({"type": "pain.013"})
    assert taken_back["fields"]["original"]["message_id"] == asked["message_id"]
    assert taken_back["fields"]["to_bank"] == "999999905"
    assert bank.db.dead_letters.count_documents({}) == 0
