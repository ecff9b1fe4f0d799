"""Who may enrol, and what an enrolment still needs before the customer is active."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from apps.kernel.errors import Invalid

# Banks offer person-to-person payments to adults; a minor cannot be bound by the terms.
AGE_YEARS_MIN = 18

# 31 CFR 1020.220(a)(2)(i): before an account is opened a bank has name, date of birth (of an individual) and address.
# The identification number is the bank's own affair and not kept here.
_ALWAYS = ("name", "email", "phone", "terms_version")
NEEDED = {
    "person": (*_ALWAYS, "date_of_birth", "address"),
    "business": (*_ALWAYS, "address"),
}
NEEDED_IN_SANDBOX = _ALWAYS
CONTACT = "contact_code"


def age_years(born: date, today: date) -> int:
    """Full years; who was born on 29 February is a year older on 1 March of other years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def check_age(kind: str, born: date | None, *, today: date) -> None:
    """A business has no age. Raises Invalid (`too_young`)."""
    if kind == "person" and born is not None and age_years(born, today) < AGE_YEARS_MIN:
        detail = f"A person enrols at {AGE_YEARS_MIN} years or more."
        raise Invalid("too_young", detail, "/date_of_birth")


def awaits(enrolment: Mapping[str, Any], *, is_contact_verified: bool, sandbox: bool) -> list[str]:
    """What the enrolment still needs: names of fields, and `contact_code` until a code proved the contact.

    Empty: the customer may be ACTIVE. A sandbox asks for no more than the body's required fields.
    """
    needed = NEEDED_IN_SANDBOX if sandbox else NEEDED[enrolment["kind"]]
    missing = [name for name in needed if not enrolment.get(name)]
    return missing if sandbox or is_contact_verified else [*missing, CONTACT]


def products_at_enrolment(offered: Iterable[str], *, sandbox: bool) -> list[str]:
    """A sandbox enrols every product at once; elsewhere the customer enrols in each by itself."""
    return sorted(offered) if sandbox else []
