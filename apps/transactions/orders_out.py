"""What the API answers of an order, of any kind: the fields all have, and those of its own kind."""

from typing import Any

from rest_framework import serializers

from apps.kernel.clock import rfc3339
from apps.kernel.money import amount_json
from apps.transactions.domain.lifecycle import LIFECYCLES, STATUS_NAMES
from apps.transactions.domain.order import sentence
from dpms_site.mongodb import Document
from dpms_site.rest.fields import Amount


class PartyOut(serializers.Serializer[Any]):
    customer = serializers.CharField()
    account = serializers.CharField()


class AliasOfPayerOut(serializers.Serializer[Any]):
    kind = serializers.CharField()
    value = serializers.CharField()


class PayerOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    alias = AliasOfPayerOut(allow_null=True)
    customer = serializers.CharField(allow_null=True, help_text="the payer's id, if one of ours")


class ShareOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    alias = AliasOfPayerOut(allow_null=True)
    amount = Amount()


def _of(kind: str, words: str) -> dict[str, Any]:
    """A field that only orders of one kind have."""
    return {"required": False, "allow_null": True, "help_text": f"of a {kind} order: {words}"}


class OrderOut(serializers.Serializer[Any]):
    """For the schema; `order_json` makes the answer. A field of another kind of order is left out of it."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(LIFECYCLES))
    product = serializers.CharField()
    debtor = PartyOut(allow_null=True, help_text="our customer who pays; of a send order")
    creditor = PartyOut(
        allow_null=True, help_text="our customer who is paid, or asks for money; null until known"
    )
    payee = serializers.CharField(allow_null=True)
    payee_name = serializers.CharField(
        help_text="the other party: who is paid, who is asked, or whom the network names"
    )
    amount = Amount()
    reference = serializers.CharField(allow_null=True)
    memo = serializers.CharField(allow_null=True)
    execute_on = serializers.DateField(allow_null=True)
    status = serializers.ChoiceField(choices=sorted(STATUS_NAMES))
    iso_status = serializers.CharField()
    reason = serializers.CharField(allow_null=True)
    sentence = serializers.CharField()
    final = serializers.BooleanField()
    version = serializers.IntegerField()
    due_at = serializers.DateTimeField(allow_null=True)
    caused_by = serializers.CharField(
        allow_null=True, help_text="the order that caused this one: a request its payment, …"
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    payer = PayerOut(**_of("request", "who is asked; null of a split, whose payers are `shares`"))
    shares = ShareOut(many=True, **_of("request", "what each payer of a split is asked for"))
    expires_at = serializers.DateTimeField(**_of("request", "until when it may be answered"))
    payment = serializers.CharField(**_of("request", "the send order that the payer promised"))
    creditor_name = serializers.CharField(**_of("request", "who asks, at another bank"))
    creditor_bank = serializers.CharField(**_of("request", "the bank of who asks"))
    debtor_name = serializers.CharField(**_of("receive", "who paid, as the network says"))
    debtor_bank = serializers.CharField(**_of("receive", "the bank of who paid"))
    end_to_end_id = serializers.CharField(
        **_of("receive or return", "the payment's id on the network")
    )
    direction = serializers.ChoiceField(
        choices=["inward", "outward"], **_of("return", "to a customer of ours, or from one")
    )
    account = PartyOut(**_of("return", "our customer whom it concerns"))
    asked = serializers.BooleanField(**_of("return", "whether somebody asked for it first"))
    return_reason = serializers.CharField(**_of("return", "why, as an ISO 20022 code"))


def order_json(order: Document) -> dict[str, Any]:
    kind, payee = order["kind"], order.get("payee")
    common = {
        "id": order["_id"],
        "kind": kind,
        "product": order["product"],
        "debtor": order.get("debtor"),
        "creditor": order["creditor"],
        # A caused payment is to the order that caused it, which `caused_by` says.
        "payee": payee if payee and payee.startswith("pay_") else None,
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
        "caused_by": order.get("caused_by"),
        "created_at": rfc3339(order["created_at"]),
        "updated_at": rfc3339(order["updated_at"]),
    }
    own = _OWN.get(kind)
    return common if own is None else common | own(order)


def _request(order: Document) -> dict[str, Any]:
    """Of a request that another bank's customer makes there is a name and a bank for whom there is no `creditor`."""
    shares = order.get("shares")
    payer = {
        "name": order["payee_name"],
        "alias": _alias(order["alias_key"]),
        "customer": order["payer"],
    }
    found = {
        "payer": payer if shares is None else None,
        "shares": None if shares is None else [_share(each, order["currency"]) for each in shares],
        "expires_at": rfc3339(order["expires_at"]),
        "payment": order["payment"],
    }
    named = ("creditor_name", "creditor_bank", "end_to_end_id")
    return found | {name: order[name] for name in named if name in order}


def _share(share: Document, currency: str) -> dict[str, Any]:
    return {
        "name": share["payer_name"],
        "alias": _alias(share["alias_key"]),
        "amount": amount_json(share["amount_minor"], currency),
    }


def _alias(key: str | None) -> dict[str, str] | None:
    if key is None:
        return None
    kind, _, value = key.partition(":")
    return {"kind": kind, "value": value}


def _receive(order: Document) -> dict[str, Any]:
    return {name: order.get(name) for name in ("debtor_name", "debtor_bank", "end_to_end_id")}


def _return(order: Document) -> dict[str, Any]:
    names = ("direction", "account", "asked", "return_reason", "end_to_end_id")
    return {name: order.get(name) for name in names}


_OWN = {"request": _request, "receive": _receive, "return": _return}


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
