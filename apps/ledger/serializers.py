"""Bodies of the account endpoints: what is taken, strictly, and what is answered."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from apps.kernel.clock import rfc3339
from apps.kernel.errors import Invalid
from apps.kernel.money import MINOR_DIGITS, amount_json, parse_decimal
from apps.ledger.domain.position import Position
from apps.ledger.domain.statement import Balance, Totals, change_in
from apps.ledger.positions import Report
from apps.ledger.statements import Statement
from dpms_site.mongodb import Document
from dpms_site.rest.fields import Amount, Body, OneOf, StrictField, fault


@extend_schema_field({"type": "string", "examples": ["1000.00"]})
class DecimalText(StrictField):
    """A decimal string; the currency beside it says with how many digits."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class Currency(OneOf):
    def __init__(self, **options: Any) -> None:
        super().__init__(*sorted(MINOR_DIGITS), **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in MINOR_DIGITS:
            raise fault("currency_unknown", f"Use one of: {', '.join(self.choices)}.")
        return data


class AccountIn(Body):
    currency = Currency()
    kind = OneOf("checking", "savings")
    opening_balance = DecimalText(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Adds `opening_minor`, None where no balance was asked for."""
        opening = attrs.pop("opening_balance", None)
        try:
            minor = None if opening is None else parse_decimal(opening, attrs["currency"])
        except Invalid as error:
            raise serializers.ValidationError(
                {"opening_balance": fault(error.code, error.detail).detail}
            ) from None
        return {**attrs, "opening_minor": minor}


class AccountOut(serializers.Serializer[Any]):
    """For the schema; `account_json` makes the answer."""

    id = serializers.CharField()
    customer = serializers.CharField()
    kind = serializers.CharField()
    number = serializers.CharField()
    currency = serializers.CharField()
    posted = Amount()
    held = Amount()
    available = Amount()
    status = serializers.CharField()
    version = serializers.IntegerField()
    opened_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def account_json(account: Document) -> dict[str, Any]:
    currency = account["currency"]
    posted, held = account["posted_minor"], account["held_minor"]
    return {
        "id": account["_id"],
        "customer": account["customer"],
        "kind": account["kind"],
        "number": f"••••{account['number_last4']}",
        "currency": currency,
        "posted": amount_json(posted, currency),
        "held": amount_json(held, currency),
        "available": amount_json(posted - held, currency),
        "status": account["status"],
        "version": account["version"],
        "opened_at": rfc3339(account["opened_at"]),
        "updated_at": rfc3339(account["updated_at"]),
    }


class EntryOut(serializers.Serializer[Any]):
    """For the schema; `entry_json` makes the answer."""

    id = serializers.CharField()
    kind = serializers.CharField()
    order = serializers.CharField(allow_null=True)
    order_version = serializers.IntegerField(allow_null=True)
    posted = Amount()
    held = Amount()
    at = serializers.DateTimeField()


def entry_json(entry: Document, *, account_id: str) -> dict[str, Any]:
    """The entry as seen from one account: what it changed there in each layer."""
    change = change_in(entry, account_id)
    return {
        "id": entry["_id"],
        "kind": entry["kind"],
        "order": entry["order"],
        "order_version": entry["order_version"],
        "posted": amount_json(change.posted_minor, entry["currency"]),
        "held": amount_json(change.held_minor, entry["currency"]),
        "at": rfc3339(entry["at"]),
    }


class BalanceOut(serializers.Serializer[Any]):
    """For the schema; `balance_json` makes the answer."""

    posted = Amount()
    held = Amount()
    available = Amount()


class BalanceAtOut(BalanceOut):
    """For the schema; the endpoint makes the answer."""

    account = serializers.CharField()
    at = serializers.DateTimeField()
    provisional = serializers.BooleanField()


class TotalsOut(serializers.Serializer[Any]):
    """For the schema; `statement_json` makes the answer."""

    entries = serializers.IntegerField()
    credits = Amount()
    debits = Amount()
    set_aside = Amount()
    freed = Amount()


class StatementEntryOut(EntryOut):
    balance = BalanceOut()


# Named by hand, since `from` is a word of the language.
StatementOut = inline_serializer(
    "Statement",
    {
        "account": serializers.CharField(),
        "currency": serializers.CharField(),
        "from": serializers.DateTimeField(),
        "to": serializers.DateTimeField(),
        "provisional": serializers.BooleanField(),
        "opening": BalanceOut(),
        "closing": BalanceOut(),
        "totals": TotalsOut(),
        "data": StatementEntryOut(many=True),
        "next": serializers.CharField(allow_null=True),
        "has_more": serializers.BooleanField(),
    },
)


def balance_json(balance: Balance, currency: str) -> dict[str, Any]:
    return {
        "posted": amount_json(balance.posted_minor, currency),
        "held": amount_json(balance.held_minor, currency),
        "available": amount_json(balance.available_minor, currency),
    }


def statement_json(found: Statement, currency: str) -> dict[str, Any]:
    """What the statement says of its period as a whole."""
    return {
        "opening": balance_json(found.opening, currency),
        "closing": balance_json(found.closing, currency),
        "totals": _totals_json(found.totals, currency),
    }


def _totals_json(totals: Totals, currency: str) -> dict[str, Any]:
    return {
        "entries": totals.entries,
        "credits": amount_json(totals.credits_minor, currency),
        "debits": amount_json(totals.debits_minor, currency),
        "set_aside": amount_json(totals.set_aside_minor, currency),
        "freed": amount_json(totals.freed_minor, currency),
    }


class MovementOut(serializers.Serializer[Any]):
    """For the schema; `positions_json` makes the answer."""

    kind = serializers.CharField()
    entries = serializers.IntegerField()
    amount = Amount()


class PositionOut(serializers.Serializer[Any]):
    """For the schema; `positions_json` makes the answer."""

    network = serializers.CharField()
    currency = serializers.CharField()
    opening = Amount()
    closing = Amount()
    movements = MovementOut(many=True)


PositionsOut = inline_serializer(
    "Positions",
    {
        "date": serializers.DateField(),
        "zone": serializers.CharField(),
        "from": serializers.DateTimeField(),
        "to": serializers.DateTimeField(),
        "provisional": serializers.BooleanField(),
        "data": PositionOut(many=True),
    },
)


def positions_json(found: Report) -> dict[str, Any]:
    return {
        "date": found.day.isoformat(),
        "zone": found.zone,
        "from": rfc3339(found.since),
        "to": rfc3339(found.until),
        "provisional": found.is_provisional,
        "data": [_position_json(position) for position in found.positions],
    }


def _position_json(position: Position) -> dict[str, Any]:
    currency = position.currency
    return {
        "network": position.network,
        "currency": currency,
        "opening": amount_json(position.opening_minor, currency),
        "closing": amount_json(position.closing_minor, currency),
        "movements": [
            {"kind": kind, "entries": entries, "amount": amount_json(amount_minor, currency)}
            for kind, (entries, amount_minor) in sorted(position.by_kind.items())
        ],
    }
