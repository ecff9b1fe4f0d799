"""Orders of every kind …"""

import re
from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client
from pymongo.database import Database

from apps.console.feed import Feed
from apps.profiles.selectors import orders_under_way
from dpms_site.mongodb import Document
from streaming.contracts.codec import storable
from tests.integration.console.builders import an_order, record_of
from tests.integration.console.test_pages import html_of, order_ids, text_of
from tests.support.orders import a_foreign_request, a_receipt, a_request, a_return, a_split

SENT = an_order()
ORDERS: dict[str, Any] = {
    "send": SENT,
    "receive": a_receipt(),
    "request": a_request(),
    "split": a_split(),
    "foreign": a_foreign_request(),
    "inward": a_return(SENT, "inward"),
    "outward": a_return(a_receipt(), "outward", asked=True),
}


@pytest.fixture
def orders(database: Database[Document]) -> Iterable[dict[str, Any]]:
    database["orders"].insert_many([storable(order) for order in ORDERS.values()])
    return ORDERS.values()


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("address", ["/console/", "/console/live", "/console/orders"])
def test_stand_in_every_list(address: str, browser: Client) -> None:
    html, text = html_of(browser, address), text_of(browser, address)

    assert set(order_ids(html)) == {order["_id"] for order in ORDERS.values()}
    for kind in ("Send", "Receive", "Request", "Return"):
        assert re.search(rf'data-field="kind">{kind}<', html)
    assert "Carl Cash → to Ann Novak" in text
    assert not re.search(r"\b(None|NaN|undefined)\b", text)


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize(
    ("kind", "parties"),
    [
        ("receive", "From Carl Cash bank 021000021 To Ann Novak cus_ann acc_ann"),
        ("request", "Asked to pay Bea Castillo Asked by Customer cus_ann"),
        ("foreign", "Asked by Carl Cash c•••@example.org ••••6789 bank 021000021"),
        ("inward", "From Bea Castillo To Customer cus_ann acc_ann"),
        ("outward", "From Customer cus_ann acc_ann To Carl Cash"),
    ],
)
def test_have_a_page_that_says_who_pays_whom(kind: str, parties: str, browser: Client) -> None:
    address = f"/console/orders/{ORDERS[kind]['_id']}"

    text = text_of(browser, address)

    assert parties in text
    assert not re.search(r"\b(None|NaN|undefined)\b", text)
    assert text_of(browser, f"{address}/part")


@pytest.mark.usefixtures("orders")
def test_are_narrowed_to_one_kind_and_its_statuses(browser: Client) -> None:
    html = html_of(browser, "/console/orders?q=kind:request")

    assert set(order_ids(html)) == {ORDERS[kind]["_id"] for kind in ("request", "split", "foreign")}
    assert re.search(r'<a href="\?q=kind%3Arequest" aria-current="true">Request</a>', html)
    statuses = re.findall(r'class="chip"[^>]*data-status="([A-Z_]+)"', html)
    assert "BROKEN_PROMISE" in statuses
    assert "HELD" not in statuses


def test_are_numbered_by_the_feed_whatever_they_lack(
    feed: Feed, database: Database[Document]
) -> None:
    numbered = feed.append([record_of(order) for order in ORDERS.values()])

    assert numbered == len(ORDERS)
    rows = [event["row"] for event in database["feed_events"].find()]
    assert {row["kind"] for row in rows} == {"send", "receive", "request", "return"}
    assert database["dead_letters"].count_documents({}) == 0


def test_are_the_customers_on_whichever_side(browser: Client, records: Any, orders: Any) -> None:
    records.customer(_id="cus_ann", name="Ann Novak")
    of_ann = {order["_id"] for order in orders} - {ORDERS["foreign"]["_id"]}

    assert set(order_ids(html_of(browser, "/console/customers/cus_ann"))) == of_ann
    records.account("cus_ann", _id="acc_ann")
    assert set(order_ids(html_of(browser, "/console/accounts/acc_ann/orders"))) == of_ann


@pytest.mark.usefixtures("orders")
def test_stand_in_the_way_of_leaving_on_whichever_side() -> None:
    named, count = orders_under_way("cus_ann", named_max=20)

    assert (set(named), count) == (
        {order["_id"] for order in ORDERS.values()} - {ORDERS["foreign"]["_id"]},
        len(ORDERS) - 1,
    )
    assert orders_under_way("cus_bea", named_max=20)[0] == [ORDERS["foreign"]["_id"]]
