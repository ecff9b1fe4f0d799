"""The gateway between our orders and the networks, over real HTTP …"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from apps.rails.domain.ids import inbound_id, inbound_order_id
from apps.rails.domain.messages import CancellationRequest, StatusRequest
from apps.rails.iso20022.codec import original_of, to_xml
from apps.rails.networks.adapter import NotOffered
from apps.rails.networks.over_http import HttpNetwork
from apps.rails.networks.registry import NETWORKS
from apps.rails.simulators.store import Store
from tests.integration.rails.town import (
    ORDER,
    ROUTE,
    a_gateway,
    a_network,
    a_payment,
    ports,
    post,
    received,
    sends,
)
from tests.support.rails import END_TO_END, NOW, OURS, THEIRS, a_request, a_status, a_transfer
from tests.support.waiting import wait_until

Document = dict[str, Any]
BOMB = b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">]><d>&b;</d>'


@dataclass
class Town:
    database: Database[Document]
    zelle: Store
    interfi: Store
    inbox: str
    zelle_url: str

    def receipt(self, message: str) -> Document:
        found = wait_until(
            lambda: self.database.rail_receipts.find_one({"_id": message}), 10, "a receipt"
        )
        assert found is not None
        return found

    def answers(self, number: int, kind: str = "pacs.002") -> list[Document]:
        """At least so many inbound messages, once they are there."""

        def found() -> list[Document] | None:
            came = received(self.database, kind)
            return came if len(came) >= number else None

        return wait_until(found, 10, f"{number} {kind}")

    def letters(self) -> list[Document]:
        return list(self.database.dead_letters.find())


@pytest.fixture
def town(database: Database[Document], tmp_path: Path) -> Iterator[Town]:
    at = ports("gateway", "zelle", "interfi")
    inbox = f"http://127.0.0.1:{at['gateway']}"
    urls = {name: f"http://127.0.0.1:{at[name]}" for name in ("zelle", "interfi")}
    with (
        a_network("zelle", tmp_path, at["zelle"], inbox) as zelle,
        a_network("interfi", tmp_path, at["interfi"], inbox) as interfi,
        a_gateway(database, urls, at["gateway"]),
    ):
        yield Town(database, zelle, interfi, inbox, urls["zelle"])


@pytest.fixture
def inbox(database: Database[Document]) -> Iterator[str]:
    """A gateway whose networks are all away."""
    port = ports("gateway")["gateway"]
    with a_gateway(database, {}, port):
        yield f"http://127.0.0.1:{port}/inbox/zelle"


def test_sends_what_an_order_wants_sent_and_brings_the_answer_to_it(town: Town) -> None:
    message = sends(town.database, a_payment())

    receipt = town.receipt(message)
    (answer,) = town.answers(1)

    assert (receipt["state"], receipt["http_status"], receipt["order"]) == ("TAKEN", 202, ORDER)
    assert receipt["made_by"] == "gateway:zelle"
    assert (answer["order"], answer["route"]) == (ORDER, ROUTE)
    assert (answer["fields"]["status"], answer["end_to_end_id"]) == ("ACSC", END_TO_END)
    assert answer["_id"] == inbound_id("zelle", answer["message_id"])
    assert answer["made_by"] == "gateway:zelle"


def test_keeps_all_answers_of_a_network_that_answers_several_times(town: Town) -> None:
    sends(town.database, a_payment(reference="SIM-DUPLICATE-ANSWER"))

    town.answers(2)
    wait_until(lambda: _delivered(town.zelle) == 3, 10, "all three are delivered")

    answers = received(town.database)
    assert [each["fields"]["status"] for each in answers] == ["ACSC", "ACSC"]
    assert len({each["_id"] for each in answers}) == 2
    assert _executed(town.zelle) == 1


def test_hears_late_answers_and_asks_about_missing_ones(town: Town) -> None:
    payment = a_payment(reference="SIM-TIMEOUT-30")
    town.receipt(sends(town.database, payment))

    ask = StatusRequest("ask1", NOW, original_of(payment))
    town.receipt(sends(town.database, ask))
    (meanwhile,) = town.answers(1)
    town.zelle.advance(30)
    late = town.answers(2)[-1]

    assert (meanwhile["fields"]["status"], late["fields"]["status"]) == ("PDNG", "ACSC")
    assert {meanwhile["order"], late["order"]} == {ORDER}


def test_keeps_a_garbled_answer_and_gets_a_good_one_by_asking(town: Town) -> None:
    payment = a_payment(reference="SIM-GARBLED")
    sends(town.database, payment)
    (letter,) = wait_until(town.letters, 10, "a dead letter")

    sends(town.database, StatusRequest("ask1", NOW, original_of(payment)))
    (answer,) = town.answers(1)

    assert (letter["reason"], letter["flow"]) == ("not_well_formed", "rail_gateway")
    assert answer["fields"]["status"] == "ACSC"
    assert _executed(town.zelle) == 1
    wait_until(lambda: _delivered(town.zelle, "REFUSED") == 1, 10, "the network stopped")


def test_brings_settlement_and_return_of_an_interfi_transfer(town: Town) -> None:
    sends(town.database, a_payment(reference="SIM-RETURN-FOCR"), network="interfi")
    town.answers(1)

    town.interfi.advance(60)

    assert [each["fields"]["status"] for each in town.answers(2)] == ["ACSP", "ACSC"]
    (back,) = town.answers(1, "pacs.004")
    assert (back["order"], back["fields"]["reason"]) == (ORDER, "FOCR")
    assert back["fields"]["amount"] == {"amount_minor": 1234, "currency": "USD"}


def test_keeps_the_refusal_of_a_network_as_a_receipt_and_sends_it_never_again(town: Town) -> None:
    message = sends(town.database, a_request(message_id="req9"), network="interfi")

    receipt = town.receipt(message)

    assert (receipt["state"], receipt["http_status"]) == ("REFUSED", 422)
    assert "message_unexpected" in receipt["answer"]


def test_routes_money_for_a_customer_by_alias(town: Town) -> None:
    alias = {"key": "email:ann@example.com", "status": "ACTIVE"}
    town.database.aliases.insert_one(
        {"_id": "als_1", "customer": "cus_ann", "account": "acc_ann", **alias}
    )
    money = {"value": "25.00", "currency": "USD"}
    known = {"amount": money, "creditor": {"alias": "email:ann@example.com"}}
    unknown = {"amount": money, "creditor": {"alias": "email:nobody@example.com"}}

    sent = [post(f"{town.zelle_url}/sandbox/payments", each)[1] for each in (known, unknown)]
    by_id = {each["end_to_end_id"]: each for each in town.answers(2, "pacs.008")}

    orders = [inbound_order_id("zelle", each["end_to_end_id"]) for each in sent]
    assert [by_id[each["end_to_end_id"]]["route"] for each in sent] == [
        {"order": orders[0], "customer": "cus_ann", "account": "acc_ann"},
        {"order": orders[1], "customer": None, "account": None},
    ]
    assert {each["order"] for each in by_id.values()} == {None}
    town.database.aliases.delete_many({})


def test_knows_the_request_that_money_answers_and_the_payment_that_a_recall_is_about(
    town: Town,
) -> None:
    sends(town.database, a_request(reference="SIM-PAY"))
    (payment,) = town.answers(1, "pacs.008")

    post(f"{town.zelle_url}/sandbox/recalls", {"end_to_end_id": END_TO_END})
    (recall,) = town.answers(1, "camt.056")

    assert payment["order"] == ORDER
    assert payment["route"]["order"] == inbound_order_id("zelle", END_TO_END)
    assert recall["order"] == recall["route"]["order"] == payment["route"]["order"]


def test_tells_the_request_that_was_taken_back_what_the_network_says(town: Town) -> None:
    request = a_request(expires_at=None)
    sends(town.database, request)
    about = original_of(request)

    taken_back = CancellationRequest(
        "cxl1", NOW, OURS, THEIRS, "case1", about, request.amount, reason="CUST"
    )
    town.receipt(sends(town.database, taken_back, at=NOW + timedelta(seconds=1)))
    (answer,) = town.answers(1, "camt.029")

    assert (answer["order"], answer["route"]) == (ORDER, ROUTE)
    said = ("answer", "reason", "case_id", "from_bank")
    assert [answer["fields"][name] for name in said] == ["CNCL", None, "case1", THEIRS]
    assert answer["fields"]["original"]["message_type"] == "pain.013.001.07"
    assert answer["fields"]["original"]["message_id"] == request.message_id


@pytest.mark.parametrize(
    ("status", "code", "body"),
    [
        (422, "dtd_forbidden", BOMB),
        (422, "not_well_formed", b"OK"),
        (422, "schema_invalid", to_xml(a_transfer()).replace("CLRG", "NONE").encode()),
        (422, "unknown_message", b"<hello/>"),
        (422, "too_large", b" " * 200_000),
        (422, "original_unknown", to_xml(a_status("ACSC")).encode()),
    ],
)
def test_keeps_what_nobody_can_use_as_one_dead_letter_and_refuses_it(
    inbox: str, database: Database[Document], status: int, code: str, body: bytes
) -> None:
    answers = [post(inbox, body) for _ in range(2)]

    assert [(each[0], each[1]["code"]) for each in answers] == [(status, code)] * 2
    (letter,) = database.dead_letters.find()
    assert (letter["_id"], letter["reason"]) == (answers[0][1]["dead_letter"], code)
    assert letter["value"] == body
    assert database.rail_messages.count_documents({}) == 0


def test_takes_a_redelivery_as_the_same_and_another_message_under_its_id_as_a_dead_letter(
    inbox: str, database: Database[Document]
) -> None:
    xml = to_xml(a_transfer())

    answers = [post(inbox, each.encode())[0] for each in (xml, xml, xml.replace("Rent", "Debt"))]

    assert answers == [202, 200, 409]
    assert database.rail_messages.count_documents({}) == 1
    (letter,) = database.dead_letters.find()
    assert letter["reason"] == "message_id_reused"


def test_refuses_what_is_sent_to_nobody(inbox: str) -> None:
    assert post(inbox.replace("zelle", "nobody"), b"x")[0] == 404
    assert post(inbox, b" " * 5_000_000)[0] == 413


def test_sends_when_the_network_is_there_again(
    database: Database[Document], tmp_path: Path
) -> None:
    """The message waits, then goes out once, with one that was inserted meanwhile."""
    at = ports("gateway", "zelle")
    inbox = f"http://127.0.0.1:{at['gateway']}"
    first = sends(database, a_payment())
    with a_gateway(database, {"zelle": f"http://127.0.0.1:{at['zelle']}"}, at["gateway"]):
        second = sends(database, a_payment("5", end_to_end_id="second"))
        with a_network("zelle", tmp_path, at["zelle"], inbox) as zelle:
            for message in (first, second):
                wait_until(
                    lambda: database.rail_receipts.find_one({"_id": message}),  # noqa: B023 - at once
                    10,
                )

            assert _executed(zelle) == 2


def test_a_payment_that_waited_goes_out_before_what_asks_about_it(
    database: Database[Document], tmp_path: Path
) -> None:
    """The gateway begins with what has no receipt, in the order of its ids: the enquiry's comes first."""
    at = ports("gateway", "zelle")
    payment = a_payment()
    sends(database, payment)
    ask = StatusRequest("0ask", NOW, original_of(payment))
    asked = sends(database, ask, at=NOW + timedelta(seconds=30))

    inbox = f"http://127.0.0.1:{at['gateway']}"
    with (
        a_network("zelle", tmp_path, at["zelle"], inbox),
        a_gateway(database, {"zelle": f"http://127.0.0.1:{at['zelle']}"}, at["gateway"]),
    ):
        wait_until(lambda: database.rail_receipts.find_one({"_id": asked}), 10, "it was asked")
        came = wait_until(lambda: _two(received(database, "pacs.002")), 10, "both answers")

    assert [answer["fields"]["status"] for answer in came] == ["ACSC", "ACSC"]


def _two(found: list[Document]) -> list[Document] | None:
    return found if len(found) == 2 else None


def _executed(store: Store) -> int:
    found = store.one("SELECT sum(executed) AS number FROM instructions")
    return found["number"] if found else 0


def _delivered(store: Store, state: str = "TAKEN") -> int:
    found = store.one("SELECT count(*) AS number FROM outbox WHERE state = ?", state)
    return found["number"] if found else 0


def test_gives_the_directory_and_account_links_to_whom_asks(town: Town) -> None:
    zelle = HttpNetwork(NETWORKS["zelle"], town.zelle_url)
    served = zelle.look_up("email:olive@other-bank.example")

    assert served is not None
    assert served.bank != OURS
    assert zelle.look_up("email:nobody@example.com") is None
    with pytest.raises(NotOffered):
        zelle.open_link("lnk_1", routing_number=OURS, account_number="1")
    zelle.close()
