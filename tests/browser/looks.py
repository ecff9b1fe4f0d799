"""What a test sees of a page that moves: its badge, its rows, where they stand."""

from playwright.sync_api import Locator, Page, expect

from devstack.client import Client

Row = tuple[str, int, str]


def open_live(page: Page, q: str = "") -> None:
    """The live page, once it says that it is live."""
    page.goto(f"/console/live?q={q}" if q else "/console/live")
    expect_live(page)


def expect_live(page: Page, *, seconds: float = 20) -> None:
    expect(badge_of(page)).to_have_attribute("data-state", "live", timeout=seconds * 1000)


def badge_of(page: Page) -> Locator:
    return page.locator("dp-badge")


def row_of(page: Page, order: str) -> Locator:
    return page.locator(f"tr[data-id={order}]")


def rows_shown(page: Page) -> list[Row]:
    """Id, version and status of each row that still matches, from the top."""
    shown: list[list[str]] = page.eval_on_selector_all(
        "tbody tr[data-id]:not(.struck)",
        "rows => rows.map(row => [row.dataset.id, row.dataset.version, row.dataset.status])",
    )
    return [(order, int(version), status) for order, version, status in shown]


def places_of_rows(page: Page) -> dict[str, tuple[float, float]]:
    """Top and bottom of each row on the screen."""
    places: dict[str, list[float]] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("tbody tr[data-id]")].map(row => {
            const { top, bottom } = row.getBoundingClientRect();
            return [row.dataset.id, [top, bottom]];
        }))"""
    )
    return {order: (top, bottom) for order, (top, bottom) in places.items()}


def rows_listed(client: Client, customer: str, *, status: str = "") -> list[Row]:
    """The same as the API lists them now, newest first."""
    query = f"customer={customer}&limit=100" + (f"&status={status}" if status else "")
    listed = client.get(f"/api/v1/orders?{query}")
    return [(row["id"], row["version"], row["status"]) for row in listed["data"]]
