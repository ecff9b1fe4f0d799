"""Bodies of the Customer Profile endpoints: what is taken, strictly, and what is answered."""

from typing import Any

from rest_framework import serializers

from apps.kernel.clock import rfc3339, wall_clock
from apps.profiles.domain import alias as alias_rules
from apps.profiles.models import Alias, Customer
from dpms_site.rest.fields import Body, Checked, Day, Id, Matching, OneOf, Text, fault


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
    reference = serializers.CharField(allow_null=True)
    products = serializers.ListField(child=serializers.CharField())
    status = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    modified_at = serializers.DateTimeField()


def customer_json(customer: Customer) -> dict[str, Any]:
    return {
        "id": customer.id,
        "kind": customer.kind,
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "date_of_birth": customer.date_of_birth,
        "address": customer.address,
        "terms_version": customer.terms_version,
        "reference": customer.reference,
        "products": list(customer.products),
        "status": customer.status,
        "version": customer.version,
        "created_at": rfc3339(customer.created_at),
        "modified_at": rfc3339(customer.modified_at),
    }


class AliasIn(Body):
    kind = OneOf(*alias_rules.KINDS)
    value = Text(max_length=254)
    account = Id("acc")

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
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    modified_at = serializers.DateTimeField()
    sandbox_code = serializers.CharField(required=False)


def alias_json(alias: Alias) -> dict[str, Any]:
    return {
        "id": alias.id,
        "kind": alias.kind,
        "value": alias.value,
        "customer": alias.customer,
        "account": alias.account,
        "status": alias.status,
        "version": alias.version,
        "created_at": rfc3339(alias.created_at),
        "modified_at": rfc3339(alias.modified_at),
    }
