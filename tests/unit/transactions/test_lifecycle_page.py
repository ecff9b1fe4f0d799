"""The generated pages of the lifecycles are in step with their tables."""

from pathlib import Path

import pytest

from apps.transactions.domain.lifecycle import LIFECYCLES, REASONS
from apps.transactions.domain.lifecycle_page import page

PAGES = Path(__file__).parents[3] / "docs" / "reference"


@pytest.mark.parametrize("kind", LIFECYCLES)
def test_the_page_is_what_the_table_says(kind: str) -> None:
    assert (PAGES / f"{kind}-lifecycle.md").read_text(encoding="utf-8") == page(kind)


@pytest.mark.parametrize("kind", LIFECYCLES)
def test_the_page_names_everything(kind: str) -> None:
    of = LIFECYCLES[kind]

    lines = page(kind).splitlines()

    assert sum(line.startswith("| ") for line in lines) == 2 * 5 + sum(
        map(len, (of.statuses, of.moves, of.commands, of.events, REASONS))
    )
