"""A row of the feed: what the bridge stores of an order, and what a browser is shown of that."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NotRequired, TypedDict

from apps.access.roles import Sight
from apps.console import masking
from apps.console.marks import mark_of
from apps.console.masking import masked, short
from apps.console.sides import sides_of
from apps.kernel.clock import rfc3339
from apps.kernel.money import MINOR_DIGITS, decimal_string
from apps.transactions.domain.order import opening, sentence


class StoredRow(TypedDict):
    """What a list shows of an order at one version, and what its filter asks; lies in `feed_events.row`.

    Events of before there were filters have no `creditor`, no `alias` and no `been`; those of before there were other
    orders than sends have no `payer` and no `paid`.
    """

    id: str
    created_at: datetime
    updated_at: datetime
    product: str
    kind: str
    payee_name: str
    direction: NotRequired[str]  # of a return
    debtor: str | None  # the customer of ours who pays or is asked to
    creditor: NotRequired[
        str | None
    ]  # the customer of ours who is paid, once an alias has led to one
    payer: NotRequired[str]  # who pays, in words: a name or the beginning of a customer's id
    paid: NotRequired[str]  # likewise who is paid
    alias: NotRequired[str | None]  # where the payee is reached: an e-mail address or phone number
    far_alias: NotRequired[str]  # of another bank's customer who asks for money
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
    kind: str
    payer: str
    paid: str
    about: str
    alias: str
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


_Text = Literal[
    "payer",
    "paid",
    "about",
    "alias",
    "reference",
    "amount",
    "currency",
    "reason",
    "next",
    "sentence",
]


def stored_row(order: Mapping[str, Any]) -> StoredRow:
    """Raises KeyError or TypeError when the document is no order."""
    sides, alias_key = sides_of(order), order.get("alias_key")
    row = StoredRow(
        id=order["_id"],
        created_at=order["created_at"],
        updated_at=order["updated_at"],
        product=order["product"],
        kind=order["kind"],
        payee_name=order["payee_name"],
        debtor=sides.payer.customer or None,
        creditor=sides.paid.customer or None,
        payer=sides.payer.words,
        paid=sides.paid.words,
        alias=alias_key.partition(":")[2] if alias_key else None,
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
    if "direction" in order:
        row["direction"] = order["direction"]
    if sides.paid.alias:
        row["far_alias"] = sides.paid.alias
    return row


def customers_unnamed(rows: Iterable[StoredRow]) -> set[str]:
    """The customers whom the rows tell by the beginning of an id only, since their orders hold no name."""
    return {
        customer
        for row in rows
        for customer, words in _sides(row)
        if customer and words == short(customer)
    }


def shown_row(
    row: StoredRow, *, sight: Sight, names: Mapping[str, str] = MappingProxyType({})
) -> ShownRow:
    """The row as somebody of this sight may see it; the one place where fields are withheld. What is not shown is "".

    FULL shows all, MASKED the payee's e-mail address or phone number masked wherever it stands, ANONYMOUS only what
    names no party and no sum. `names` are of the customers whom the row does not name. Raises PermissionError for
    NONE, who may not see that there is an order.
    """
    match sight:
        case Sight.FULL:
            return _whole(row, names)
        case Sight.MASKED:
            return _masked(row, names)
        case Sight.ANONYMOUS:
            return _withheld(row)
    raise PermissionError("This sight shows no orders.")


def _withheld(row: StoredRow) -> ShownRow:
    """Without what could tell who pays whom, how much and what for; the reason too may be about either of them."""
    shown = _whole(row, {})
    for name in _TELLING:
        shown[name] = ""
    return shown


_TELLING: tuple[_Text, ...] = (
    *("payer", "paid", "about", "alias", "reference"),
    *("amount", "currency", "reason", "next", "sentence"),
)
_SIDES: tuple[_Text, ...] = ("payer", "paid")
_WRITTEN: tuple[_Text, ...] = ("payer", "paid", "about", "reference", "sentence", "next")


def _masked(row: StoredRow, names: Mapping[str, str]) -> ShownRow:
    shown = _whole(row, names)
    for side in _SIDES:
        if "@" in shown[side]:
            shown[side] = masking.text(shown[side], Sight.MASKED)
    for alias in filter(None, (row.get("alias"), row.get("far_alias"))):
        for name in _WRITTEN:
            shown[name] = without(alias, shown[name])
    shown["alias"] = masked(shown["alias"]) if shown["alias"] else ""
    return shown


def without(alias: str, text: str) -> str:
    """The text with the e-mail address or phone number masked where somebody wrote it into a name or reference."""
    # Seldom, and a pattern costs more than a look.
    if alias.casefold() not in text.casefold():
        return text
    return re.sub(re.escape(alias), lambda _: masked(alias), text, flags=re.IGNORECASE)


def _sides(row: StoredRow) -> Iterator[tuple[str | None, str]]:
    """The payer, then who is paid: the customer of ours, and what the order has for a name."""
    yield row["debtor"], row.get("payer") or short(row["debtor"] or "")
    yield row.get("creditor"), row.get("paid") or row["payee_name"]


def _named(customer: str | None, words: str, names: Mapping[str, str]) -> str:
    if customer is None or words != short(customer):
        return words
    return names.get(customer) or words


def _whole(row: StoredRow, names: Mapping[str, str]) -> ShownRow:
    payer, paid = (_named(customer, words, names) for customer, words in _sides(row))
    mark = mark_of(row["status"])
    # Amount and payee have columns of their own, and the sentence begins with both.
    about = opening(row)
    created_at = rfc3339(row["created_at"])
    return ShownRow(
        id=row["id"],
        short_id=short(row["id"]),
        version=row["version"],
        created_at=created_at,
        updated_at=rfc3339(row["updated_at"]),
        time=f"{created_at[8:10]} {_MONTHS[row['created_at'].month - 1]} {created_at[11:19]}",
        product=row["product"],
        kind=row["kind"].capitalize(),
        payer=payer,
        paid=paid,
        about=about,
        alias=row.get("alias") or "",
        reference=row["reference"] or "",
        amount=grouped(row["amount_minor"], row["currency"]),
        currency=row["currency"],
        status=row["status"],
        word=mark.word,
        shape=mark.shape,
        tone=mark.tone,
        iso_status=row["iso_status"],
        reason=row["reason"] or "",
        next=row["sentence"].removeprefix(f"{about}. "),
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
