"""The live table under a bad connection: when it is quiet again, it says what the API says."""

from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import Page, expect

from devstack.client import Client
from tests.browser.conftest import Troubles
from tests.browser.looks import badge_of, expect_live, open_live, rows_listed, rows_shown
from tests.browser.wire import Wire
from tests.support.api_client import Pair, a_pair
from tests.support.waiting import wait_until

ORDERS = 12
ROUNDS_MAX = 6
MISCHIEF = {"drop", "double", "swap"}
QUIET_SECONDS = 40
# A closed socket is news at once; the rest is drawing.
CUT_SEEN_WITHIN_MS = 3_000


def test_ends_as_the_api_says_when_frames_are_dropped_doubled_and_swapped(
    page: Page, client: Client, troubles: Troubles
) -> None:
    pair = a_pair(client)
    wire = Wire(page)
    open_live(page, f"customer:{pair.payer.id}")

    wire.lossy()
    rounds = 0
    while not set(wire.done) >= MISCHIEF and rounds < ROUNDS_MAX:
        rounds += 1  # how many frames tell of the same orders depends on how busy the machine is
        _pay_while_watching(page, client, pair, ORDERS)
    wire.calm()

    _wait_as_the_api_says(page, client, pair)
    assert set(wire.done) >= MISCHIEF
    assert len(rows_shown(page)) == rounds * ORDERS
    assert troubles.lines == []


def test_ends_as_the_api_says_when_the_socket_breaks_again_and_again(
    page: Page, client: Client
) -> None:
    pair = a_pair(client)
    wire = Wire(page)
    open_live(page, f"customer:{pair.payer.id}")

    for _ in range(3):
        wire.break_once()
        _pay_while_watching(page, client, pair, 2)

    _wait_as_the_api_says(page, client, pair)
    assert len(rows_shown(page)) == 6
    expect_live(page)


def test_catches_up_on_what_happened_while_it_was_away(page: Page, client: Client) -> None:
    pair = a_pair(client)
    wire = Wire(page)
    before = client.wait_final(client.send(pair.order("1.00"))["id"])["id"]
    open_live(page, f"customer:{pair.payer.id}")

    wire.cut()
    expect(badge_of(page)).to_have_attribute("data-state", "stale", timeout=CUT_SEEN_WITHIN_MS)
    expect(page.locator(".state-bar")).to_contain_text("Not live since")
    _pay_while_watching(page, client, pair, 5)
    assert [row[0] for row in rows_shown(page)] == [before]
    wire.mend()

    expect_live(page)
    _wait_as_the_api_says(page, client, pair)
    expect(page.locator(".state-bar")).to_have_count(0)
    # It went on from its number instead of reading everything anew.
    assert wire.sent[-1]["type"] in ("sub", "ack")
    assert [message for message in wire.sent if message["type"] == "sub"][-1]["after"] is not None


def _pay_while_watching(page: Page, client: Client, pair: Pair, orders: int) -> None:
    """Sends orders until all are final; the page's own questions meanwhile keep the wire moving."""
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(_pay, client, pair, 1 + number) for number in range(orders)]
        wait_until(lambda: (rows_shown(page), all(each.done() for each in sent))[1], 120)
        for each in sent:
            each.result()


def _pay(client: Client, pair: Pair, amount: int) -> None:
    client.wait_final(client.send(pair.order(f"{amount}.07"))["id"], seconds=60)


def _wait_as_the_api_says(page: Page, client: Client, pair: Pair) -> None:
    """The pointer is not over the table, so nothing is kept back."""
    listed = rows_listed(client, pair.payer.id)
    wait_until(lambda: rows_shown(page) == listed, QUIET_SECONDS, f"the table says {listed}")
