"""The list of requests …"""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from pymongo.database import Database

from apps.transactions.domain.request_order import children_of
from dpms_site.mongodb import Document
from tests.integration.console.builders import NOW, an_order, moved
from tests.integration.console.records import Records
from tests.integration.console.test_customer_pages import ids
from tests.integration.console.test_pages import html_of, text_of, write
from tests.support.orders import a_foreign_request, a_request, a_split
from tests.support.rails import a_transfer

DELIVERED = moved(a_request("delivered"), "DELIVERED")
EXPIRED = {**DELIVERED, "_id": "ord_expired", "status": "EXPIRED", "final": True}
FOREIGN = a_foreign_request()
REQUESTS = [a_split(), DELIVERED, EXPIRED, FOREIGN]


@pytest.fixture
def requests(database: Database[Document], records: Records) -> None:
    write(database, an_order(), *REQUESTS)  # type: ignore[arg-type]
    records.customer(_id="cus_ann", name="Ann Novak")


@pytest.mark.usefixtures("requests")
def test_says_who_is_asked_by_whom_until_when(browser: Client) -> None:
    text = text_of(browser, "/console/requests")

    assert "30.00 USD 2 payers split in 2 Ann Novak 6 Dec 2026 12:00 Dinner" in text
    assert "Delivered 30.00 USD Bea Castillo Ann Novak" in text
    assert "Bea Castillo Carl Cash other bank" in text
    assert "Expired 30.00 USD Bea Castillo Ann Novak over" in text
    assert "4 requests in all, newest first" in text
    assert not re.search(r"\b(None|NaN|undefined)\b", text)


@pytest.mark.usefixtures("requests")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", REQUESTS),
        ("state=open", [REQUESTS[0], DELIVERED, FOREIGN]),
        ("state=ended", [EXPIRED]),
        ("state=expired", [EXPIRED]),
        ("status=DELIVERED", [DELIVERED]),
        ("q=cus_bea", [FOREIGN]),
        ("q=e2e-foreign", [FOREIGN]),
        ("q=Dinner&state=ended", [EXPIRED]),
        ("q=nothing", []),
    ],
)
def test_is_narrowed(query: str, found: list[Document], browser: Client) -> None:
    html = html_of(browser, f"/console/requests?{query}")

    assert set(ids(html)) == {order["_id"] for order in found}
    assert ("No request matches" in html) is (not found)


def test_pages_and_turns_round_without_loss(browser: Client, database: Database[Document]) -> None:
    write(database, *(a_request(f"r{n}") for n in range(60)))  # type: ignore[arg-type]
    listed, address = [], "/console/requests?sort=oldest"
    for _ in range(2):
        html = html_of(browser, address)
        listed += ids(html)
        following = re.search(r'href="(\?[^"]+)" rel="next"', html)
        address = "/console/requests" + unescape(following[1]) if following else ""

    assert address == ""
    assert listed == sorted(listed)
    assert len(listed) == 60


@pytest.mark.usefixtures("database")
def test_says_why_it_is_empty(browser: Client) -> None:
    assert "No requests yet" in text_of(browser, "/console/requests")
    assert "could not be shown" in text_of(browser, "/console/requests?state=odd", status=400)


def test_leads_to_a_page_with_shares_and_where_they_stand(
    browser: Client, database: Database[Document]
) -> None:
    split = a_split()
    asked = moved(children_of(split, NOW)[0], "DELIVERED")
    write(database, split, asked)  # type: ignore[arg-type]

    text = text_of(browser, f"/console/orders/{split['_id']}")
    share = text_of(browser, f"/console/orders/{asked['_id']}")

    assert "Bea 15.00 USD Delivered ord_" in text
    assert "Carl 15.00 USD not asked yet" in text
    assert "The split it is a share of Received 30.00 USD requested from 2 payers" in share


def test_leads_to_a_page_with_payment_case_and_messages(
    browser: Client, database: Database[Document], records: Records
) -> None:
    request = a_request()
    payment: Document = {**an_order(now=NOW + timedelta(days=1)), "caused_by": request["_id"]}
    write(database, request, payment)  # type: ignore[arg-type]
    records.case(payment["_id"])
    records.receipt(records.sent(a_transfer(), order=payment["_id"]), "REFUSED", http_status=400)

    asked = text_of(browser, f"/console/orders/{request['_id']}")
    paid = text_of(browser, f"/console/orders/{payment['_id']}")

    assert "Payment sent Received 12.34 USD to Bea Castillo" in asked
    assert "Taken now: cancel of customer, operator" in asked
    assert "The request it pays Received 30.00 USD requested from Bea Castillo" in paid
    assert "Dispute Open Not received To be decided by 6 Dec 2026" in paid
    assert "Sent Payment pacs.008 \N{EN DASH} Refused" in paid
