"""The generated page of payees is in step with the rules."""

from pathlib import Path

from apps.parties.domain.payee_limits import POLICIES
from apps.parties.domain.trust import ASKED, MOVES, WORDS
from apps.parties.domain.trust_page import page

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "payees.md"


def test_the_page_is_what_the_rules_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_page_names_everything() -> None:
    lines = page().splitlines()

    rows = sum(line.startswith("| ") for line in lines)
    steps = sum(len(policy.steps) for policy in POLICIES.values())
    heads = 2 * (3 + len(POLICIES))
    assert rows == heads + len(WORDS) + len(MOVES) + len(ASKED) + steps
