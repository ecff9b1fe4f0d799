"""The feed in a real Chromium with nothing behind it: whatever the network does, the rows end right."""

from typing import Any

from playwright.sync_api import Page

HISTORIES = 300


def test_rows_end_as_the_list_says_whatever_becomes_of_the_frames(scripts: Page) -> None:
    """Delayed, dropped, doubled and swapped frames, lost questions and lost sockets; then two beats of quiet."""
    played = _play(scripts, seeds=range(HISTORIES))

    assert [history["seed"] for history in played if not history["isSame"]] == []
    assert [history["seed"] for history in played if history["wentBack"]] == []
    # The network was as bad as it was meant to be, and there was something to show.
    for mischief in ("dropped", "doubled", "swapped", "refilled"):
        assert sum(history[mischief] for history in played) > HISTORIES / 10, mischief
    assert sum(history["rows"] for history in played) > HISTORIES * 3


def _play(scripts: Page, *, seeds: range) -> list[dict[str, Any]]:
    played: list[dict[str, Any]] = scripts.evaluate(
        """async ([first, last]) => {
            const { play } = await import("/tests/browser/lossy_feed.js");
            const played = [];
            for (let seed = first; seed < last; seed += 1) played.push(await play(seed));
            return played;
        }""",
        [seeds.start, seeds.stop],
    )
    return played
