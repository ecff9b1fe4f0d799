"""Bodies of money requests: what `POST /orders` takes with `"kind": "request"`, strictly."""

from collections.abc import Mapping
from typing import Any

from apps.parties.serializers import AliasRef
from apps.profiles.domain.alias import key_of
from apps.transactions.domain.request_order import SHARES_MAX
from apps.transactions.products.registry import PRODUCTS
from apps.transactions.request_submission import AskedShare, RequestSubmission
from apps.transactions.serializers import IdempotencyKey, PartyIn
from dpms_site.rest.fields import Amount, Body, BodyList, Id, Instant, OneOf, Text, fault

_WAYS = ("payer", "payee", "shares")


class PayerIn(Body):
    name = Text(max_length=140)
    alias = AliasRef()


class ShareIn(PayerIn):
    amount = Amount()


class RequestIn(Body):
    kind = OneOf("request")
    product = OneOf(*sorted(PRODUCTS))
    creditor = PartyIn()
    payer = PayerIn(required=False)
    payee = Id("pay", required=False)
    shares = BodyList(ShareIn(), most=SHARES_MAX, required=False)
    amount = Amount()
    expires_at = Instant(required=False, allow_null=True, default=None)
    reference = Text(max_length=35, required=False, allow_null=True, default=None)
    memo = Text(max_length=140, required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(way in attrs for way in _WAYS) != 1:
            detail = f"Say who pays by exactly one of {', '.join(_WAYS)}."
            raise fault("payer_ambiguous", detail)
        return attrs


class BatchRequestIn(RequestIn):
    idempotency_key = IdempotencyKey()


def is_request(data: Any) -> bool:
    """Whether the body says that it is a request; whatever says anything else is read as a send order."""
    return isinstance(data, Mapping) and data.get("kind") == "request"


def request_submission_of(body: Mapping[str, Any], key: str) -> RequestSubmission:
    payer = body.get("payer")
    return RequestSubmission(
        idempotency_key=key,
        product=body["product"],
        customer=body["creditor"]["customer"],
        account=body["creditor"]["account"],
        money=body["amount"],
        reference=body["reference"],
        memo=body["memo"],
        payee=body.get("payee"),
        payer=(payer["name"], _key(payer)) if payer else None,
        shares=tuple(
            AskedShare(share["name"], _key(share), share["amount"])
            for share in body.get("shares", ())
        ),
        expires_at=body["expires_at"],
    )


def _key(payer: Mapping[str, Any]) -> str:
    return key_of(payer["alias"]["kind"], payer["alias"]["value"])
