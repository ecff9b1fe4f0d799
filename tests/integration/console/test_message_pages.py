"""The pages of network messages …"""

import re
from datetime import timedelta

import pytest
from django.test import Client
from pymongo.database import Database

from apps.rails.domain.messages import Party
from dpms_site.mongodb import Document
from tests.integration.console.builders import NOW
from tests.integration.console.people import browser_of, somebody
from tests.integration.console.records import Records
from tests.integration.console.test_customer_pages import ids
from tests.integration.console.test_pages import html_of, text_of, write
from tests.support.orders import a_receipt
from tests.support.rails import a_status, a_transfer

DORA = Party(name="Dora Lang", bank="021000021", alias="email:dora@example.org")
PAYMENT = a_transfer(message_id="pay", creditor=DORA)


@pytest.fixture
def payment(records: Records) -> str:
    """A payment that the network took, and its rejection."""
    sent = records.sent(PAYMENT, order="ord_1")
    records.receipt(sent, "TAKEN")
    answer = a_status("RJCT", reason="AC04", message_id="no")
    records.came_in(answer, order="ord_1", now=NOW + timedelta(seconds=1))
    records.sent(a_transfer(message_id="late", end_to_end_id="e2e-late"), order="ord_2")
    return str(sent["_id"])


@pytest.mark.usefixtures("payment")
def test_list_what_was_said_and_what_became_of_it(browser: Client) -> None:
    text = text_of(browser, "/console/messages")

    assert "Came in Payment status pacs.002 Rejected RJCT AC04 \N{EN DASH} Zelle" in text
    assert "Sent Payment pacs.008 \N{EN DASH} Taken 12.34 USD Zelle" in text
    assert "Sent Payment pacs.008 \N{EN DASH} Not sent yet 12.34 USD Zelle" in text
    assert "3 messages in all, newest first" in text
    assert not re.search(r"\b(None|NaN|undefined)\b", text)


@pytest.mark.usefixtures("payment")
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("type=pacs.002", 1),
        ("type=pacs.008", 2),
        ("type=pain.013", 0),
        ("direction=in", 1),
        ("network=zelle&direction=out", 2),
        ("network=interfi", 0),
        ("q=e2e-late", 1),
        ("q=e2e", 0),
        ("q=ord_1", 2),
        ("q=msg_la", 1),
        ("q=$where", 0),
    ],
)
def test_are_narrowed(query: str, count: int, browser: Client) -> None:
    html = html_of(browser, f"/console/messages?{query}")

    assert len(ids(html)) == count
    assert ("No message matches" in html) is (count == 0)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("query", ["type=x", "network=swift", "direction=up", "cursor=x", "sort=a"])
def test_say_what_is_wrong_with_an_address(query: str, browser: Client) -> None:
    assert "could not be shown" in text_of(browser, f"/console/messages?{query}", status=400)


@pytest.mark.usefixtures("database")
def test_say_why_they_are_empty(browser: Client) -> None:
    assert "No messages yet" in text_of(browser, "/console/messages")
    assert "Nothing further" in text_of(browser, "/console/messages?cursor=1000.msg_1")
    assert html_of(browser, "/console/messages/msg_none", status=404)


def test_tell_one_message_whole(browser: Client, payment: str) -> None:
    address = f"/console/messages/{payment}"

    text = text_of(browser, address)

    assert "Payment pacs.008.001.08" in text
    assert "sent to Zelle" in text
    assert "Taken HTTP 202" in text
    assert "Creditor name Dora Lang" in text
    assert "Amount 12.34 USD" in text
    assert "<CdtTrfTxInf>" in text
    assert 'href="/console/orders/ord_1"' in html_of(browser, address)
    assert not re.search(r"\b(None|NaN|undefined)\b", text)


def test_mask_contact_points_below_the_widest_sight(browser: Client, payment: str) -> None:
    compliance = browser_of(somebody("carla", "compliance"))
    address = f"/console/messages/{payment}"

    assert "dora@example.org" not in html_of(browser, address)
    assert html_of(browser, address).count("d•••@example.org") == 2
    assert html_of(compliance, address).count("dora@example.org") == 2


def test_cut_account_numbers_in_what_a_network_sent_and_nobody_can_read(
    database: Database[Document],
) -> None:
    letter = {"reason": "schema_invalid", "detail": "", "flow": "rail_gateway", "at": NOW}
    value = b"<Id>12345678901</Id><IBAN>DE89370400440532013000</IBAN>"
    database["dead_letters"].insert_one(
        {"_id": "rail:zelle:abc", **letter, "key": "zelle", "value": value}
    )

    html = html_of(browser_of(somebody("carla", "compliance")), "/console/dead-letters")

    assert "&lt;Id&gt;••••8901&lt;/Id&gt;&lt;IBAN&gt;DE••••3000&lt;/IBAN&gt;" in html


def test_lead_from_a_payment_that_came_in_to_its_order_and_back(
    browser: Client, database: Database[Document], records: Records
) -> None:
    receipt = a_receipt()
    write(database, receipt)  # type: ignore[arg-type]
    payment = a_transfer(message_id="in", end_to_end_id=receipt["end_to_end_id"])
    came = records.came_in(payment, became=receipt["_id"])["_id"]

    for address in ("/console/messages", f"/console/messages/{came}"):
        assert f'href="/console/orders/{receipt["_id"]}"' in html_of(browser, address)
    assert f"/console/messages/{came}" in html_of(browser, f"/console/orders/{receipt['_id']}")
    assert ids(html_of(browser, f"/console/messages?q={receipt['_id']}")) == [came]
