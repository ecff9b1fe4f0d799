"""The audit pages: fields before and after, as far as the role may see them; what wants a look says why."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pymongo.database import Database

from apps.audit import selectors
from dpms_site import mongodb
from dpms_site.mongodb import Document
from streaming.prepare import prepare_audit_database
from tests.integration.console.people import browser_of, somebody
from tests.support.core import NOW
from tests.support.trail import a_change, a_customer, an_order, entries


@pytest.fixture
def trail(database: Database[Document]) -> Any:  # noqa: ARG001 - the access log is emptied after the test
    prepare_audit_database(mongodb.audit_database())
    yield selectors.trail()
    selectors.trail().delete_many({})


@pytest.fixture
def olga(database: Database[Document]) -> Client:  # noqa: ARG001
    return browser_of(somebody("olga", "operator"))


def recorded(trail: Any, *found: Document) -> None:
    for number, entry in enumerate(found):
        at = {"recorded_at": NOW + timedelta(milliseconds=number), "n": number, "job": "audit#1"}
        trail.insert_one({**entry, **at})


def text_of(browser: Client, address: str, *, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status, answer.content[:500]
    body = answer.content.decode()
    body = body[body.index("<main") : body.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_an_order_s_tab_shows_each_change_with_its_maker_and_fields(
    trail: Any, olga: Client
) -> None:
    moved: Any = {"collection": "orders", "offset": 3, "transaction": "s#1"}
    recorded(
        trail,
        *entries(
            a_change(None, an_order(1), collection="orders"),
            a_change(an_order(1), an_order(2), **moved),
        ),
    )

    text = text_of(olga, "/console/orders/ord_1/audit")

    assert "Changed orders version 2 stream send_money#1" in text
    assert "version 1 2" in text
    assert "dpms.cdc.orders:0:3" in text
    assert "Created orders version 1 customer cli_tests" in text
    assert "Look at this" not in text


def test_a_write_out_of_band_is_marked_and_says_why(trail: Any, olga: Client) -> None:
    forged = an_order(1, memo="changed by hand")
    recorded(trail, *entries(a_change(an_order(1), forged, collection="orders")))

    text = text_of(olga, "/console/audit?alarms=1")

    assert "Look at this: It was changed outside the transaction that changes it." in text
    assert "memo null changed by hand" in text
    assert "unknown out of band" in text


@pytest.mark.parametrize(("role", "shows"), [("operator", False), ("compliance", True)])
def test_contact_points_are_for_full_sight(trail: Any, role: str, shows: bool) -> None:
    before = a_customer(1, email="ann@example.com", address={"street": "7 Elm Road"})
    after = a_customer(2, email="ann.new@example.com", address={"street": "8 Elm Road"})
    recorded(trail, *entries(a_change(None, before), a_change(before, after, offset=1)))

    text = text_of(browser_of(somebody("pat", role)), "/console/audit?entity=cus_ann")

    assert [word in text for word in ("ann@example.com", "ann.new@example.com", "7 Elm")] == [
        shows
    ] * 3
    assert "email" in text


def test_a_secret_s_hash_is_for_nobody(trail: Any) -> None:
    alias = {**a_customer(1), "_id": "als_1", "code_hash": "5f2b"}
    recorded(trail, *entries(a_change(None, alias, collection="aliases")))

    assert "5f2b" not in text_of(browser_of(somebody("cora", "compliance")), "/console/audit")


def test_older_entries_are_a_page_away_and_none_is_shown_twice(
    trail: Any, olga: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "PAGE_ENTRIES", 2)
    changes = [a_change(None, {**a_customer(1), "_id": f"cus_{number}"}) for number in range(5)]
    recorded(trail, *[entry for change in changes for entry in entries(change)])

    seen: list[str] = []
    address = "/console/audit"
    while address:
        html = olga.get(address).content.decode()
        seen += re.findall(r"entity=(cus_\d)", html)
        following = re.search(r'href="(\?cursor=[^"]+)" rel="next"', html)
        address = f"/console/audit{unescape(following[1])}" if following else ""

    assert seen == [f"cus_{number}" for number in reversed(range(5))]


def test_nothing_found_says_what_was_looked_for(trail: Any, olga: Client) -> None:
    assert trail.count_documents({}) == 0
    assert "No entry yet" in text_of(olga, "/console/audit")
    assert "Nothing to look at" in text_of(olga, "/console/audit?alarms=1")
    assert "No entry of cus_nobody" in text_of(olga, "/console/audit?entity=cus_nobody")
    answer = olga.get("/console/orders/ord_nobody/audit")
    assert answer.status_code == 404


@pytest.mark.parametrize("asked", ["cursor=nonsense", f"entity={'x' * 101}"])
def test_an_address_that_the_console_never_made_is_refused_in_words(
    trail: Any, olga: Client, asked: str
) -> None:
    assert trail.count_documents({}) == 0
    assert "This cannot be shown" in text_of(olga, f"/console/audit?{asked}", status=400)
