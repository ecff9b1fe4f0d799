"""A row of the feed: what the bridge stores of an order, and what a browser is shown of that."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict

from apps.access.roles import Sight
from apps.console.marks import mark_of
from apps.kernel.clock import rfc3339
from apps.kernel.money import MINOR_DIGITS, decimal_string
from apps.transactions.domain.order import sentence

# `ord_` and eight of its 32 characters: enough to tell a screenful of orders apart.
SHORT_ID = 12


class StoredRow(TypedDict):
    """What a list shows of an order at one version, and what its filter asks; lies in `feed_events.row`.

    Events of before there were filters have no `creditor`, no `alias` and no `been`.
    """

    id: str
    created_at: datetime
    updated_at: datetime
    product: str
    kind: str
    payee_name: str
    debtor: str
    creditor: NotRequired[str | None]  # the customer paid, once the alias has led to one
    alias: NotRequired[str | None]  # where the payee is reached: an e-mail address or phone number
    reference: str | None
    amount_minor: int
    currency: str
    status: str
    iso_status: str
    reason: str | None
    sentence: str
    final: bool
    version: int
    been: NotRequired[list[str]]  # the statuses before this one, each once
    late: NotRequired[bool]  # a newer version was numbered before: this one is never shown


class ShownRow(TypedDict):
    """The same as text for a template or a socket frame; the browser only places it."""

    id: str
    short_id: str
    version: int
    created_at: str
    updated_at: str
    time: str
    product: str
    payee: str
    alias: str
    debtor: str
    reference: str
    amount: str
    currency: str
    status: str
    word: str
    shape: str
    tone: str
    iso_status: str
    reason: str
    next: str
    sentence: str
    final: bool


def stored_row(order: Mapping[str, Any]) -> StoredRow:
    """Raises KeyError or TypeError when the document is no order."""
    return StoredRow(
        id=order["_id"],
        created_at=order["created_at"],
        updated_at=order["updated_at"],
        product=order["product"],
        kind=order["kind"],
        payee_name=order["payee_name"],
        debtor=order["debtor"]["customer"],
        creditor=order["creditor"]["customer"] if order["creditor"] else None,
        alias=order["alias_key"].partition(":")[2] if order["alias_key"] else None,
        reference=order["reference"],
        amount_minor=order["amount_minor"],
        currency=order["currency"],
        status=order["status"],
        iso_status=order["iso_status"],
        reason=order["reason"],
        sentence=sentence(order),
        final=order["final"],
        version=order["version"],
        been=list(dict.fromkeys(step["status"] for step in order["history"][:-1])),
    )


def shown_row(row: StoredRow, *, sight: Sight) -> ShownRow:
    """The row as somebody of this sight may see it; the one place where fields are withheld. What is not shown is "".

    FULL shows all, MASKED the payee's e-mail address or phone number masked wherever it stands, ANONYMOUS only what
    names no party and no sum. Raises PermissionError for NONE, who may not see that there is an order.
    """
    match sight:
        case Sight.FULL:
            return _whole(row)
        case Sight.MASKED:
            return _masked(row)
        case Sight.ANONYMOUS:
            return _withheld(row)
    raise PermissionError("This sight shows no orders.")


def _withheld(row: StoredRow) -> ShownRow:
    """Without what could tell who pays whom, how much and what for; the reason too may be about either of them."""
    shown = _whole(row)
    shown["payee"] = shown["alias"] = shown["debtor"] = shown["reference"] = ""
    shown["amount"] = shown["currency"] = shown["reason"] = shown["next"] = shown["sentence"] = ""
    return shown


def _masked(row: StoredRow) -> ShownRow:
    shown, alias = _whole(row), row.get("alias")
    if not alias:
        return shown
    hidden, sought = masked(alias), alias.casefold()

    def hide(text: str) -> str:
        # People write addresses into names and references, too; seldom, and a pattern costs more than a look.
        if sought not in text.casefold():
            return text
        return re.sub(re.escape(alias), lambda _: hidden, text, flags=re.IGNORECASE)

    shown["alias"] = hidden
    shown["payee"], shown["reference"] = hide(shown["payee"]), hide(shown["reference"])
    shown["sentence"], shown["next"] = hide(shown["sentence"]), hide(shown["next"])
    return shown


def masked(alias: str) -> str:
    """Enough of an e-mail address or phone number to recognise it by: d•••@example.com, •••55."""
    name, at, host = alias.rpartition("@")
    return f"{name[:1]}•••{at}{host}" if at else f"•••{alias[-2:]}"


def _whole(row: StoredRow) -> ShownRow:
    mark = mark_of(row["status"])
    amount = decimal_string(row["amount_minor"], row["currency"])
    # Amount and payee have columns of their own, and the sentence begins with both.
    opening = f"{amount} {row['currency']} to {row['payee_name']}. "
    created_at = rfc3339(row["created_at"])
    return ShownRow(
        id=row["id"],
        short_id=f"{row['id'][:SHORT_ID]}…" if len(row["id"]) > SHORT_ID else row["id"],
        version=row["version"],
        created_at=created_at,
        updated_at=rfc3339(row["updated_at"]),
        time=f"{created_at[8:10]} {_MONTHS[row['created_at'].month - 1]} {created_at[11:19]}",
        product=row["product"],
        payee=row["payee_name"],
        alias=row.get("alias") or "",
        debtor=row["debtor"],
        reference=row["reference"] or "",
        amount=grouped(row["amount_minor"], row["currency"]),
        currency=row["currency"],
        status=row["status"],
        word=mark.word,
        shape=mark.shape,
        tone=mark.tone,
        iso_status=row["iso_status"],
        reason=row["reason"] or "",
        next=row["sentence"].removeprefix(opening),
        sentence=row["sentence"],
        final=row["final"],
    )


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def grouped(amount_minor: int, currency: str) -> str:
    """The decimal string with thousands apart: 123456 USD is "1,234.56"."""
    if currency not in MINOR_DIGITS:
        return f"{amount_minor} minor units"
    whole, point, rest = decimal_string(amount_minor, currency).partition(".")
    return f"{int(whole):,}{point}{rest}" if abs(int(whole)) else f"{whole}{point}{rest}"
