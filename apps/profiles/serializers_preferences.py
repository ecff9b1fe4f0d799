"""Bodies of the preferences endpoints; products are looked up for each body, so that a new one needs nothing here."""

from collections.abc import Callable, Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from apps.kernel.errors import Invalid
from apps.kernel.money import Money, amount_json
from apps.profiles.domain import preferences as rules
from apps.profiles.models import Customer
from apps.transactions.products.registry import PRODUCTS, product
from dpms_site.rest.fields import (
    AMOUNT_SCHEMA,
    Amount,
    Body,
    Id,
    OneOf,
    Several,
    StrictField,
    Switch,
    Version,
    checked,
    fault,
)

_CHANNELS = Several(*rules.CHANNELS)
_LIMIT_SCHEMA = {"oneOf": [AMOUNT_SCHEMA, {"type": "null"}]}
_PRODUCT_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        **{switch: {"type": "boolean"} for switch in rules.SWITCHES},
        "limits": {
            "type": "object",
            "additionalProperties": False,
            "properties": dict.fromkeys(rules.OWN_LIMITS, _LIMIT_SCHEMA),
        },
    },
}


class OwnLimits(Body):
    order = Amount(required=False, allow_null=True, default=None)
    day = Amount(required=False, allow_null=True, default=None)


class ProductPreferences(Body):
    send = Switch(required=False, default=True)
    receive = Switch(required=False, default=True)
    request = Switch(required=False, default=True)
    limits = OwnLimits(required=False)


class Named(StrictField):
    """An object whose values are checked each by its name; a fault stands at the name it is about."""

    def __init__(self, check: Callable[[str, Any], Any], **options: Any) -> None:
        super().__init__(**options)
        self.check = check

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise fault("field_malformed", "Write this as an object.")
        found: dict[str, Any] = {}
        faults: dict[str, Any] = {}
        for name, value in data.items():
            try:
                found[name] = self.check(name, value)
            except Invalid as error:
                faults[name[:60]] = [ErrorDetail(error.detail, error.code)]
            except ValidationError as error:
                faults[name[:60]] = error.detail
        if faults:
            raise ValidationError(faults)
        return found

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {"type": "string", "enum": list(rules.CHANNELS)},
        },
    }
)
class Notifications(Named):
    """Channels by event."""


@extend_schema_field({"type": "object", "additionalProperties": _PRODUCT_SCHEMA})
class Products(Named):
    """Switches and own limits by product."""


def _channels(event: str, value: Any) -> list[str]:
    rules.check_channels(event, ["known"])
    channels = _CHANNELS.to_internal_value(value)
    rules.check_channels(event, channels)
    return channels


def _product(name: str, value: Any) -> dict[str, Any]:
    currencies = product(name).currencies
    wanted = checked(ProductPreferences, value)
    for which, limit in wanted.get("limits", {}).items():
        if limit is not None and limit.currency not in currencies:
            told = ErrorDetail(f"Use one of: {', '.join(sorted(currencies))}.", "currency_unknown")
            raise ValidationError({"limits": {which: {"currency": [told]}}})
    return wanted


class PreferencesIn(Body):
    version = Version(required=False)
    default_account = Id("acc", required=False, allow_null=True, default=None)
    language = OneOf(*rules.LANGUAGES, required=False, default=rules.LANGUAGES[0])
    notifications = Notifications(_channels, required=False)
    products = Products(_product, required=False)


class PreferencesOut(serializers.Serializer[Any]):
    """For the schema; `preferences_json` makes the answer."""

    customer = serializers.CharField()
    default_account = serializers.CharField(allow_null=True)
    language = serializers.CharField()
    notifications = Notifications(_channels)
    products = Products(_product)
    version = serializers.IntegerField()


def storable(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """As it lies in the customer: amounts as minor units with their currency."""
    products = {
        name: {
            **each,
            "limits": {which: _stored(limit) for which, limit in each.get("limits", {}).items()},
        }
        for name, each in wanted.get("products", {}).items()
    }
    return {**wanted, "notifications": wanted.get("notifications", {}), "products": products}


def _stored(limit: Money | None) -> dict[str, Any] | None:
    if limit is None:
        return None
    return {"amount_minor": limit.amount_minor, "currency": limit.currency}


def preferences_json(customer: Customer) -> dict[str, Any]:
    """Also every product that is offered and that the customer said nothing of."""
    whole = rules.complete(customer.preferences)
    offered = {name: rules.complete_product(None) for name in PRODUCTS}
    products = {
        name: {**each, "limits": {which: _told(limit) for which, limit in each["limits"].items()}}
        for name, each in sorted((offered | whole["products"]).items())
    }
    return {"customer": customer.id, **whole, "products": products, "version": customer.version}


def _told(limit: Mapping[str, Any] | None) -> dict[str, str] | None:
    return None if limit is None else amount_json(limit["amount_minor"], limit["currency"])
