"""Bodies of the payee endpoints: what is taken, strictly, and what is answered."""

from datetime import datetime
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from apps.kernel.clock import rfc3339
from apps.kernel.errors import Invalid
from apps.parties.domain import bank_account
from apps.parties.domain.directory import Listing
from apps.parties.domain.name_check import name_key
from apps.parties.domain.trust import trust_of
from apps.parties.models import BlockedParty
from apps.parties.selectors import KnownPayee
from apps.profiles.domain.alias import KINDS
from apps.profiles.serializers import normalised_alias
from dpms_site.rest.fields import Body, Checked, Matching, OneOf, Switch, Text, Version, fault

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
    bic = Checked(bank_account.bic, max_length=11, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            if "bic" in attrs:
                bank_account.assert_bic_fits(attrs["bic"], attrs["iban"])
        except Invalid as error:
            raise ValidationError({"bic": [ErrorDetail(error.detail, error.code)]}) from None
        return attrs


class PayeeIn(Body):
    kind = OneOf("person", "business", required=False, default="person")
    name = Text(max_length=140)
    nickname = Text(max_length=60, required=False, allow_null=True, default=None)
    alias = AliasRef(required=False)
    account = AccountRef(required=False)
    iban = IbanRef(required=False)
    allow_duplicate = Switch(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return _one_of(_WAYS, attrs)


class PayeePatch(Body):
    """What may be changed; where the money goes may not: that is another payee."""

    version = Version()
    name = Text(max_length=140, required=False)
    nickname = Text(max_length=60, required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not {"name", "nickname"} & set(attrs):
            raise fault("field_required", "Give name, nickname or both.")
        return attrs


class ReasonIn(Body):
    reason = Text(max_length=200)


class BlockedPartyIn(Body):
    reason = Text(max_length=200)
    name = Text(max_length=140, required=False)
    alias = AliasRef(required=False)
    account = AccountRef(required=False)
    iban = IbanRef(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "name" in attrs and not name_key(attrs["name"]):
            detail = "Write a name with letters or digits."
            raise ValidationError({"name": [ErrorDetail(detail, "field_malformed")]})
        return _one_of(("name", *_WAYS), attrs)


def _one_of(ways: tuple[str, ...], attrs: dict[str, Any]) -> dict[str, Any]:
    if sum(way in attrs for way in ways) != 1:
        raise fault("field_required", f"Give exactly one of {', '.join(ways)}.")
    return attrs


class PayeeOut(serializers.Serializer[Any]):
    """For the schema; `payee_json` makes the answer."""

    id = serializers.CharField()
    customer = serializers.CharField()
    kind = serializers.CharField()
    name = serializers.CharField()
    nickname = serializers.CharField(allow_null=True)
    alias = AliasRef(allow_null=True)
    account = serializers.DictField(child=serializers.CharField(), allow_null=True)
    iban = serializers.CharField(allow_null=True)
    bic = serializers.CharField(allow_null=True)
    trust = serializers.CharField()
    name_check = serializers.CharField()
    checked_at = serializers.DateTimeField(allow_null=True)
    status = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    modified_at = serializers.DateTimeField()


def payee_json(known: KnownPayee) -> dict[str, Any]:
    payee, alias, account = known.payee, known.payee.alias, known.payee.account
    return {
        "id": payee.id,
        "customer": payee.customer,
        "kind": payee.kind or "person",
        "name": payee.name,
        "nickname": payee.nickname,
        "alias": {"kind": alias["kind"], "value": alias["value"]} if alias else None,
        "account": {
            "routing_number": account["routing_number"],
            "account_number": f"••••{account['account_last4']}",
        }
        if account
        else None,
        "iban": bank_account.masked_iban(payee.iban) if payee.iban else None,
        "bic": payee.bic,
        "trust": trust_of(known.evidence).value,
        "name_check": payee.name_check,
        "checked_at": rfc3339(payee.checked_at) if payee.checked_at else None,
        "status": payee.status,
        "version": payee.version,
        "created_at": rfc3339(payee.created_at),
        "modified_at": rfc3339(payee.modified_at),
    }


class BlockedPartyOut(serializers.Serializer[Any]):
    """For the schema; `blocked_party_json` makes the answer."""

    id = serializers.CharField()
    kind = serializers.CharField()
    shown = serializers.CharField()
    status = serializers.CharField()
    reason = serializers.CharField()
    modified_by = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    modified_at = serializers.DateTimeField()


def blocked_party_json(party: BlockedParty) -> dict[str, Any]:
    return {
        "id": party.id,
        "kind": party.kind,
        "shown": party.shown,
        "status": party.status,
        "reason": party.reason,
        "modified_by": party.modified_by,
        "version": party.version,
        "created_at": rfc3339(party.created_at),
        "modified_at": rfc3339(party.modified_at),
    }


class BankOut(serializers.Serializer[Any]):
    routing_number = serializers.CharField()
    name = serializers.CharField()


class ListingOut(serializers.Serializer[Any]):
    """For the schema; `listing_json` makes the answer."""

    kind = serializers.CharField()
    value = serializers.CharField()
    served_by = serializers.CharField(help_text="ON_US, NETWORK, NOBODY or UNKNOWN")
    network = serializers.CharField(allow_null=True)
    bank = BankOut(allow_null=True)
    account = serializers.CharField(allow_null=True, help_text="masked; of this bank only")
    looked_up_at = serializers.DateTimeField(allow_null=True)
    age_seconds = serializers.IntegerField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    is_stale = serializers.BooleanField()


def listing_json(
    listing: Listing, *, kind: str, value: str, account_last4: str | None, now: datetime
) -> dict[str, Any]:
    """Who serves the alias, without the owner's name: whoever asks has not shown that they may know it."""
    bank = {"routing_number": listing.routing_number, "name": listing.bank_name}
    return {
        "kind": kind,
        "value": value,
        "served_by": listing.place,
        "network": listing.network,
        "bank": bank if listing.routing_number else None,
        "account": f"••••{account_last4}" if account_last4 else None,
        "looked_up_at": rfc3339(listing.looked_up_at) if listing.looked_up_at else None,
        "age_seconds": listing.age_seconds(now),
        "expires_at": rfc3339(listing.expires_at) if listing.expires_at else None,
        "is_stale": listing.is_stale(now),
    }
