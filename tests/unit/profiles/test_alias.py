"""Aliases in their one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.errors import Invalid
from apps.profiles.domain.alias import email, key_of, normalised, phone


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (" Ann@Example.COM ", "ann@example.com"),
        ("a.b+c@mail.example.org", "a.b+c@mail.example.org"),
    ],
)
def test_an_email_address_is_lower_case(written: str, stored: str) -> None:
    assert email(written) == stored


@pytest.mark.parametrize(
    "written", ["", "ann", "@example.com", "ann@example", "a b@example.com", "ann@exämple.com"]
)
def test_refuses_what_is_no_email_address(written: str) -> None:
    with pytest.raises(Invalid, match="alias_malformed"):
        email(written)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("(202) 555-0123", "+12025550123"),
        ("1-202-555-0123", "+12025550123"),
        ("+1 202 555 0123", "+12025550123"),
        ("+44 20 7946 0958", "+442079460958"),
    ],
)
def test_a_phone_number_is_e164(written: str, stored: str) -> None:
    assert phone(written) == stored


@pytest.mark.parametrize(
    "written", ["", "555-0123", "0202555012", "+0123456789", "+1234567890123456", "+1202555012x"]
)
def test_refuses_what_is_no_phone_number(written: str) -> None:
    with pytest.raises(Invalid, match="alias_malformed"):
        phone(written)


@given(st.sampled_from(["email", "phone"]), st.text(max_size=40))
def test_the_one_form_is_stable(kind: str, text: str) -> None:
    try:
        stored = normalised(kind, text)
    except Invalid:
        return
    assert normalised(kind, stored) == stored
    assert key_of(kind, stored).startswith(f"{kind}:")
