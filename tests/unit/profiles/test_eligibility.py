"""Who may enrol, and what an enrolment still needs."""

from datetime import date

import pytest

from apps.kernel.errors import Invalid
from apps.profiles.domain.eligibility import (
    age_years,
    awaits,
    check_age,
    products_at_enrolment,
)

ADDRESS = {"line1": "1 Main Street"}
PERSON = {"kind": "person", "name": "Ann", "email": "a@b.cc", "phone": "+1", "terms_version": "1"}


@pytest.mark.parametrize(
    ("born", "today", "years"),
    [
        (date(2008, 11, 24), date(2026, 11, 23), 17),
        (date(2008, 11, 24), date(2026, 11, 24), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_counts_full_years(born: date, today: date, years: int) -> None:
    assert age_years(born, today) == years


def test_a_person_is_eighteen() -> None:
    with pytest.raises(Invalid) as refusal:
        check_age("person", date(2008, 11, 24), today=date(2026, 11, 23))

    assert (refusal.value.code, refusal.value.pointer) == ("too_young", "/date_of_birth")


def test_a_business_and_an_unsaid_day_have_no_age() -> None:
    check_age("business", date(2020, 1, 1), today=date(2026, 1, 1))
    check_age("person", None, today=date(2026, 1, 1))
    check_age("person", date(2008, 1, 1), today=date(2026, 1, 1))


def test_a_sandbox_needs_no_more_than_the_body_does() -> None:
    assert awaits(PERSON, is_contact_verified=False, sandbox=True) == []


def test_elsewhere_a_person_has_a_birthday_an_address_and_a_proved_contact() -> None:
    missing = awaits(PERSON, is_contact_verified=False, sandbox=False)
    whole = {**PERSON, "date_of_birth": "1990-01-01", "address": ADDRESS}

    assert missing == ["date_of_birth", "address", "contact_code"]
    assert awaits(whole, is_contact_verified=True, sandbox=False) == []


def test_a_business_needs_no_birthday() -> None:
    business = {**PERSON, "kind": "business"}

    assert awaits(business, is_contact_verified=True, sandbox=False) == ["address"]


def test_a_sandbox_enrols_every_product_at_once() -> None:
    assert products_at_enrolment({"zelle", "interfi"}, sandbox=True) == ["interfi", "zelle"]
    assert products_at_enrolment({"zelle", "interfi"}, sandbox=False) == []
