"""The generated page of the lifecycle is in step with the table."""

from pathlib import Path

from apps.transactions.domain.lifecycle import COMMANDS, MOVES, REASONS, STATUSES
from apps.transactions.domain.lifecycle_page import page

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "send-lifecycle.md"


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_page_names_everything() -> None:
    lines = page().splitlines()

    assert sum(line.startswith("| ") for line in lines) == 2 * 4 + sum(
        map(len, (STATUSES, MOVES, COMMANDS, REASONS))
    )
