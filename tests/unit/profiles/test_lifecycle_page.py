"""The generated part of the customers' page is in step with the tables."""

from pathlib import Path

from apps.profiles.domain.code import CODE_LIFE
from apps.profiles.domain.lifecycle import MOVES, STATUSES
from apps.profiles.domain.lifecycle_page import BEGIN, END, part
from apps.profiles.domain.preferences import EVENTS

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "customers.md"


def test_the_page_says_what_the_tables_say() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert text[text.index(BEGIN) : text.index(END)] + END + "\n" == part()


def test_the_part_names_everything() -> None:
    rows = [line for line in part().splitlines() if line.startswith("| ")]

    assert len(rows) == 2 * 4 + sum(map(len, (STATUSES, MOVES, CODE_LIFE, EVENTS)))
