"""Customers, aliases and payees as pages show them to a sight; the one place where their fields are withheld."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.access.roles import Sight
from apps.console import masking
from apps.console.marks import Mark, mark_of_record
from apps.console.masking import short

Document = Mapping[str, Any]

# Streets and birth days are shown at FULL sight only; that they are known is shown to all.
WITHHELD = "not shown to your roles"


@dataclass(frozen=True)
class Changed:
    """The last change of a record: when, by whom, why."""

    at: datetime | None
    by: str
    reason: str
    request_id: str
    version: int


@dataclass(frozen=True)
class ShownCustomer:
    """A customer; what is not known is ""."""

    id: str
    short_id: str
    kind: str
    name: str
    mark: Mark
    email: str
    phone: str
    proved_at: datetime | None
    born: str
    address: list[str]
    products: str
    reference: str
    terms_version: str
    created_at: datetime
    changed: Changed


@dataclass(frozen=True)
class ShownAlias:
    """An alias of a customer."""

    id: str
    kind: str
    value: str
    mark: Mark
    account: str
    created_at: datetime


@dataclass(frozen=True)
class ShownPayee:
    """A payee of a customer; `target` is where money for it goes."""

    id: str
    short_id: str
    customer: str
    kind: str
    name: str
    nickname: str
    target_kind: str
    target: str
    mark: Mark
    trust: Mark
    name_check: Mark
    checked_at: datetime | None
    created_at: datetime
    changed: Changed


def shown_customer(document: Document, sight: Sight) -> ShownCustomer:
    """Raises PermissionError below MASKED, which shows no party."""
    _refuse_blind(sight)
    contacts = (document.get("email"), document.get("phone"))
    return ShownCustomer(
        id=document["_id"],
        short_id=short(document["_id"]),
        kind=document["kind"],
        name=masking.text(document["name"], sight, *contacts),
        mark=mark_of_record(document["status"]),
        email=masking.contact(document.get("email"), sight),
        phone=masking.contact(document.get("phone"), sight),
        proved_at=document.get("contact_verified_at"),
        born=_born(document.get("date_of_birth"), sight),
        address=_address(document.get("address") or {}, sight),
        products=", ".join(name.capitalize() for name in document.get("products") or ()),
        reference=masking.text(document.get("reference"), sight, *contacts),
        terms_version=document.get("terms_version") or "",
        created_at=document["created_at"],
        changed=_changed(document, sight, *contacts),
    )


def shown_alias(document: Document, sight: Sight) -> ShownAlias:
    """Raises PermissionError below MASKED."""
    _refuse_blind(sight)
    return ShownAlias(
        id=document["_id"],
        kind=_kind(document["kind"]),
        value=masking.contact(document["value"], sight),
        mark=mark_of_record(document["status"]),
        account=document.get("account") or "",
        created_at=document["created_at"],
    )


def shown_payee(document: Document, sight: Sight, *, trust: str) -> ShownPayee:
    """`trust` is computed, not the stored one. Raises PermissionError below MASKED."""
    _refuse_blind(sight)
    alias = document.get("alias") or {}
    kind, target = _target(document, sight)
    return ShownPayee(
        id=document["_id"],
        short_id=short(document["_id"]),
        customer=document["customer"],
        kind=document.get("kind") or "",
        name=masking.text(document["name"], sight, alias.get("value")),
        nickname=masking.text(document.get("nickname"), sight, alias.get("value")),
        target_kind=kind,
        target=target,
        mark=mark_of_record(document["status"]),
        trust=mark_of_record(trust),
        name_check=mark_of_record(document["name_check"]),
        checked_at=document.get("checked_at"),
        created_at=document["created_at"],
        changed=_changed(document, sight, alias.get("value")),
    )


def shown_names(names: Mapping[str, str], sight: Sight) -> dict[str, str]:
    """Names of customers by id. Raises PermissionError below MASKED."""
    _refuse_blind(sight)
    return {customer: masking.text(name, sight) for customer, name in names.items()}


_KINDS: dict[str, str] = {"email": "E-mail", "phone": "Phone"}


def _target(document: Document, sight: Sight) -> tuple[str, str]:
    """In words how the payee is reached, and where."""
    if alias := document.get("alias"):
        value = masking.contact(alias["value"], sight)
        return _kind(alias["kind"]), value
    if account := document.get("account"):
        return "Account", f"{account['routing_number']} ••••{account['account_last4']}"
    if iban := document.get("iban"):
        bic = f" {document['bic']}" if document.get("bic") else ""
        return "IBAN", masking.account_number(iban) + bic
    return "", ""


def _kind(kind: str) -> str:
    return _KINDS.get(kind, kind)


def _born(day: str | None, sight: Sight) -> str:
    return (day or "") if sight >= Sight.FULL or not day else WITHHELD


def _address(address: Document, sight: Sight) -> list[str]:
    street = [address.get("line1"), address.get("line2")]
    city = [address.get("city"), address.get("region") or address.get("state")]
    country = address.get("country")
    if sight < Sight.FULL:
        street = [f"street {WITHHELD}"] if any(street) else []
        lines = [*street, ", ".join(part for part in city if part), country]
    else:
        place = ", ".join(part for part in city if part)
        lines = [*street, " ".join(filter(None, [place, address.get("postal_code")])), country]
    return [line for line in lines if line]


def _changed(document: Document, sight: Sight, *contacts: str | None) -> Changed:
    return Changed(
        at=document.get("modified_at"),
        by=document.get("modified_by") or "",
        reason=masking.text(document.get("reason"), sight, *contacts),
        request_id=document.get("request_id") or "",
        version=document.get("version") or 1,
    )


def _refuse_blind(sight: Sight) -> None:
    if sight < Sight.MASKED:
        raise PermissionError("This sight shows no customer.")
