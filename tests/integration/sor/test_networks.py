"""The SOR transaction between orders and networks: each message once, money once, whatever is told how often."""

from datetime import timedelta

import pytest

from apps.kernel.money import Money
from apps.parties.domain.payee_limits import COUNTED_PAYMENTS
from apps.rails.domain.ids import uetr_of
from apps.rails.domain.messages import Original, Party, PaymentReturn, RecallRequest, StatusRequest
from apps.transactions.domain.request_order import requested
from streaming.contracts.codec import storable
from streaming.sor.element import CommandElement, EndedElement, MessageElement, OrderElement
from tests.integration.sor.bank import Bank, Document
from tests.support.rails import a_status, a_transfer

FAR = "email:far@example.com"
OTHER_BANK = "999999905"
OLIVE = Party("Olive Other", OTHER_BANK, account="OTHER-0001")
BOB = Party("Bob Brown", "999999992", alias="email:bob@example.com")


@pytest.fixture
def town(bank: Bank) -> Bank:
    """Ann and Bob are here; whoever has FAR is at another bank."""
    bank.enrols("ann", "bob")
    bank.is_served_elsewhere(FAR)
    return bank


def _original(sent: Document) -> Original:
    end_to_end_id = sent["end_to_end_id"]
    return Original(sent["message_id"], sent["name"], end_to_end_id, uetr_of(end_to_end_id))


def _sent(town: Bank, order_id: str = "ord_1") -> Original:
    """The order went to the network, which has its message."""
    town.settles(town.accepts(order_id, to="far"))
    return _original(town.said("pacs.008")[0])


def test_a_payment_to_another_bank_is_told_once_and_waits(town: Bank) -> None:
    order = town.accepts("ord_1", to="far")

    town.settles(order)
    town.settles(order)

    assert town.statuses(["ord_1"]) == ["SUBMITTED"]
    (message,) = town.said("pacs.008")
    assert (message["order"], message["end_to_end_id"]) == ("ord_1", "1")
    assert message["fields"]["creditor"]["bank"] == OTHER_BANK
    assert town.balance("ann") == (10_000, 1_000)
    assert town.problems() == []


def test_an_answer_that_it_settled_pays_it_however_often_it_is_told(town: Bank) -> None:
    original = _sent(town)
    first = town.hears(a_status("ACSC", original=original))
    again = town.hears(a_status("ACSC", original=original, message_id="sts2"))

    town.settles(first, again, first)

    assert town.statuses(["ord_1"]) == ["COMPLETED"]
    assert town.balance("ann") == (9_000, 0)
    assert town.problems(all_final=True) == []


def test_acceptance_for_settlement_moves_nothing(town: Bank) -> None:
    original = _sent(town)

    town.settles(town.hears(a_status("ACSP", original=original)))

    assert town.statuses(["ord_1"]) == ["SUBMITTED"]


def test_a_contradiction_opens_one_case_and_moves_nothing(town: Bank) -> None:
    original = _sent(town)
    town.settles(town.hears(a_status("RJCT", original=original, reason="AC04")))
    late = town.hears(a_status("ACSC", original=original, message_id="sts2"))

    town.settles(late)
    town.settles(late)

    assert town.statuses(["ord_1"]) == ["REJECTED"]
    assert town.balance("ann") == (10_000, 0)
    assert [case["kind"] for case in town.db.cases.find()] == ["contradiction"]
    assert town.problems(all_final=True) == []


def test_money_that_comes_back_is_a_return_of_its_own(town: Bank) -> None:
    original = _sent(town)
    town.settles(town.hears(a_status("ACSC", original=original)))
    back = PaymentReturn("ret1", town.now, "ret1", original, Money(1_000, "USD"), "FOCR")

    element = town.hears(back)
    town.settles(element)
    town.settles(element)

    (linked,) = town.db.orders.find({"caused_by": "ord_1"})
    assert (linked["kind"], linked["status"]) == ("return", "RETURNED")
    assert town.statuses(["ord_1"]) == ["COMPLETED"]
    assert town.balance("ann") == (10_000, 0)
    assert town.problems(all_final=True) == []


def _is_told_never_taken(town: Bank) -> CommandElement:
    told = town.is_asked("cmd_never", "ord_1", "not_taken", by="network")
    words = {"iso_reason": "NARR", "reason": "not taken by the network: too long"}
    town.db.commands.update_one({"_id": "cmd_never"}, {"$set": words})
    return told


