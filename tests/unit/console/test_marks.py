"""The mark of a status …"""

import re
from pathlib import Path

import pytest

from apps.console.marks import STATUSES, mark_of, mark_of_command
from apps.transactions.domain.lifecycle import FINAL, STATUS_NAMES
from streaming.config import PROJECT

SPRITE = Path(PROJECT, "templates/console/_sprite.html").read_text()
STYLES = "".join(path.read_text() for path in Path(PROJECT, "static/css").glob("*.css"))


@pytest.mark.parametrize("status", STATUS_NAMES)
def test_is_there_for_every_status_of_every_lifecycle(status: str) -> None:
    assert status in STATUSES


@pytest.mark.parametrize("status", [*STATUSES, "SOMETHING_NEW"])
def test_has_a_shape_and_a_tone_that_exist(status: str) -> None:
    mark = mark_of(status)

    assert f'id="s-{mark.shape}"' in SPRITE
    assert re.search(rf"\.tone-{mark.tone} \{{", STYLES)
    assert mark.word


def test_differs_by_more_than_colour() -> None:
    """Two statuses that share a shape share the tone too, so nobody needs the colour to tell them apart."""
    tone_of_shape: dict[str, set[str]] = {mark_of(status).shape: set() for status in STATUSES}
    for status in STATUSES:
        tone_of_shape[mark_of(status).shape].add(mark_of(status).tone)

    assert all(len(tones) == 1 for tones in tone_of_shape.values())


def test_shows_progress_only_while_something_is_due() -> None:
    assert {status for status in STATUSES if mark_of(status).tone == "progress"}.isdisjoint(FINAL)


def test_names_a_status_it_does_not_know_as_it_is() -> None:
    assert mark_of("SOMETHING_NEW").word == "Something new"
    assert mark_of_command("ODD").word == "Odd"
