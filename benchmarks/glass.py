"""From a change in the system of record to its row in a browser: what an operator's eye has to wait for."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.figures import Figure, at_of, percentiles_ms
from benchmarks.measures import ends_of, send_evenly
from benchmarks.workload import Workload
from devstack.client import Client

# Notes for each row and version when it was first there after a frame was painted, in epoch milliseconds.
_NOTE_WHAT_SHOWS = """() => {
  const body = document.querySelector("dp-feed [data-rows]");
  window.seen = {};
  const note = () => {
    const now = performance.timeOrigin + performance.now();
    for (const row of body.rows) window.seen[`${row.dataset.id}@${row.dataset.version}`] ??= now;
  };
  new MutationObserver(() => requestAnimationFrame(note)).observe(
    body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-version"] });
}"""
_SETTLED_SECONDS = 3.0


def row_visible(
    client: Client, workload: Workload, status: dict[str, Any], *, per_second: float, seconds: float
) -> Figure:
    """From the history's time of an order's last change to that version of its row on the live page.

    Chromium runs on the same cores; without one there is no figure.
    """
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        return {"figure": "change_to_row_visible_ms", "left_out": "there is no Chromium"}
    with _live_page(program, status) as page:
        page.evaluate(_NOTE_WHAT_SHOWS)
        sent = send_evenly(client, workload, per_second=per_second, seconds=seconds)
        time.sleep(_SETTLED_SECONDS)
        seen: dict[str, float] = page.evaluate("() => window.seen")
    ends = ends_of(client, [each.order for each in sent])
    latencies = []
    for order, end in ends.items():
        shown_ms = seen.get(f"{order}@{end['version']}")
        if shown_ms is not None:
            latencies.append(shown_ms / 1000 - at_of(end))
    return {
        "figure": "change_to_row_visible_ms",
        "per_second": per_second,
        "orders": len(sent),
        "never_seen": len(sent) - len(latencies),
        **percentiles_ms(latencies),
    }


@contextmanager
def _live_page(program: str, status: dict[str, Any]) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    person = next(p for p in status["credentials"]["staff"] if p["role"] == "operator")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{status['web']}/console/login/?next=/console/live")
        page.fill("input[name=username]", person["username"])
        page.fill("input[name=password]", person["password"])
        page.keyboard.press("Enter")
        page.wait_for_selector("dp-feed")
        page.wait_for_selector("dp-badge[data-state=live]")
        yield page
        browser.close()
