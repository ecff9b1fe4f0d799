"""The badge claims no more than is known: each state, and what leads to it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Troubles
from tests.browser.looks import badge_of, expect_live, open_live
from tests.browser.wire import Wire

SEEN_WITHIN_MS = 3_000


@pytest.fixture
def wire(page: Page) -> Wire:
    """A live page whose frames a test may add to."""
    between = Wire(page)
    open_live(page)
    return between


def test_says_live_and_how_far_behind(page: Page, wire: Wire, troubles: Troubles) -> None:
    expect(badge_of(page)).to_contain_text("lag under 1 s")

    wire.say(
        type="beat", mode="live", fresh_at="2026-11-22T12:04:31.000Z", lag_ms=4200, seq=0, epoch=""
    )

    expect(badge_of(page)).to_contain_text("lag 4 s", timeout=SEEN_WITHIN_MS)
    assert troubles.lines == []


def test_says_stale_since_when_and_moves_nothing(page: Page, wire: Wire) -> None:
    before = page.locator("[data-scroll]").bounding_box()
    wire.say(
        type="beat", mode="stale", fresh_at="2026-11-22T12:04:31.000Z", lag_ms=0, seq=0, epoch=""
    )

    expect(badge_of(page)).to_contain_text("stale since 12:04:31 UTC", timeout=SEEN_WITHIN_MS)
    expect(page.locator(".state-bar")).to_contain_text("Not live since 12:04:31 UTC")
    assert page.locator("[data-scroll]").bounding_box() == before


def test_says_slow_mode(page: Page, wire: Wire) -> None:
    wire.say(
        type="beat", mode="slow", fresh_at="2026-11-22T12:04:31.000Z", lag_ms=0, seq=0, epoch=""
    )

    expect(badge_of(page)).to_contain_text("slow mode", timeout=SEEN_WITHIN_MS)
    expect(page.locator(".state-bar")).to_contain_text("up to a second later")


@pytest.mark.usefixtures("wire")
def test_stops_saying_live_at_once_when_the_browser_is_offline(page: Page) -> None:
    page.context.set_offline(True)
    expect(badge_of(page)).to_have_attribute("data-state", "stale", timeout=SEEN_WITHIN_MS)

    page.context.set_offline(False)
    expect_live(page)


def test_says_in_words_how_the_load_is_met(page: Page, wire: Wire) -> None:
    sid = wire.sids()[-1]

    wire.say(type="waiting", sid=sid, level=2, changes=1240, seq=1)
    expect(page.locator("[data-level]")).to_have_text(
        "1,240 changes waiting", timeout=SEEN_WITHIN_MS
    )
    expect(badge_of(page)).to_have_text("paused by load")

    wire.say(type="waiting", sid=sid, level=1, changes=0, seq=1)
    expect(page.locator("[data-level]")).to_have_text("slowed to twice a second")
    expect_live(page)


@pytest.mark.parametrize(
    ("code", "word", "act"),
    [
        (4401, "signed out", "Sign in"),
        (4403, "rights changed", "Reload the page"),
        (4409, "reload the page", "Reload the page"),
    ],
)
def test_says_why_it_is_over_and_does_not_try_again(
    code: int, word: str, act: str, page: Page, wire: Wire
) -> None:
    questions = len(wire.sids())

    wire.end(code)

    expect(badge_of(page)).to_have_text(word, timeout=SEEN_WITHIN_MS)
    expect(page.locator(".state-bar").get_by_role("button", name=act)).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(badge_of(page)).to_have_text(word)
    assert len(wire.sids()) == questions


@pytest.mark.usefixtures("wire")
def test_says_signed_out_when_the_session_ends_elsewhere(page: Page) -> None:
    other = page.context.new_page()
    other.goto("/console/orders")
    other.get_by_role("button", name="Sign out").click()

    expect(badge_of(page)).to_have_text("signed out", timeout=15_000)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/console/login/**")


def test_another_build_offers_to_reload_and_goes_on(page: Page, wire: Wire) -> None:
    page.evaluate("window.wasLoadedOnce = true")

    beat = {"mode": "live", "fresh_at": None, "lag_ms": 0, "seq": 0, "epoch": ""}
    wire.say(type="welcome", build="another", **beat)

    bar = page.locator(".state-bar")
    expect(bar).to_contain_text("A newer version of this console is in use.")
    expect_live(page)
    assert page.evaluate("window.wasLoadedOnce") is True
    bar.get_by_role("button", name="Reload the page").click()
    expect(bar).to_have_count(0)
