"""What is said of a payee's name beside the name of the alias's owner."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.parties.domain.name_check import NameCheck, name_check


@pytest.mark.parametrize(
    ("written", "owner", "expected"),
    [
        ("Ann Archer", "Ann Archer", "MATCH"),
        ("ANN  ARCHER", "Ann Archer", "MATCH"),
        ("Zoe O'Neil", "Zoë ONeil", "MATCH"),
        ("Anna-Lena Berg", "Anna Lena Berg", "MATCH"),
        ("Archer Ann", "Ann Archer", "CLOSE_MATCH"),
        ("Ann Archer", "Ann Beatrice Archer", "CLOSE_MATCH"),
        ("A. Archer", "Ann Archer", "CLOSE_MATCH"),
        ("Jon Smith", "John Smith", "CLOSE_MATCH"),
        ("Ann", "Ann Archer", "NO_MATCH"),
        ("Bob Baker", "Ann Archer", "NO_MATCH"),
        ("Ann Archer", "Bob Archer", "NO_MATCH"),
        ("...", "Ann Archer", "NO_MATCH"),
        ("Ann Archer", None, "UNAVAILABLE"),
    ],
)
def test_names(written: str, owner: str | None, expected: str) -> None:
    assert name_check(written, owner) is NameCheck(expected)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_names_get_an_answer_whichever_is_whose(one: str, other: str) -> None:
    assert name_check(one, other) is name_check(other, one)
