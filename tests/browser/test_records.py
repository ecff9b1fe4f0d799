"""Customers, accounts and entries, by the keyboard alone."""

import re

from playwright.sync_api import Page, expect

from devstack.client import Client
from tests.browser.conftest import Troubles
from tests.support.api_client import a_pair


def test_lead_from_a_customer_to_an_entry_and_its_order(
    page: Page, client: Client, troubles: Troubles
) -> None:
    pair = a_pair(client)
    order = client.wait_final(client.send(pair.order("4.00"))["id"])["id"]

    page.goto("/console/customers")
    page.keyboard.press("/")
    page.keyboard.type(pair.payer.id)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q="))
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/customers/{pair.payer.id}$"))
    page.locator("a.record").first.press("Enter")
    expect(page).to_have_url(re.compile("/accounts/acc_"))
    page.keyboard.press("j")
    page.keyboard.press("o")

    expect(page).to_have_url(re.compile(f"/orders/{order}$"))
    assert troubles.lines == []
