"""The planner on what reading finds: messages that overtake, come again or name one before, as histories met them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from apps.rails.domain.messages import CancellationRequest, PaymentReturn, RecallRequest
from apps.rails.iso20022.codec import original_of
from apps.rails.simulators.far_side import OTHER_BANK
from streaming.sor.element import EndedElement, MessageElement, OrderElement
from tests.histories.bank import BANK, KNOWN, alias_key
from tests.histories.customers import command_of
from tests.histories.history import History, as_it_is
from tests.histories.store import Document
from tests.support.core import statuses_of


class Bank(History):
    """The bank of the histories in which only what a test says happens, in that order."""

    def __init__(self) -> None:
        super().__init__(0, trace=False)
        self.flows.redelivers = 0.0
        self._pass()

    def sends(self, to: str, **fields: Any) -> str:
        """A payment of Ann, as far as it gets."""
        with mock.patch.object(self.rng, "choice", side_effect=["ann", to]):
            order = self.customers._send() | {"body_hash": "0"} | fields
        self.store.insert("orders", order)
        self.settles()
        return str(order["_id"])

    def settles(self) -> None:
        while any(self.flows.waiting.values()):
            for name, waiting in self.flows.waiting.items():
                if waiting:
                    self.flows.settle(self.store, self.now, name, orderly=True)

    def asks(self, order: str, command: str, by: str) -> Document:
        self._asked += 1
        document = command_of(self.store.orders[order], command, by, self._asked, self.now)
        self.store.insert("commands", document)
        self.settles()
        return self.store.outcomes[document["_id"]]

    def hears(self, *messages: Any) -> list[MessageElement]:
        """Puts each message of Zelle before the flows; the elements that they become."""
        network = self.networks["zelle"]
        known = set(self.store.rail_messages)
        network.outbox += messages
        while network.outbox:
            self._deliver(orderly=True)
        return [MessageElement(each) for each in self.store.rail_messages if each not in known]

    def told(self, kind: str) -> list[Any]:
        rows = self.store.rail_messages.values()
        return [each["xml"] for each in rows if (each["direction"], each["type"]) == ("out", kind)]

    def returns_of(self, order: str) -> list[Document]:
        return [each for each in self.store.orders.values() if each.get("caused_by") == order]


@pytest.fixture
def bank() -> Iterator[Bank]:
    with mock.patch("apps.rails.documents.to_xml", as_it_is):
        yield Bank()


def _paid_by_zelle(bank: Bank) -> str:
    order = bank.sends(KNOWN)
    row = bank.networks["zelle"]._row(bank.told("pacs.008")[0], is_ours=True)
    bank.networks["zelle"]._report(row, "ACSC")
    bank.hears()
    bank.settles()
    assert bank.store.orders[order]["status"] == "COMPLETED"
    return order


def test_a_recall_names_the_payment_that_it_asks_back(bank: Bank) -> None:
    order = _paid_by_zelle(bank)

    outcome = bank.asks(order, "recall", "operator")

    [recall] = bank.returns_of(order)
    assert (outcome["state"], recall["status"]) == ("APPLIED", "RETURN_REQUESTED")
    [asked] = bank.told("camt.056")
    assert asked.original.message_id == bank.told("pacs.008")[0].message_id


def test_the_return_of_a_recall_comes_once_however_often_it_is_told(bank: Bank) -> None:
    order = _paid_by_zelle(bank)
    bank.asks(order, "recall", "operator")
    row = bank.networks["zelle"]._row(bank.told("pacs.008")[0], is_ours=True)
    back = bank.networks["zelle"]._return(row, row.amount_minor, "FOCR")
    bank.hears()
    bank.settles()

    [again] = bank.hears(replace(back, message_id="again"))
    bank.flows.waiting["send_money"].append(again)
    bank.settles()

    [recall] = bank.returns_of(order)
    assert recall["status"] == "RETURNED"
    assert not bank.store.cases
    assert bank.store.accounts["acc_ann"]["posted_minor"] == 1_000


def test_a_recall_that_overtakes_its_payment_finds_it_begun(bank: Bank) -> None:
    network = bank.networks["zelle"]
    with mock.patch.object(network.rng, "choice", side_effect=["bob", "Olive Other"]):
        network._bring_payment()
    payment: Any = network.outbox[0]
    [begun] = bank.hears()
    recall = RecallRequest(
        *("recall_1", bank.now, OTHER_BANK, BANK, "case_1"),
        original=network.payments[payment.end_to_end_id].original,
        amount=payment.amount,
        reason="DUPL",
    )
    [asked] = bank.hears(recall)
    bank.flows.waiting["receive_money"] = [asked, begun, asked]

    bank.settles()

    order = bank.store.orders[bank.store.rail_messages[begun.id]["route"]["order"]]
    assert order["status"] == "POSTED"
    assert [each["status"] for each in bank.returns_of(order["_id"])] == ["RETURN_REVIEW"]
    assert not bank.store.dead_letters


def test_a_request_at_another_bank_is_taken_back_by_its_message(bank: Bank) -> None:
    order = _asked_elsewhere(bank)

    outcome = bank.asks(order, "cancel", "customer")

    assert (outcome["state"], bank.store.orders[order]["status"]) == ("APPLIED", "CANCEL_PENDING")
    [cancellation] = bank.told("camt.055")
    assert cancellation.original.message_id == bank.told("pain.013")[0].message_id
    assert cancellation.to_bank == OTHER_BANK


def test_money_that_came_in_time_pays_the_request_although_its_end_comes_first(bank: Bank) -> None:
    order = _asked_elsewhere(bank)
    network = bank.networks["zelle"]
    network._request(bank.told("pain.013")[0])
    network.outbox.clear()
    network._pay(network.requests[order.partition("_")[2]])
    network.outbox[:-1] = []
    bank.hears()
    bank.flows.settle(bank.store, bank.now, "receive_money", orderly=True)
    [ended] = bank.flows.waiting["request_money"]

    bank.flows.waiting["request_money"] = []
    bank._pass(seconds=timedelta(days=31).total_seconds())
    bank.staff.ask_due()
    bank.settles()
    was = bank.store.orders[order]["status"]
    bank.flows.waiting["request_money"] = [ended]
    bank.settles()

    assert isinstance(ended, EndedElement)
    assert (was, bank.store.orders[order]["status"]) == ("SUBMITTED", "PAID")


def test_a_payment_that_ended_is_not_decided_about_when_it_comes_again(bank: Bank) -> None:
    order = bank.sends("bob", alias_key=None, caused_by="ord_request", creditor=_PARTY)
    before = bank.store.orders[order]

    bank.flows.waiting["send_money"] = [OrderElement(order)]
    bank.settles()

    assert statuses_of(before)[-1] == "COMPLETED"  # type: ignore[arg-type]  # a document is an order
    assert bank.store.orders[order] is before
    assert not bank.store.dead_letters


_PARTY = {"customer": "cus_bob", "account": "acc_bob"}


def _asked_elsewhere(bank: Bank) -> str:
    request = bank.customers._requested("ann", "Oz", alias_key(KNOWN), 100, None)
    bank.store.insert("orders", request | {"body_hash": "0"})
    bank.settles()
    assert bank.store.orders[request["_id"]]["status"] == "SUBMITTED"
    return str(request["_id"])


def test_money_comes_back_twice_only_by_two_returns(bank: Bank) -> None:
    order = _paid_by_zelle(bank)
    row = bank.networks["zelle"]._row(bank.told("pacs.008")[0], is_ours=True)
    back: PaymentReturn = bank.networks["zelle"]._return(row, row.amount_minor)
    bank.hears(replace(back, message_id="again"))

    bank.settles()

    assert [each["status"] for each in bank.returns_of(order)] == ["RETURNED"]
    assert not bank.store.cases


def _asked_from_elsewhere(bank: Bank) -> tuple[Any, MessageElement]:
    """Somebody at another bank asks Bob for money."""
    network = bank.networks["zelle"]
    with mock.patch.object(network.rng, "choice", side_effect=["bob", 5]):
        network._bring_request()
    request: Any = network.outbox[0]
    [begun] = bank.hears()
    return request, begun


def _taken_back(bank: Bank, request: Any, number: int = 1) -> MessageElement:
    cancellation = CancellationRequest(
        *(f"cxl_{number}", bank.now, OTHER_BANK, BANK, f"case_{number}"),
        original=original_of(request),
        amount=request.amount,
        reason="CUST",
    )
    [element] = bank.hears(cancellation)
    return element


def _answers(bank: Bank) -> list[tuple[str, str | None, str]]:
    return [(each.answer, each.reason, each.case_id) for each in bank.told("camt.029")]


def test_a_request_that_its_bank_takes_back_is_cancelled_and_answered_once(bank: Bank) -> None:
    request, begun = _asked_from_elsewhere(bank)
    back = _taken_back(bank, request)
    again = _taken_back(bank, request, 2)
    bank.flows.waiting["request_money"] = [back, begun, back, again, back, again]

    bank.settles()

    [order] = [each for each in bank.store.orders.values() if each["kind"] == "request"]
    assert [step["status"] for step in order["history"]][-2:] == ["DELIVERED", "CANCELLED"]
    assert _answers(bank) == [("CNCL", None, "case_1"), ("RJCR", "ACLR", "case_2")]
    assert bank.told("camt.029")[0].original.message_id == request.message_id
    assert not bank.store.dead_letters


def test_a_request_that_was_promised_is_kept(bank: Bank) -> None:
    request, begun = _asked_from_elsewhere(bank)
    bank.settles()
    order = str(bank.store.rail_messages[begun.id]["route"]["order"])
    outcome = bank.asks(order, "accept", "recipient")

    _taken_back(bank, request)
    bank.settles()

    assert (outcome["state"], bank.store.orders[order]["status"]) == ("APPLIED", "ACCEPTED")
    assert _answers(bank) == [("RJCR", "ALAC", "case_1")]
