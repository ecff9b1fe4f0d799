"""What the pages tell of an order for a later day."""

from django.test import Client
from pymongo.database import Database

from devstack.client import Document
from streaming.contracts.codec import storable
from tests.integration.console.builders import an_order, moved


def test_tell_the_day_that_an_order_is_for(browser: Client, database: Database[Document]) -> None:
    order = moved(an_order(execute_on="2026-12-05"), "SCHEDULED")
    database["orders"].insert_one(storable(order))

    page = browser.get(f"/console/orders/{order['_id']}").content.decode()
    rows = browser.get("/console/orders").content.decode()

    assert "To be paid on" in page
    assert "2026-12-05" in page
    assert "Scheduled for 5 December 2026." in page
    assert "Scheduled for 5 December 2026." in rows
