"""Bodies of the order endpoints: what is taken, strictly, and what is answered; the console shows the same answers."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from apps.kernel.clock import rfc3339
from apps.kernel.errors import Invalid
from apps.kernel.money import amount_json
from apps.transactions.domain.lifecycle import STATUSES
from apps.transactions.domain.order import sentence
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
    kind = OneOf("send")
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


class PartyOut(serializers.Serializer[Any]):
    customer = serializers.CharField()
    account = serializers.CharField()


class OrderOut(serializers.Serializer[Any]):
    """For the schema; `order_json` makes the answer."""

    id = serializers.CharField()
    kind = serializers.CharField()
    product = serializers.CharField()
    debtor = PartyOut()
    creditor = PartyOut(allow_null=True)
    payee = serializers.CharField()
    payee_name = serializers.CharField()
    amount = Amount()
    reference = serializers.CharField(allow_null=True)
    memo = serializers.CharField(allow_null=True)
    execute_on = serializers.DateField(allow_null=True)
    status = serializers.ChoiceField(choices=sorted(STATUSES))
    iso_status = serializers.CharField()
    reason = serializers.CharField(allow_null=True)
    sentence = serializers.CharField()
    final = serializers.BooleanField()
    version = serializers.IntegerField()
    due_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def order_json(order: Document) -> dict[str, Any]:
    return {
        "id": order["_id"],
        "kind": order["kind"],
        "product": order["product"],
        "debtor": order["debtor"],
        "creditor": order["creditor"],
        "payee": order["payee"],
        "payee_name": order["payee_name"],
        "amount": amount_json(order["amount_minor"], order["currency"]),
        "reference": order["reference"],
        "memo": order["memo"],
        "execute_on": order.get("execute_on"),
        "status": order["status"],
        "iso_status": order["iso_status"],
        "reason": order["reason"],
        "sentence": sentence(order),
        "final": order["final"],
        "version": order["version"],
        "due_at": rfc3339(order["due_at"]) if order["due_at"] else None,
        "created_at": rfc3339(order["created_at"]),
        "updated_at": rfc3339(order["updated_at"]),
    }


class EventOut(serializers.Serializer[Any]):
    """For the schema; `events_json` makes the answer."""

    version = serializers.IntegerField()
    status = serializers.CharField()
    iso_status = serializers.CharField()
    reason = serializers.CharField(allow_null=True)
    sentence = serializers.CharField()
    at = serializers.DateTimeField()
    actor = serializers.CharField()
    cause = serializers.CharField()


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


def events_json(order: Document) -> list[dict[str, Any]]:
    """The order's history, oldest first; an actor is told by kind, not by name."""
    return [
        {
            "version": step["version"],
            "status": step["status"],
            "iso_status": step["iso_status"],
            "reason": step["reason"],
            "sentence": sentence(order, step),
            "at": rfc3339(step["at"]),
            "actor": step["actor"]["kind"],
            "cause": step["cause"],
        }
        for step in order["history"]
    ]


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
