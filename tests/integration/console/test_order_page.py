"""The page of one order: its story, its commands, its part, and what there is not."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from pymongo.database import Database

from dpms_site.mongodb import Document
from tests.integration.console.builders import NOW, an_order, completed
from tests.integration.console.test_pages import html_of, text_of, write


def test_tell_the_whole_story_of_an_order(browser: Client, database: Database[Document]) -> None:
    order = completed(an_order(reference="Rent 12"))
    order["creditor"] = {"customer": "cus_bea", "account": "acc_bea"}
    write(database, order)
    database["customers"].insert_one({"_id": "cus_ann", "name": "Ann Novak"})
    database["accounts"].insert_one({"_id": "acc_ann", "number_last4": "4321"})
    lines = [
        {"account": "acc_ann", "layer": "held", "amount_minor": 1234},
        {"account": "acc_int_holds_USD_1", "layer": "held", "amount_minor": -1234},
    ]
    entry = {"kind": "hold", "order": order["_id"], "order_version": 3, "currency": "USD"}
    database["entries"].insert_one({"_id": "e1", **entry, "lines": lines, "at": NOW})

    text = text_of(browser, f"/console/orders/{order['_id']}")

    for step in ("Received", "Validated", "Funded", "Completed"):
        assert step in text
    assert "12.34 USD to Bea Castillo. Paid to Bea Castillo. Nothing more is due." in text
    assert "Ann Novak" in text
    assert "+100 ms" in text
    assert "Money set aside" in text
    assert "+12.34" in text
    assert "final after 300 ms, version 4" in text
    assert not re.search(r"\b(None|NaN|undefined)\b", text)


def test_tell_what_became_of_each_command(browser: Client, database: Database[Document]) -> None:
    order = an_order()
    write(database, order)
    actor = {"kind": "customer", "id": "cli_tests"}
    for number, created_at in (("1", NOW), ("2", NOW + timedelta(seconds=1))):
        command = {"type": "cancel", "order": order["_id"], "actor": actor, "reason": "Sent twice"}
        database["commands"].insert_one(
            {"_id": f"cmd_{number}", **command, "created_at": created_at}
        )
    outcome = {"state": "REFUSED", "reason": "order_final", "detail": "The order is final."}
    database["outcomes"].insert_one({"_id": "cmd_1", "order": order["_id"], **outcome})

    text = text_of(browser, f"/console/orders/{order['_id']}")

    assert "Refused order_final · The order is final." in text
    assert "Pending Not decided yet." in text


def test_have_a_part_that_is_the_page_without_its_frame(
    browser: Client, database: Database[Document]
) -> None:
    order = completed(an_order())
    write(database, order)

    part = html_of(browser, f"/console/orders/{order['_id']}/part")

    assert 'data-version="4"' in part
    assert "<html" not in part
    assert "12.34" in part


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("order", ["ord_nope", "x" * 300, "%3Cscript%3E"])
def test_say_that_there_is_no_such_order(order: str, browser: Client) -> None:
    html = html_of(browser, f"/console/orders/{order}", status=404)

    assert "There is nothing at this address" in html
    assert "<script>" not in html
