"""The live page under the hand of an operator: nothing moves that is looked at, nothing is lost meanwhile."""

import re

import pytest
from playwright.sync_api import Page, expect

from devstack.client import Client, Document
from tests.browser.conftest import Troubles
from tests.browser.looks import (
    badge_of,
    expect_live,
    open_live,
    places_of_rows,
    row_of,
    rows_listed,
    rows_shown,
)
from tests.browser.wire import Wire
from tests.support.api_client import Pair, a_pair
from tests.support.waiting import wait_until

# Struck for five seconds, and what a busy machine adds.
GONE_WITHIN_MS = 12_000


@pytest.fixture
def pair(client: Client) -> Pair:
    """Two customers with three payments between them that are done."""
    made = a_pair(client)
    for amount in ("1.00", "2.00", "3.00"):
        client.wait_final(client.send(made.order(amount))["id"])
    return made


def held_order(client: Client, pair: Pair) -> Document:
    """The same payment twice: the second one waits for a person."""
    body = pair.order("10.00", reference="Invoice 7")
    client.wait_final(client.send(body)["id"])
    return client.wait_status(client.send(body)["id"], "HELD")


def test_moves_no_row_under_the_pointer(
    page: Page, client: Client, pair: Pair, troubles: Troubles
) -> None:
    open_live(page, f"customer:{pair.payer.id}")
    page.locator("tbody tr").nth(1).hover()
    before = places_of_rows(page)

    order = client.wait_final(client.send(pair.order("4.00"))["id"])["id"]
    pill = page.get_by_role("button", name="1 new")
    expect(pill).to_be_visible()
    during = places_of_rows(page)
    said = page.locator("[data-said]")
    expect(said).to_have_text("1 new")
    page.mouse.move(5, 5)

    assert during == before
    expect(row_of(page, order)).to_be_visible()
    expect(pill).to_be_hidden()
    wait_until(lambda: rows_shown(page) == rows_listed(client, pair.payer.id), 20)
    assert troubles.lines == []


@pytest.mark.parametrize("hold", ["focus", "selection", "help"])
def test_moves_no_row_while_something_is_held(
    hold: str, page: Page, client: Client, pair: Pair
) -> None:
    open_live(page, f"customer:{pair.payer.id}")
    if hold == "focus":
        page.keyboard.press("j")
    elif hold == "selection":
        page.evaluate("getSelection().selectAllChildren(document.querySelector('td.c-payee'))")
    else:
        page.keyboard.press("?")
    before = places_of_rows(page)

    order = client.wait_final(client.send(pair.order("4.00"))["id"])["id"]
    expect(page.locator("[data-new]")).to_have_text("1 new")
    assert places_of_rows(page) == before

    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(row_of(page, order)).to_be_visible()


def test_pause_holds_everything_and_follow_brings_it(
    page: Page, client: Client, pair: Pair, troubles: Troubles
) -> None:
    open_live(page, f"customer:{pair.payer.id}")
    before = rows_shown(page)

    page.keyboard.press(" ")
    expect(badge_of(page)).to_have_text("paused by you")
    client.wait_final(client.send(pair.order("4.00"))["id"])
    expect(page.locator("[data-level]")).to_contain_text("waiting")
    assert rows_shown(page) == before
    page.get_by_role("button", name="Follow").click()

    expect_live(page)
    listed = rows_listed(client, pair.payer.id)
    wait_until(lambda: rows_shown(page) == listed, 20)
    assert len(listed) == len(before) + 1
    expect(page.locator("[data-level]")).to_be_empty()
    assert troubles.lines == []


def test_a_hidden_tab_asks_for_no_rows_and_is_whole_when_it_is_seen_again(
    page: Page, client: Client, pair: Pair
) -> None:
    wire = Wire(page)
    open_live(page, f"customer:{pair.payer.id}")

    _set_visibility(page, "hidden")
    order = client.wait_final(client.send(pair.order("4.00"))["id"])["id"]
    expect(page).to_have_title(re.compile(r"^\([1-9]\) Live payments - DPMS$"))
    expect(row_of(page, order)).to_have_count(0)
    _set_visibility(page, "visible")

    expect(row_of(page, order).locator("[data-field=word]")).to_have_text("Completed")
    expect(page).to_have_title("Live payments - DPMS")
    said = [message["type"] for message in wire.sent if message["type"] in ("pause", "resume")]
    assert said == ["pause", "resume"]


def _set_visibility(page: Page, state: str) -> None:
    page.evaluate(
        """state => {
            Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )


def test_a_row_that_no_longer_matches_is_struck_and_leaves(
    page: Page, client: Client, pair: Pair, troubles: Troubles
) -> None:
    open_live(page, f"customer:{pair.payer.id} status:HELD")
    expect(page.locator("[data-empty]")).to_contain_text("No payment matches now")

    order = held_order(client, pair)
    row = row_of(page, order["id"])
    expect(row).to_be_visible()
    expect(page.locator("[data-match]")).to_have_text("1")
    held = rows_listed(client, pair.payer.id, status="HELD")
    wait_until(lambda: rows_shown(page) == held, 20)
    client.cancel(order["id"], reason="Sent twice")

    expect(row).to_have_class(re.compile(r"\bstruck\b"))
    expect(page.locator("[data-match]")).to_have_text("0")
    expect(row).to_have_count(0, timeout=GONE_WITHIN_MS)
    assert troubles.lines == []


def test_two_pages_with_two_filters_show_each_its_own(
    page: Page, client: Client, pair: Pair
) -> None:
    second = page.context.new_page()
    other = a_pair(client)
    open_live(page, f"customer:{pair.payer.id} is:final amount>=2.00")
    open_live(second, f"customer:{other.payer.id}")

    for amount in ("5.00", "1.50"):
        for each in (pair, other):
            client.wait_final(client.send(each.order(amount))["id"])

    amounts = "[data-field=amount]"
    expect(page.locator(amounts)).to_have_text(["5.00", "3.00", "2.00"])
    expect(second.locator(amounts)).to_have_text(["1.50", "5.00"])
    wait_until(lambda: rows_shown(second) == rows_listed(client, other.payer.id), 20)


def test_the_address_is_the_only_state_of_the_filter(
    page: Page, pair: Pair, troubles: Troubles
) -> None:
    mine = f"customer:{pair.payer.id}"
    page.goto("/console/live")

    page.keyboard.press("/")
    page.keyboard.type(mine)
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_role("link", name="Held").click()
    expect(page.locator("tbody tr")).to_have_count(0)
    held = page.url
    page.go_back()

    expect(page.get_by_label("Filter", exact=True)).to_have_value(mine)
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator(".chip[aria-current]")).to_have_text(["All 3"])
    page.go_forward()
    assert page.url == held
    expect(page.get_by_label("Filter", exact=True)).to_have_value(f"{mine} status:HELD")
    expect(page.locator(".chip[aria-current]")).to_have_text(["Held 0"])
    page.reload()
    expect(page.locator(".chip[aria-current]")).to_have_text(["Held 0"])
    assert troubles.lines == []


def test_a_filter_that_is_not_understood_says_which_term(page: Page) -> None:
    page.goto("/console/live?q=colour:red")

    expect(page.get_by_role("alert")).to_contain_text("colour:red")
    expect(page.get_by_label("Filter", exact=True)).to_have_value("colour:red")
