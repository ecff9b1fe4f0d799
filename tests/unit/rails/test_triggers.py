"""What a reference makes a simulated network do."""

import re
from pathlib import Path

import pytest

from apps.rails.simulators.triggers import TRIGGERS, Behaviour, behaviour_of

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "networks.md"


def test_the_page_tells_every_trigger_as_the_code_does() -> None:
    rows = re.findall(r"^\| `(SIM-[A-Z0-9-]+)` \| (.*) \|$", PAGE.read_text(), re.MULTILINE)

    assert dict(rows) == TRIGGERS


@pytest.mark.parametrize("word", TRIGGERS)
def test_every_trigger_changes_what_happens(word: str) -> None:
    assert behaviour_of(f"Rent {word} for May") != Behaviour()


@pytest.mark.parametrize("reference", [None, "", "Rent", "sim-ac04", "SIM-", "SIM-NOBODY-KNOWS"])
def test_anything_else_is_ordinary(reference: str | None) -> None:
    assert behaviour_of(reference) == Behaviour()


def test_numbers_and_codes_are_free() -> None:
    assert behaviour_of("SIM-TIMEOUT-5").answer_seconds == 5
    assert behaviour_of("SIM-RETURN-CUST").return_code == "CUST"
    assert behaviour_of("SIM-RETURN-PART-CUST").returns_half
    assert not behaviour_of("SIM-RETURN-CUST").returns_half
    assert behaviour_of("SIM-AM09").reject_code == "AM09"
