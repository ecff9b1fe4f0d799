"""The live page in a real browser: payments become final before the eyes of staff, and the badge does not lie."""

import os
import signal

from playwright.sync_api import Page, expect

from devstack.client import Client
from tests.browser.conftest import Troubles
from tests.browser.looks import badge_of, open_live, row_of
from tests.support.api_client import a_pair
from tests.support.stack import Stack

# A beat every 5 s, and half of one more until its absence is news.
NOT_LIVE_WITHIN_MS = 12_000
LIVE_AGAIN_WITHIN_MS = 40_000


def test_an_order_appears_and_becomes_final_without_a_reload(
    page: Page, client: Client, troubles: Troubles
) -> None:
    pair = a_pair(client)
    open_live(page)
    page.evaluate("window.wasLoadedOnce = true")

    row = row_of(page, client.send(pair.order("12.34"))["id"])

    expect(row.locator("[data-field=word]")).to_have_text("Completed")
    expect(row.locator("[data-field=amount]")).to_have_text("12.34")
    assert page.evaluate("window.wasLoadedOnce") is True
    assert troubles.lines == []


def test_a_waiting_order_changes_before_the_eyes(
    page: Page, client: Client, troubles: Troubles
) -> None:
    pair = a_pair(client)
    body = pair.order("10.00", reference="Invoice 7")
    client.wait_final(client.send(body)["id"])
    open_live(page)

    order = client.send(body)["id"]
    word = row_of(page, order).locator("[data-field=word]")
    expect(word).to_have_text("Held")
    client.cancel(order, reason="Sent twice")

    expect(word).to_have_text("Cancelled")
    assert troubles.lines == []


def test_the_order_page_tells_the_history(page: Page, client: Client, troubles: Troubles) -> None:
    pair = a_pair(client)
    order = client.wait_final(client.send(pair.order("12.34"))["id"])
    newest_first = [event["sentence"] for event in reversed(client.events(order["id"]))]

    page.goto(f"/console/orders/{order['id']}")

    expect(page.locator(".step-sentence")).to_have_text(newest_first)
    expect(page.locator(".order-amount")).to_contain_text("12.34")
    assert len(newest_first) == 4
    assert troubles.lines == []


def test_the_badge_stops_saying_live_when_the_server_is_silent(page: Page, stack: Stack) -> None:
    """Stopped, not killed: the connection stays open, so only the missing beat can tell."""
    open_live(page)
    web = stack.pid("web")

    os.kill(web, signal.SIGSTOP)
    try:
        expect(badge_of(page)).to_have_attribute("data-state", "stale", timeout=NOT_LIVE_WITHIN_MS)
    finally:
        os.kill(web, signal.SIGCONT)

    expect(badge_of(page)).to_have_attribute("data-state", "live", timeout=LIVE_AGAIN_WITHIN_MS)


def test_the_page_catches_up_after_the_server_was_killed(
    page: Page, stack: Stack, client: Client
) -> None:
    pair = a_pair(client)
    open_live(page)
    before = stack.component("web")

    os.kill(before["pid"], signal.SIGKILL)
    expect(badge_of(page)).to_have_attribute("data-state", "stale", timeout=NOT_LIVE_WITHIN_MS)
    stack.wait_replaced("web", before=before)
    order = client.send(pair.order("3.21"))["id"]

    expect(badge_of(page)).to_have_attribute("data-state", "live", timeout=LIVE_AGAIN_WITHIN_MS)
    expect(row_of(page, order).locator("[data-field=word]")).to_have_text("Completed")


def test_the_badge_stops_saying_live_when_the_bridge_is_silent(page: Page, stack: Stack) -> None:
    """The socket is fine and beats; what it could show is not."""
    open_live(page)
    bridge = stack.pid("bridge")

    os.kill(bridge, signal.SIGSTOP)
    try:
        expect(badge_of(page)).not_to_have_attribute("data-state", "live", timeout=20_000)
    finally:
        os.kill(bridge, signal.SIGCONT)

    expect(badge_of(page)).to_have_attribute("data-state", "live", timeout=LIVE_AGAIN_WITHIN_MS)