def test_what_the_network_never_took_is_rejected_at_once_with_its_words(town: Bank) -> None:
    _sent(town)
    told = _is_told_never_taken(town)

    town.settles(told, told)
    town.settles(told)

    order = town.order("ord_1")
    assert (order["status"], order["reason"]) == ("REJECTED", "NARR")
    step = order["history"][-1]
    assert (step["detail"], step["actor"]["kind"]) == (
        "not taken by the network: too long",
        "network",
    )
    assert town.balance("ann") == (10_000, 0)
    assert [outcome["state"] for outcome in town.db.outcomes.find()] == ["APPLIED"]
    assert town.problems(all_final=True) == []


def test_what_it_paid_all_the_same_stays_paid_and_is_for_people(town: Bank) -> None:
    original = _sent(town)
    town.settles(town.hears(a_status("ACSC", original=original)))

    town.settles(_is_told_never_taken(town))

    assert town.statuses(["ord_1"]) == ["COMPLETED"]
    assert town.balance("ann") == (9_000, 0)
    assert [case["kind"] for case in town.db.cases.find()] == ["contradiction"]
    assert town.problems(all_final=True) == []


def test_a_silent_network_is_asked_and_not_paid_again(town: Bank) -> None:
    _sent(town)
    town.now += timedelta(minutes=1)
    clock = town.is_asked("cmd_due", "ord_1", "clock", by="clock")
    town.db.commands.update_one({"_id": "cmd_due"}, {"$set": {"due_event": "network_silent"}})

    town.settles(clock)

    assert town.statuses(["ord_1"]) == ["INVESTIGATE"]
    (enquiry,) = town.said("pacs.028")
    assert enquiry["fields"]["original"]["message_id"] == town.said("pacs.008")[0]["message_id"]
    assert len(town.said("pacs.008")) == 1


def _arrives(town: Bank, message_id: str = "msg1", **different: object) -> MessageElement:
    payment = a_transfer(message_id=message_id, debtor=OLIVE, **({"creditor": BOB} | different))
    return town.hears(payment)


def test_money_from_a_network_is_credited_once_under_whatever_message(town: Bank) -> None:
    first, again = _arrives(town), _arrives(town, "msg2")

    town.settles(first)
    town.settles(again, first)

    (order,) = town.db.orders.find({"kind": "receive"})
    assert (order["status"], order["version"]) == ("POSTED", 3)
    assert town.balance("bob") == (11_234, 0)
    assert [told["fields"]["status"] for told in town.said("pacs.002")] == ["ACCC"]
    assert town.problems(all_final=True) == []


def test_money_for_a_closed_account_goes_back_with_a_reason(town: Bank) -> None:
    town.enrols("cleo", posted_minor=0)
    town.db.accounts.update_one({"_id": "acc_cleo"}, {"$set": {"status": "CLOSED"}})
    cleo = Party("Cleo Clark", "999999992", alias="email:cleo@example.com")

    town.settles(_arrives(town, creditor=cleo))

    (order,) = town.db.orders.find({"kind": "receive"})
    assert (order["status"], order["reason"]) == ("REJECTED", "AC04")
    (told,) = town.said("pacs.002")
    assert (told["fields"]["status"], told["fields"]["reason"]) == ("RJCT", "AC04")
    assert town.balance("cleo") == (0, 0)
    assert town.problems(all_final=True) == []


def test_money_for_nobody_here_goes_back_with_a_reason(town: Bank) -> None:
    nobody = Party("Nobody", "999999992", alias="email:nobody@example.com")

    town.settles(_arrives(town, creditor=nobody))

    (order,) = town.db.orders.find({"kind": "receive"})
    assert (order["status"], order["reason"]) == ("REJECTED", "AC03")
    assert town.said("pacs.002")[0]["fields"]["reason"] == "AC03"
    assert town.db.entries.count_documents({"kind": "receipt"}) == 0


def test_an_enquiry_about_what_came_is_answered_once(town: Bank) -> None:
    town.settles(_arrives(town))
    (order,) = town.db.orders.find({"kind": "receive"})
    original = Original("msg1", "pacs.008.001.08", order["end_to_end_id"])
    asked = town.hears(StatusRequest("ask1", town.now, original))

    town.settles(asked)
    town.settles(asked)

    told = [each["fields"]["status"] for each in town.said("pacs.002")]
    assert told == ["ACCC", "ACCC"]
    assert town.order(order["_id"])["version"] == order["version"]


