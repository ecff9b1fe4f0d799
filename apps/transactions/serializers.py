"""Bodies of send orders and commands, taken strictly; answers of commands and of the feed."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from apps.kernel.clock import rfc3339
from apps.kernel.errors import Invalid
from apps.transactions.products.registry import PRODUCTS
from apps.transactions.submission import Submission
from dpms_site.mongodb import Document
from dpms_site.rest.fields import Amount, Body, Day, Id, Items, OneOf, StrictField, Text, fault
from dpms_site.rest.idempotency import idempotency_key as idempotency_key

BATCH_MAX = 1000


class PartyIn(Body):
    customer = Id("cus")
    account = Id("acc")


class OrderIn(Body):
    kind = OneOf("send", others=("request",))
    product = OneOf(*sorted(PRODUCTS))
    debtor = PartyIn()
    payee = Id("pay")
    amount = Amount()
    reference = Text(max_length=35, required=False, allow_null=True, default=None)
    memo = Text(max_length=140, required=False, allow_null=True, default=None)
    execute_on = Day(required=False, allow_null=True, default=None)


class IdempotencyKey(StrictField):
    def to_internal_value(self, data: Any) -> str:
        try:
            return idempotency_key(data)
        except Invalid as error:
            raise fault(error.code, error.detail) from None

    def to_representation(self, value: Any) -> Any:
        return value


class BatchItemIn(OrderIn):
    idempotency_key = IdempotencyKey()


class BatchIn(Body):
    """Items are checked one by one by the view, so that one bad item refuses only itself."""

    orders = Items(max_length=BATCH_MAX)


def submission_of(order: Mapping[str, Any], key: str) -> Submission:
    return Submission(
        idempotency_key=key,
        product=order["product"],
        customer=order["debtor"]["customer"],
        account=order["debtor"]["account"],
        payee=order["payee"],
        money=order["amount"],
        reference=order["reference"],
        memo=order["memo"],
        execute_on=order.get("execute_on"),
    )


class FeedEventOut(serializers.Serializer[Any]):
    """For the schema; `feed_event_json` makes the answer."""

    seq = serializers.IntegerField()
    order = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    at = serializers.DateTimeField()


def feed_event_json(event: Document) -> dict[str, Any]:
    return {
        "seq": event["_id"],
        "order": event["order"],
        "version": event["version"],
        "status": event["status"],
        "at": rfc3339(event["at"]),
    }


class CommandIn(Body):
    type = Text(max_length=30)
    reason = Text(max_length=200)


class CommandOut(serializers.Serializer[Any]):
    """For the schema; `command_json` makes the answer."""

    id = serializers.CharField()
    order = serializers.CharField()
    type = serializers.CharField()
    state = serializers.ChoiceField(choices=["PENDING", "APPLIED", "REFUSED"])
    reason = serializers.CharField(allow_null=True)
    detail = serializers.CharField(allow_null=True)
    requested_reason = serializers.CharField()
    order_version = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


def command_json(command: Document, outcome: Document | None) -> dict[str, Any]:
    """`reason` is the code that a refusal gives, `requested_reason` what the one who asked wrote."""
    return {
        "id": command["_id"],
        "order": command["order"],
        "type": command["type"],
        "state": outcome["state"] if outcome else "PENDING",
        "reason": outcome["reason"] if outcome else None,
        "detail": outcome["detail"] if outcome else None,
        "requested_reason": command["reason"],
        "order_version": outcome["order_version"] if outcome else None,
        "created_at": rfc3339(command["created_at"]),
        "decided_at": rfc3339(outcome["at"]) if outcome else None,
    }
