"""Writes of the Payment Party subject."""

from collections.abc import Mapping
from typing import Any

from apps.kernel.ids import new_id
from apps.parties import selectors
from apps.parties.domain.name_check import name_check
from apps.parties.models import Payee
from apps.profiles.domain.alias import key_of
from apps.profiles.selectors import alias_owner_name, customer_by_id
from dpms_site.changes import Change, change


def add_payee(*, customer_id: str, wanted: Mapping[str, Any], made: Change) -> Payee:
    """`wanted` names the payee by exactly one of `alias`, `account` and `iban`. Of an account only the end is kept."""
    customer = customer_by_id(customer_id)
    alias, account, iban = wanted.get("alias"), wanted.get("account"), wanted.get("iban")
    owner = None
    if alias is not None:
        alias = {**alias, "key": key_of(alias["kind"], alias["value"])}
        owner = alias_owner_name(alias["key"])
    if account is not None:
        account = {
            "routing_number": account["routing_number"],
            "account_last4": account["account_number"][-4:],
        }
    return Payee.objects.create(
        id=new_id("pay", made.at),
        customer=customer.id,
        name=wanted["name"],
        alias=alias,
        account=account,
        iban=iban["iban"] if iban is not None else None,
        trust="NEW",
        name_check=name_check(wanted["name"], owner).value,
        status="ACTIVE",
        created_at=made.at,
        **made.fields(),
    )


def remove_payee(*, customer_id: str, payee_id: str, made: Change) -> None:
    """REMOVED; removing it again changes nothing."""
    payee = selectors.payee_of_customer(customer_id, payee_id)
    if payee.status != "REMOVED":
        change(payee, made, status="REMOVED")
