"""A real Chromium with somebody of staff logged in, and an eye on everything that goes wrong in it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Route,
    expect,
    sync_playwright,
)

from tests.support.sockets import LOGIN_PATH, staff_login
from tests.support.stack import Stack

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without these Chromium calls home, and in a container its sandbox does not start.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_PROJECT = Path(__file__).resolve().parent.parent.parent
_SCRIPTS_SITE = "http://scripts.test"

# The stack shares its cores with Chromium and with whatever else runs here.
_PATIENCE_MS = 20_000


@dataclass
class Troubles:
    """What a browser's own developer would see in red."""

    lines: list[str] = field(default_factory=list)

    def watch(self, page: Page, *, site: str) -> None:
        def on_console(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self.lines.append(f"console {message.type}: {message.text}")

        def on_request(request: Request) -> None:
            if not request.url.startswith((site, "data:")):
                self.lines.append(f"request to another host: {request.url}")

        def on_failed(request: Request) -> None:
            # A page that is left gives up what it was still asking for.
            if request.failure != "net::ERR_ABORTED":
                self.lines.append(f"failed: {request.url}: {request.failure}")

        page.on("console", on_console)
        page.on("request", on_request)
        page.on("pageerror", lambda error: self.lines.append(f"exception: {error}"))
        page.on("requestfailed", on_failed)
        page.on(
            "response",
            lambda response: (
                self.lines.append(f"{response.status}: {response.url}")
                if response.status >= 400
                else None
            ),
        )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next((found for found in map(shutil.which, _NAMES) if found), None)
    if path is None:
        pytest.skip(
            "no Chromium found; install it (on Debian: apt-get install chromium) or run .ci/run"
        )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser, stack: Stack) -> Iterator[BrowserContext]:
    opened = browser.new_context(
        base_url=stack.status()["web"], viewport={"width": 1440, "height": 900}
    )
    opened.set_default_timeout(_PATIENCE_MS)
    expect.set_options(timeout=_PATIENCE_MS)
    yield opened
    opened.close()


@pytest.fixture
def troubles() -> Troubles:
    return Troubles()


@pytest.fixture
def page(context: BrowserContext, stack: Stack, troubles: Troubles) -> Page:
    """A page of the console, logged in through the form as staff."""
    status = stack.status()
    opened = context.new_page()
    troubles.watch(opened, site=status["web"])
    username, password = staff_login(status)
    opened.goto(LOGIN_PATH)
    opened.get_by_label("User name").fill(username)
    opened.get_by_label("Password").fill(password)
    # Not by a click: the pointer would then rest on the page, and rows do not move under it.
    opened.get_by_label("Password").press("Enter")
    opened.wait_for_url("**/console/")
    return opened


@pytest.fixture
def scripts(browser: Browser) -> Iterator[Page]:
    """An empty page that can import the console's scripts; they come from the disk, and nothing else does."""
    context = browser.new_context()
    context.route("**/*", _from_disk)
    page = context.new_page()
    page.goto(_SCRIPTS_SITE)
    yield page
    context.close()


def _from_disk(route: Route) -> None:
    path = urlsplit(route.request.url).path
    if path == "/":
        route.fulfill(body="<!doctype html><title>Feed</title>", content_type="text/html")
    elif path.endswith(".js"):
        route.fulfill(path=_PROJECT / path.lstrip("/"), content_type="text/javascript")
    else:
        route.fulfill(status=404)
