"""Bodies of the Customer Profile endpoints: what is taken, strictly, and what is answered."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from apps.kernel.clock import rfc3339, wall_clock
from apps.profiles.domain import alias as alias_rules
from apps.profiles.domain import code as code_rules
from apps.profiles.domain.eligibility import awaits
from apps.profiles.models import Alias, Customer
from dpms_site.rest.fields import (
    Body,
    Checked,
    Day,
    Id,
    Matching,
    OneOf,
    Switch,
    Text,
    Version,
    fault,
)


class AddressIn(Body):
    line1 = Text(max_length=140)
    line2 = Text(max_length=140, required=False)
    city = Text(max_length=80, required=False)
    region = Text(max_length=80, required=False)
    state = Text(max_length=80, required=False)
    postal_code = Text(max_length=20, required=False)
    country = Matching("[A-Z]{2}", form="a two-letter country code", required=False)


class BirthDay(Day):
    """A day of birth: not in the future, not before 1900."""

    def to_internal_value(self, data: Any) -> Any:
        day = super().to_internal_value(data)
        if day.year < 1900 or day > wall_clock().date():
            raise fault("field_malformed", "No customer was born on that day.")
        return day


class CustomerIn(Body):
    kind = OneOf("person", "business")
    name = Text(max_length=140)
    email = Checked(alias_rules.email, max_length=254)
    phone = Checked(alias_rules.phone, max_length=32)
    date_of_birth = BirthDay(required=False, allow_null=True, default=None)
    address = AddressIn(required=False, allow_null=True, default=None)
    terms_version = Text(max_length=32)
    reference = Text(max_length=35, required=False, allow_null=True, default=None)


class CustomerPatch(Body):
    """Fields that may change; `version` is the one that the caller read."""

    version = Version()
    name = Text(max_length=140, required=False)
    email = Checked(alias_rules.email, max_length=254, required=False)
    phone = Checked(alias_rules.phone, max_length=32, required=False)
    date_of_birth = BirthDay(required=False)
    address = AddressIn(required=False)
    terms_version = Text(max_length=32, required=False)
    reference = Text(max_length=35, required=False, allow_null=True)


class ReasonIn(Body):
    reason = Text(max_length=200)
    version = Version(required=False)


class ProductIn(Body):
    product = Text(max_length=20)


class ContactCodeIn(Body):
    channel = OneOf(*alias_rules.KINDS)


class ContactCodeOut(serializers.Serializer[Any]):
    """For the schema; `contact_code_json` makes the answer."""

    customer = serializers.CharField()
    channel = serializers.CharField()
    expires_at = serializers.DateTimeField()
    sandbox_code = serializers.CharField(required=False)


def contact_code_json(customer: Customer) -> dict[str, Any]:
    """What is told of a code that was just sent."""
    assert customer.contact_channel  # noqa: S101  (it was sent there)
    assert customer.contact_code_at  # noqa: S101
    expires_at = code_rules.expires_at(customer.contact_channel, customer.contact_code_at)
    return {
        "customer": customer.id,
        "channel": customer.contact_channel,
        "expires_at": rfc3339(expires_at),
    }


class CustomerOut(serializers.Serializer[Any]):
    """For the schema; `customer_json` makes the answer."""

    id = serializers.CharField()
    kind = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    date_of_birth = serializers.DateField(allow_null=True)
    address = AddressIn(allow_null=True)
    terms_version = serializers.CharField()
    terms_accepted_at = serializers.DateTimeField()
    contact_verified_at = serializers.DateTimeField(allow_null=True)
    reference = serializers.CharField(allow_null=True)
    products = serializers.ListField(child=serializers.CharField())
    status = serializers.CharField()
    awaits = serializers.ListField(
        child=serializers.CharField(), help_text="What a PENDING enrolment still needs"
    )
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    modified_at = serializers.DateTimeField()


def customer_json(customer: Customer) -> dict[str, Any]:
    verified_at = customer.contact_verified_at
    return {
        "id": customer.id,
        "kind": customer.kind,
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "date_of_birth": customer.date_of_birth,
        "address": customer.address,
        "terms_version": customer.terms_version,
        "terms_accepted_at": rfc3339(customer.terms_accepted_at or customer.created_at),
        "contact_verified_at": rfc3339(verified_at) if verified_at else None,
        "reference": customer.reference,
        "products": list(customer.products),
        "status": customer.status,
        "awaits": awaits(
            vars(customer), is_contact_verified=verified_at is not None, sandbox=settings.SANDBOX
        )
        if customer.status == "PENDING"
        else [],
        "version": customer.version,
        "created_at": rfc3339(customer.created_at),
        "modified_at": rfc3339(customer.modified_at),
    }


class AliasIn(Body):
    kind = OneOf(*alias_rules.KINDS)
    value = Text(max_length=254)
    account = Id("acc")
    move = Switch(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return normalised_alias(attrs)


def normalised_alias(attrs: dict[str, Any]) -> dict[str, Any]:
    """The body with its alias in the one form; the fault stands at `value`."""
    value = Checked(lambda text: alias_rules.normalised(attrs["kind"], text), max_length=254)
    try:
        return {**attrs, "value": value.to_internal_value(attrs["value"])}
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"value": error.detail}) from None


class CodeIn(Body):
    code = Matching("[0-9]{6}", form="the six digits that were sent")


class AliasOut(serializers.Serializer[Any]):
    """For the schema; `alias_json` makes the answer."""

    id = serializers.CharField()
    kind = serializers.CharField()
    value = serializers.CharField()
    customer = serializers.CharField()
    account = serializers.CharField()
    status = serializers.CharField()
    owned_since = serializers.DateTimeField(allow_null=True)
    code_expires_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    modified_at = serializers.DateTimeField()
    sandbox_code = serializers.CharField(required=False)


def alias_json(alias: Alias) -> dict[str, Any]:
    """`owned_since` while ACTIVE, `code_expires_at` while PENDING; else null."""
    owned_since = (alias.owned_since or alias.created_at) if alias.status == "ACTIVE" else None
    expires_at = (
        code_rules.expires_at(alias.kind, alias.created_at) if alias.status == "PENDING" else None
    )
    return {
        "id": alias.id,
        "kind": alias.kind,
        "value": alias.value,
        "customer": alias.customer,
        "account": alias.account,
        "status": alias.status,
        "owned_since": rfc3339(owned_since) if owned_since else None,
        "code_expires_at": rfc3339(expires_at) if expires_at else None,
        "version": alias.version,
        "created_at": rfc3339(alias.created_at),
        "modified_at": rfc3339(alias.modified_at),
    }
