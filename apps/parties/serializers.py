"""Bodies of the payee endpoints: what is taken, strictly, and what is answered."""

from typing import Any

from rest_framework import serializers

from apps.kernel.clock import rfc3339
from apps.parties.domain import bank_account
from apps.parties.models import Payee
from apps.profiles.domain.alias import KINDS
from apps.profiles.serializers import normalised_alias
from dpms_site.rest.fields import Body, Checked, Matching, OneOf, Text, fault

_WAYS = ("alias", "account", "iban")


class AliasRef(Body):
    kind = OneOf(*KINDS)
    value = Text(max_length=254)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return normalised_alias(attrs)


class AccountRef(Body):
    routing_number = Checked(bank_account.routing_number, max_length=9)
    account_number = Matching("[0-9]{4,17}", form="an account number of 4 to 17 digits")


class IbanRef(Body):
    iban = Checked(bank_account.iban, max_length=42)
    bic = Matching(
        "[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", form="a BIC of 8 or 11 characters", required=False
    )


class PayeeIn(Body):
    name = Text(max_length=140)
    alias = AliasRef(required=False)
    account = AccountRef(required=False)
    iban = IbanRef(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(way in attrs for way in _WAYS) != 1:
            raise fault("field_required", f"Give exactly one of {', '.join(_WAYS)}.")
        return attrs


class PayeeOut(serializers.Serializer[Any]):
    """For the schema; `payee_json` makes the answer."""

    id = serializers.CharField()
    customer = serializers.CharField()
    name = serializers.CharField()
    alias = AliasRef(allow_null=True)
    account = serializers.DictField(child=serializers.CharField(), allow_null=True)
    iban = serializers.CharField(allow_null=True)
    trust = serializers.CharField()
    name_check = serializers.CharField()
    status = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    modified_at = serializers.DateTimeField()


def payee_json(payee: Payee) -> dict[str, Any]:
    alias, account = payee.alias, payee.account
    return {
        "id": payee.id,
        "customer": payee.customer,
        "name": payee.name,
        "alias": {"kind": alias["kind"], "value": alias["value"]} if alias else None,
        "account": {
            "routing_number": account["routing_number"],
            "account_number": f"••••{account['account_last4']}",
        }
        if account
        else None,
        "iban": f"{payee.iban[:4]}••••{payee.iban[-4:]}" if payee.iban else None,
        "trust": payee.trust,
        "name_check": payee.name_check,
        "status": payee.status,
        "version": payee.version,
        "created_at": rfc3339(payee.created_at),
        "modified_at": rfc3339(payee.modified_at),
    }
