"""Writes of the Customer Profile subject: enrolment, and aliases with the code that proves them."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError

from apps.kernel.errors import Conflict
from apps.kernel.ids import new_id
from apps.ledger.selectors import open_account_of
from apps.profiles import selectors
from apps.profiles.domain.alias import key_of
from apps.profiles.models import Alias, Customer
from apps.transactions.products.registry import PRODUCTS
from dpms_site.changes import Change, change

# Six digits are guessed in half a million tries: after ten wrong ones the alias must be enrolled anew.
CODE_TRIES_MAX = 10


def enrol_customer(enrolment: Mapping[str, Any], *, made: Change) -> Customer:
    """A complete enrolment is ACTIVE at once in a sandbox; elsewhere it waits as PENDING for the bank's checks."""
    born = enrolment["date_of_birth"]
    return Customer.objects.create(
        id=new_id("cus", made.at),
        **{**enrolment, "date_of_birth": born.isoformat() if born else None},
        products=sorted(PRODUCTS) if settings.SANDBOX else [],
        status="ACTIVE" if settings.SANDBOX else "PENDING",
        created_at=made.at,
        **made.fields(),
    )


def enrol_alias(
    *, customer_id: str, kind: str, value: str, account_id: str, made: Change
) -> tuple[Alias, str]:
    """The alias, PENDING, and the code that activates it. `value` is normalised."""
    customer = selectors.customer_by_id(customer_id)
    open_account_of(customer.id, account_id, pointer="/account")
    key = key_of(kind, value)
    if Alias.objects.filter(key=key, status="ACTIVE").exists():
        raise _taken("/value")
    code = f"{secrets.randbelow(1_000_000):06d}"
    alias_id = new_id("als", made.at)
    alias = Alias.objects.create(
        id=alias_id,
        kind=kind,
        value=value,
        key=key,
        customer=customer.id,
        account=account_id,
        status="PENDING",
        code_hash=_code_hash(alias_id, code),
        created_at=made.at,
        **made.fields(),
    )
    return alias, code


def verify_alias(*, alias_id: str, code: str, made: Change) -> Alias:
    """ACTIVE when the code is right. Two who verify the same alias at once: the unique index lets one through."""
    alias = selectors.alias_by_id(alias_id)
    if alias.status != "PENDING":
        raise Conflict("alias_not_pending", f"The alias is {alias.status}.")
    if alias.code_tries >= CODE_TRIES_MAX:
        raise Conflict("code_spent", "Too many wrong codes; enrol the alias anew.", "/code")
    if not hmac.compare_digest(alias.code_hash, _code_hash(alias.id, code)):
        change(alias, made, code_tries=alias.code_tries + 1)
        raise Conflict("code_wrong", "The code is not the one that was sent.", "/code")
    try:
        return change(alias, made, status="ACTIVE")
    except IntegrityError:
        raise _taken("") from None


def remove_alias(*, customer_id: str, alias_id: str, made: Change) -> None:
    """REMOVED; removing it again changes nothing."""
    alias = selectors.alias_of_customer(customer_id, alias_id)
    if alias.status != "REMOVED":
        change(alias, made, status="REMOVED")


def _taken(pointer: str) -> Conflict:
    return Conflict("alias_taken", "The alias is active for another enrolment.", pointer)


def _code_hash(alias_id: str, code: str) -> str:
    """Keyed, because a plain hash of six digits is found by trying them all."""
    message = f"alias-code:{alias_id}:{code}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()
