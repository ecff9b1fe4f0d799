"""The rows on the screen, in a real Chromium with nothing behind it."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.waiting import wait_until

# The table alone, and a view with as many orders as are asked for; `play` says what stands in the table then.
_BENCH = """async () => {
    const { nothing } = await import("/static/js/fold.js");
    const { Table } = await import("/static/js/table.js");
    document.body.innerHTML = "<table><tbody></tbody></table>";
    const body = document.querySelector("tbody");
    const make = (row) => {
        const element = document.createElement("tr");
        Object.assign(element.dataset, { id: row.id, version: row.version, created: row.created_at });
        return element;
    };
    window.isHeld = false;
    window.table = new Table({ body, mould: { make }, isHeld: () => window.isHeld });
    window.show = (first, last, floor = null) => {
        const view = nothing(200);
        for (let number = first; number <= last; number += 1) {
            const id = String(number).padStart(6, "0");
            view.rows.set(id, { id, version: 1, created_at: id });
        }
        view.floor = floor && { id: floor, created_at: floor };
        window.table.show(view);
    };
    window.ids = (selector = "tr") => [...body.querySelectorAll(selector)].map((row) => Number(row.dataset.id));
}"""


@pytest.fixture
def bench(scripts: Page) -> Page:
    scripts.evaluate(_BENCH)
    return scripts


def ids(page: Page, selector: str = "tr") -> list[int]:
    found: list[int] = page.evaluate("selector => ids(selector)", selector)
    return found


def show(page: Page, *arguments: Any) -> None:
    page.evaluate("numbers => show(...numbers)", list(arguments))


def test_stand_newest_first_wherever_they_came_in(bench: Page) -> None:
    show(bench, 10, 12)
    show(bench, 8, 15)

    assert ids(bench) == [15, 14, 13, 12, 11, 10, 9, 8]


def test_wait_while_the_table_is_held(bench: Page) -> None:
    show(bench, 1, 3)
    bench.evaluate("isHeld = true")
    show(bench, 1, 5)

    assert ids(bench) == [3, 2, 1]
    assert bench.evaluate("table.waiting") == 2

    bench.evaluate("isHeld = false; table.release()")
    assert ids(bench) == [5, 4, 3, 2, 1]
    assert bench.evaluate("table.waiting") == 0


def test_are_struck_for_five_seconds_before_they_leave(bench: Page) -> None:
    show(bench, 1, 3)
    bench.evaluate("now = performance.now(); performance.now = () => now")
    show(bench, 2, 3)

    assert (ids(bench), ids(bench, ".struck")) == ([3, 2, 1], [1])
    assert bench.evaluate("table.size") == 2
    bench.evaluate("now += 4900; table.release()")
    assert ids(bench) == [3, 2, 1]
    bench.evaluate("now += 200; table.release()")
    assert ids(bench) == [3, 2]


def test_stay_where_they_are_struck_while_the_table_is_held(bench: Page) -> None:
    show(bench, 1, 3)
    bench.evaluate("isHeld = true; now = performance.now(); performance.now = () => now")
    show(bench, 2, 3)
    bench.evaluate("now += 60_000; table.release()")

    assert ids(bench) == [3, 2, 1]
    bench.evaluate("isHeld = false; table.release()")
    assert ids(bench) == [3, 2]


def test_are_not_struck_any_more_when_they_match_again(bench: Page) -> None:
    show(bench, 1, 3)
    show(bench, 2, 3)
    show(bench, 1, 3)

    assert (ids(bench), ids(bench, ".struck")) == ([3, 2, 1], [])


def test_fall_off_the_end_without_being_struck(bench: Page) -> None:
    show(bench, 1, 3)
    bench.evaluate("isHeld = true")
    show(bench, 2, 4, "000002")

    assert (ids(bench), ids(bench, ".struck")) == ([3, 2, 1], [])
    bench.evaluate("isHeld = false; table.release()")
    wait_until(lambda: bench.evaluate("table.release()") or ids(bench) == [4, 3, 2], 5)


def test_are_never_more_than_two_hundred(bench: Page) -> None:
    show(bench, 1, 200)
    show(bench, 101, 300)

    assert ids(bench) == list(range(300, 100, -1))