def test_a_command_that_cannot_be_decided_is_refused_and_kept(town: Bank) -> None:
    town.settles(town.accepts("ord_1", to="far"))
    town.db.orders.update_one({"_id": "ord_1"}, {"$set": {"product": "gone"}})

    town.settles(town.is_asked("cmd_1", "ord_1", "enquire", by="operator"))

    outcome = town.db.outcomes.find_one({"_id": "cmd_1"})
    assert outcome is not None
    assert (outcome["state"], outcome["reason"]) == ("REFUSED", "undecidable")
    assert town.db.dead_letters.count_documents({"reason": "undecidable"}) == 1
    assert town.statuses(["ord_1"]) == ["SUBMITTED"]


def test_a_blocked_sender_waits_for_a_person_who_sends_it_back(town: Bank) -> None:
    town.db.blocked_parties.insert_one({"_id": "blk_1", "target": "name:olive other", "status": "ACTIVE"})  # fmt: skip
    town.settles(_arrives(town))
    (order,) = town.db.orders.find({"kind": "receive"})
    assert order["status"] == "ACCEPTED_NOT_POSTED"

    town.settles(town.is_asked("cmd_back", order["_id"], "return", by="compliance"))

    assert town.statuses([order["_id"]]) == ["REJECTED"]
    assert [len(town.said(kind)) for kind in ("pacs.002", "pacs.004")] == [1, 1]
    assert town.balance("bob") == (10_000, 0)
    assert town.problems(all_final=True) == []


def test_what_was_received_is_asked_back_and_given_back_by_staff(town: Bank) -> None:
    town.settles(_arrives(town))
    (order,) = town.db.orders.find({"kind": "receive"})
    original = Original("msg1", "pacs.008.001.08", order["end_to_end_id"])
    amount = Money(1_234, "USD")
    recall = RecallRequest("rec1", town.now, OTHER_BANK, "999999992", "case1", original, amount, "DUPL")  # fmt: skip
    town.settles(town.hears(recall))
    (back,) = town.db.orders.find({"kind": "return"})

    town.settles(town.is_asked("cmd_give", back["_id"], "return", by="operator"))

    assert town.statuses([order["_id"], back["_id"]]) == ["POSTED", "RETURNED"]
    told = sorted(each["fields"]["answer"] for each in town.said("camt.029"))
    assert told == ["IPAY", "PDCR"]
    assert town.balance("bob") == (10_000, 0)
    assert town.problems(all_final=True) == []


def test_an_accepted_request_causes_its_payment_in_the_same_commit(town: Bank) -> None:
    request = requested(
        order_id="ord_req",
        client="cli_tests",
        product="zelle",
        creditor={"customer": "cus_ann", "account": "acc_ann"},
        payer_name="Bob Brown",
        alias_key="email:bob@example.com",
        money=Money(500, "USD"),
        expires_at=town.now + timedelta(days=30),
        reference="dinner",
        memo=None,
        request_id="req_1",
        now=town.now,
    )
    town.db.orders.insert_one(storable(dict(request)))
    town.settles(OrderElement("ord_req"))
    accept = town.is_asked("cmd_accept", "ord_req", "accept", by="recipient")

    town.settles(accept)
    town.settles(accept)

    (payment,) = town.db.orders.find({"caused_by": "ord_req"})
    assert (payment["status"], payment["debtor"]["customer"]) == ("RECEIVED", "cus_bob")
    town.settles(OrderElement(payment["_id"]))
    town.settles(EndedElement(payment["_id"]), EndedElement(payment["_id"]))
    assert town.statuses(["ord_req", payment["_id"]]) == ["PAID", "COMPLETED"]
    assert [town.balance(name) for name in ("ann", "bob")] == [(10_500, 0), (9_500, 0)]
    assert town.problems(all_final=True) == []


def test_a_payees_history_grows_as_far_as_the_rules_ask(bank: Bank) -> None:
    bank.enrols("ann", "bob")
    orders = [bank.accepts(f"ord_{number}", amount_minor=1) for number in range(20)]

    bank.settles(*orders[:5])
    bank.settles(*orders[5:])
    bank.settles(*orders)

    (stats,) = bank.db.payee_stats.find()
    assert (stats["_id"], stats["completed"], stats["version"]) == ("pay_bob", COUNTED_PAYMENTS, 2)


def test_a_suspended_payees_history_stops_the_payment(bank: Bank) -> None:
    bank.enrols("ann", "bob")
    order = bank.accepts("ord_1")
    bank.db.payee_stats.insert_one(
        {"_id": "pay_bob", "customer": "cus_ann", "completed": 5, "returned": 3, "version": 8}
        | {"day": None, "day_minor": {}, "modified_by": "stream:send_money#1"}
    )

    bank.settles(order)

    assert bank.order("ord_1")["reason"] == "AG01"
    assert bank.balance("ann") == (10_000, 0)
