"""Entries of the double-entry ledger: two or more lines that sum to zero in each layer.

A layer is `posted` (money that moved) or `held` (money set aside). A customer account's posted
amount is what the bank owes the customer, so a payment lowers the debtor's account and raises the
creditor's.
"""

from datetime import datetime
from typing import Literal, TypedDict

from apps.ledger.domain.internal import internal_account

Layer = Literal["posted", "held"]
NetworkKind = Literal["receipt", "suspense", "release", "return_out", "return_in", "fee"]
Kind = Literal["opening", "hold", "capture", "void", "transfer", NetworkKind]


class Line(TypedDict):
    """A signed change of one account in one layer, in minor units."""

    account: str
    layer: Layer
    amount_minor: int


class Entry(TypedDict):
    """One indivisible change of the ledger; its id is derived from its cause, so it can be written once only."""

    _id: str
    kind: Kind
    order: str | None
    order_version: int | None
    currency: str
    lines: list[Line]
    at: datetime


class Unbalanced(AssertionError):
    """An entry whose lines do not sum to zero: a defect, it is never written."""


def holds_account(currency: str, shard: int) -> str:
    """The other side of every hold of one settle shard: shards do not meet on one hot account."""
    return internal_account("holds", currency=currency, shard=shard)


def funding_account(currency: str) -> str:
    """Where opening balances come from."""
    return internal_account("funding", currency=currency)


def _line(account: str, layer: Layer, amount_minor: int) -> Line:
    return Line(account=account, layer=layer, amount_minor=amount_minor)


def _order_entry(
    kind: Kind, order: str, version: int, currency: str, lines: list[Line], at: datetime
) -> Entry:
    return Entry(
        _id=f"{order}:{version}",
        kind=kind,
        order=order,
        order_version=version,
        currency=currency,
        lines=lines,
        at=at,
    )


def hold(
    *,
    order: str,
    version: int,
    debtor: str,
    holds: str,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    """Sets money of `debtor` aside."""
    lines = [_line(debtor, "held", amount_minor), _line(holds, "held", -amount_minor)]
    return _order_entry("hold", order, version, currency, lines, at)


def void(
    *,
    order: str,
    version: int,
    debtor: str,
    holds: str,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    """Frees money that a hold had set aside."""
    lines = [_line(debtor, "held", -amount_minor), _line(holds, "held", amount_minor)]
    return _order_entry("void", order, version, currency, lines, at)


def capture(
    *,
    order: str,
    version: int,
    debtor: str,
    creditor: str,
    holds: str,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    """Moves money that a hold had set aside from `debtor` to `creditor`."""
    lines = [
        _line(debtor, "held", -amount_minor),
        _line(holds, "held", amount_minor),
        _line(debtor, "posted", -amount_minor),
        _line(creditor, "posted", amount_minor),
    ]
    return _order_entry("capture", order, version, currency, lines, at)


def transfer(
    *,
    order: str,
    version: int,
    debtor: str,
    creditor: str,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    """Moves money from `debtor` to `creditor` at once: nothing was set aside before."""
    lines = [_line(debtor, "posted", -amount_minor), _line(creditor, "posted", amount_minor)]
    return _order_entry("transfer", order, version, currency, lines, at)


def opening(*, account: str, amount_minor: int, currency: str, at: datetime) -> Entry:
    """The opening balance of an account, from the funding account."""
    lines = [
        _line(account, "posted", amount_minor),
        _line(funding_account(currency), "posted", -amount_minor),
    ]
    return Entry(
        _id=f"{account}:opening",
        kind="opening",
        order=None,
        order_version=None,
        currency=currency,
        lines=lines,
        at=at,
    )


class NotPositive(AssertionError):
    """An amount of zero or less: moved from debtor to creditor, it would take money from the creditor."""


def assert_positive(amount_minor: int, *, cause: str) -> None:
    """Raises NotPositive."""
    if amount_minor <= 0:
        raise NotPositive(f"{cause}: {amount_minor}")


def assert_balanced(entry: Entry) -> None:
    """Raises Unbalanced unless there are two lines or more and each layer sums to zero."""
    sums = {"posted": 0, "held": 0}
    for line in entry["lines"]:
        sums[line["layer"]] += line["amount_minor"]
    if len(entry["lines"]) < 2 or any(sums.values()):
        raise Unbalanced(f"{entry['_id']}: {sums}")
