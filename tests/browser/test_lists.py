"""Pages that are read rather than watched: figures and values stay true, and nothing moves."""

import re

from playwright.sync_api import Locator, Page, expect

from devstack.client import Client
from tests.browser.conftest import Troubles
from tests.browser.looks import expect_live, places_of_rows, row_of, rows_listed, rows_shown
from tests.support.api_client import a_pair
from tests.support.waiting import wait_until


def test_the_list_changes_values_in_place_and_says_what_is_new(
    page: Page, client: Client, troubles: Troubles
) -> None:
    pair = a_pair(client)
    body = pair.order("10.00", reference="Invoice 7")
    client.wait_final(client.send(body)["id"])
    held = client.wait_status(client.send(body)["id"], "HELD")["id"]
    page.goto(f"/console/orders?q=customer:{pair.payer.id}")
    expect_live(page)
    before = places_of_rows(page)

    client.cancel(held, reason="Sent twice")
    expect(row_of(page, held).locator("[data-field=word]")).to_have_text("Cancelled")
    client.wait_final(client.send(pair.order("4.00"))["id"])
    pill = page.get_by_role("link", name="1 new")
    expect(pill).to_be_visible()

    assert places_of_rows(page) == before
    expect(page.locator(".chip[data-status=CANCELLED] .chip-count")).to_have_text("1")
    expect(page.locator(".chip-count").first).to_have_text("3")
    pill.click()
    wait_until(lambda: rows_shown(page) == rows_listed(client, pair.payer.id), 20)
    assert len(rows_shown(page)) == 3
    assert troubles.lines == []


def test_the_list_strikes_what_no_longer_matches_and_keeps_it(page: Page, client: Client) -> None:
    pair = a_pair(client)
    body = pair.order("10.00", reference="Invoice 7")
    client.wait_final(client.send(body)["id"])
    held = client.wait_status(client.send(body)["id"], "HELD")["id"]
    page.goto(f"/console/orders?q=customer:{pair.payer.id} status:HELD")
    expect_live(page)

    client.cancel(held, reason="Sent twice")

    expect(row_of(page, held)).to_have_class(re.compile(r"\bstruck\b"))
    expect(row_of(page, held)).to_have_attribute("title", "No longer matches the filter")


def test_the_overview_counts_without_a_reload(
    page: Page, client: Client, troubles: Troubles
) -> None:
    pair = a_pair(client)
    page.goto("/console/")
    expect_live(page)
    tile = page.locator("[data-count-of=COMPLETED]")
    tiles = page.locator(".tile")
    before = int(tile.inner_text().replace(",", ""))
    places = [tiles.nth(number).bounding_box() for number in range(tiles.count())]

    client.wait_final(client.send(pair.order("4.00"))["id"])

    expect(tile).to_have_text(f"{before + 1:,}")
    assert [tiles.nth(number).bounding_box() for number in range(tiles.count())] == places
    assert troubles.lines == []


def test_the_chips_stand_on_one_line_and_the_others_behind_a_button(
    page: Page, troubles: Troubles
) -> None:
    page.set_viewport_size({"width": 1000, "height": 800})
    page.goto("/console/orders?q=status:CANCELLED")
    chips = page.locator(".chip")
    more = page.get_by_role("button", name=re.compile(r"^[0-9]+ more$"))
    below = page.locator(".scroll, .empty").first

    expect(more).to_have_attribute("aria-expanded", "false")
    before = below.bounding_box()
    hidden = int(more.inner_text().split()[0])
    more.click()
    shown = [box["y"] for box in (chip.bounding_box() for chip in chips.all()) if box]

    assert len([y for y in shown if y > shown[0]]) == hidden > 0
    assert below.bounding_box() == before
    page.keyboard.press("Escape")
    expect(more).to_have_attribute("aria-expanded", "false")
    expect(more).to_be_focused()
    assert troubles.lines == []


def test_the_chosen_chip_is_in_sight_however_little_room_there_is(page: Page) -> None:
    page.goto("/console/orders?q=status:CANCELLED")
    chosen = page.locator(".chip[data-status=CANCELLED]")
    expect(chosen).to_have_attribute("aria-current", "true")

    page.locator(".chips-row").evaluate("row => { row.style.width = '250px' }")

    expect(page.locator(".chip").nth(1)).to_have_attribute("data-status", "CANCELLED")
    wait_until(lambda: _top(chosen) == _top(page.locator(".chip").first), 5)


def _top(chip: Locator) -> float:
    box = chip.bounding_box()
    assert box is not None
    return box["y"]
