"""What a sight hides of a customer …"""

import pytest

from apps.access.roles import Sight
from apps.console import masking
from apps.console.customer_search import is_contact, loggable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ann (ann@example.com)", "Ann (a•••@example.com)"),
        ("ask ANN@example.com, or bea@example.org", "ask A•••@example.com, or b•••@example.org"),
        ("call +12025550123.", "call •••23."),
        ("Ann @ home", "Ann @ home"),
        (None, ""),
    ],
)
def test_hides_contact_points_wherever_they_stand(text: str | None, shown: str) -> None:
    contacts = ("ann@example.com", "+12025550123", None)

    assert masking.text(text, Sight.MASKED, *contacts) == shown
    assert masking.text(text, Sight.FULL, *contacts) == (text or "")


@pytest.mark.parametrize(
    ("number", "shown"),
    [("DE89370400440532013000", "DE89 •••• 3000"), ("1234567", "••••4567"), ("", "••••")],
)
def test_never_shows_a_whole_account_number(number: str, shown: str) -> None:
    assert masking.account_number(number) == shown


@pytest.mark.parametrize("q", ["ann@example.com", "@", "+1 (202) 555-0123", "2025550123"])
def test_keeps_a_contact_point_that_is_searched_for_out_of_the_log(q: str) -> None:
    assert is_contact(q)
    assert loggable(q) != q


@pytest.mark.parametrize("q", ["Ann Novak", "cus_01m7", "4321", "Studio 54", ""])
def test_takes_a_name_or_an_id_for_what_it_is(q: str) -> None:
    assert not is_contact(q)
    assert loggable(q) == q
