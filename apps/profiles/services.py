"""Writes of customers: enrolment with the proof of its contact, change, suspension, products, preferences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from apps.kernel.errors import Conflict, Invalid
from apps.kernel.ids import new_id
from apps.ledger.selectors import open_account_of
from apps.profiles import selectors
from apps.profiles.codes import code_hash, is_code, new_code
from apps.profiles.domain import code as code_rules
from apps.profiles.domain import eligibility
from apps.profiles.domain.lifecycle import Event, after, check_may_change, check_pays
from apps.profiles.models import Customer
from apps.transactions.products.registry import PRODUCTS, product
from dpms_site.changes import Change, change, check_version

_PURPOSE = "contact-code"


def enrol_customer(enrolment: Mapping[str, Any], *, made: Change) -> Customer:
    """ACTIVE when nothing is missing, which in a sandbox is at once; else PENDING. Raises Invalid (`too_young`)."""
    born = enrolment["date_of_birth"]
    eligibility.check_age(enrolment["kind"], born, today=made.at.date())
    missing = eligibility.awaits(enrolment, is_contact_verified=False, sandbox=settings.SANDBOX)
    return Customer.objects.create(
        id=new_id("cus", made.at),
        **{**enrolment, "date_of_birth": born.isoformat() if born else None},
        products=eligibility.products_at_enrolment(PRODUCTS, sandbox=settings.SANDBOX),
        status="PENDING" if missing else "ACTIVE",
        created_at=made.at,
        terms_accepted_at=made.at,
        active_since=None if missing else made.at,
        **made.fields(),
    )


def change_customer(
    *, customer_id: str, version: int, wanted: Mapping[str, Any], made: Change
) -> Customer:
    """The customer with the fields of `wanted`; ACTIVE when that was all that was missing.

    A new address for the proved channel is not proved. Raises Conflict (`version_conflict`, `customer_status_refuses`),
    Invalid (`too_young`, `field_required` when nothing is to be changed).
    """
    customer = selectors.customer_by_id(customer_id)
    check_version(customer, version)
    check_may_change(customer.status)
    if not wanted:
        raise Invalid("field_required", "Name at least one field to change.")
    fields = dict(wanted)
    if born := wanted.get("date_of_birth"):
        eligibility.check_age(customer.kind, born, today=made.at.date())
        fields["date_of_birth"] = born.isoformat()
    if fields.get("terms_version", customer.terms_version) != customer.terms_version:
        fields["terms_accepted_at"] = made.at
    channel = customer.contact_channel
    if channel and fields.get(channel, contact_of(customer, channel)) != contact_of(
        customer, channel
    ):
        fields |= {"contact_verified_at": None, "contact_code_hash": None}
    return change(customer, made, **fields, **_activation(customer, fields, made))


def send_contact_code(*, customer_id: str, channel: str, made: Change) -> tuple[Customer, str]:
    """A code for the customer's own `channel` (email or phone); the one sent before is void.

    Raises Conflict (`contact_verified`, `codes_too_many`, `customer_status_refuses`).
    """
    customer = selectors.customer_by_id(customer_id)
    check_may_change(customer.status)
    if customer.contact_verified_at is not None:
        raise Conflict("contact_verified", "The contact is proved already.")
    sent, since = _codes_sent(customer, channel, made)
    code_rules.check_may_send(sent)
    code = new_code()
    change(
        customer,
        made,
        contact_channel=channel,
        contact_code_hash=code_hash(_PURPOSE, customer.id, code),
        contact_code_at=made.at,
        contact_code_tries=0,
        contact_codes_sent=sent + 1,
        contact_codes_since=since,
    )
    return customer, code


def verify_contact(*, customer_id: str, code: str, made: Change) -> Customer:
    """The contact is proved; ACTIVE when that was all that was missing.

    Raises Conflict (`code_not_asked`, `code_spent`, `code_expired`, `code_wrong`, `customer_status_refuses`).
    """
    customer = selectors.customer_by_id(customer_id)
    check_may_change(customer.status)
    known, channel, sent_at = (
        customer.contact_code_hash,
        customer.contact_channel,
        customer.contact_code_at,
    )
    if known is None or channel is None or sent_at is None:
        raise Conflict("code_not_asked", "No code was sent; ask for one first.", "/code")
    tries = customer.contact_code_tries or 0
    code_rules.check_usable(kind=channel, sent_at=sent_at, tries=tries, now=made.at)
    if not is_code(known, _PURPOSE, customer.id, code):
        change(customer, made, contact_code_tries=tries + 1)
        raise Conflict("code_wrong", "The code is not the one that was sent.", "/code")
    fields = {"contact_verified_at": made.at, "contact_code_hash": None}
    return change(customer, made, **fields, **_activation(customer, fields, made))


def suspend_customer(*, customer_id: str, version: int | None, made: Change) -> Customer:
    """Raises Conflict (`customer_status_refuses`, `version_conflict`)."""
    return _moved(customer_id, Event.SUSPEND, version, made)


def reinstate_customer(*, customer_id: str, version: int | None, made: Change) -> Customer:
    """Raises Conflict (`customer_status_refuses`, `version_conflict`)."""
    return _moved(customer_id, Event.REINSTATE, version, made, active_since=made.at)


def enrol_product(*, customer_id: str, name: str, made: Change) -> Customer:
    """Raises Invalid (`product_unknown`), Conflict (`customer_not_active`, `product_enrolled`)."""
    customer = selectors.customer_by_id(customer_id)
    product(name)
    check_pays(customer.status)
    if name in customer.products:
        detail = f"The customer is enrolled for {name} already."
        raise Conflict("product_enrolled", detail, "/product")
    return change(customer, made, products=sorted([*customer.products, name]))


def leave_product(*, customer_id: str, name: str, made: Change) -> Customer:
    """New orders by this product are refused from now on; those under way end by themselves.

    Raises Conflict (`product_not_enrolled`, `customer_status_refuses`).
    """
    customer = selectors.customer_by_id(customer_id)
    check_may_change(customer.status)
    if name not in customer.products:
        raise Conflict("product_not_enrolled", "The customer is not enrolled for this product.")
    return change(customer, made, products=[each for each in customer.products if each != name])


def set_preferences(
    *, customer_id: str, version: int | None, wanted: Mapping[str, Any], made: Change
) -> Customer:
    """Puts `wanted` in the place of all earlier preferences; what it leaves out has its default again.

    Raises NotFound (`account_not_found`), Conflict (`account_closed`, `customer_status_refuses`, `version_conflict`).
    """
    customer = selectors.customer_by_id(customer_id)
    check_version(customer, version)
    check_may_change(customer.status)
    if account := wanted.get("default_account"):
        open_account_of(customer.id, account, pointer="/default_account")
    return change(customer, made, preferences=dict(wanted))


def contact_of(customer: Customer, channel: str) -> str:
    return customer.email if channel == "email" else customer.phone


def _codes_sent(customer: Customer, channel: str, made: Change) -> tuple[int, datetime]:
    """How many codes were sent within the life of one, and since when they are counted."""
    since = customer.contact_codes_since
    if since is None or made.at >= code_rules.expires_at(channel, since):
        return 0, made.at
    return customer.contact_codes_sent or 0, since


def _activation(customer: Customer, fields: Mapping[str, Any], made: Change) -> dict[str, Any]:
    """What else changes when `fields` were all that a PENDING customer lacked."""
    if customer.status != "PENDING":
        return {}
    now = {**vars(customer), **fields}
    missing = eligibility.awaits(
        now,
        is_contact_verified=now["contact_verified_at"] is not None,
        sandbox=settings.SANDBOX,
    )
    if missing:
        return {}
    return {"status": after(customer.status, Event.ACTIVATE), "active_since": made.at}


def _moved(
    customer_id: str, event: Event, version: int | None, made: Change, **fields: Any
) -> Customer:
    customer = selectors.customer_by_id(customer_id)
    check_version(customer, version)
    return change(customer, made, status=after(customer.status, event), **fields)
