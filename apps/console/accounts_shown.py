"""Accounts and their entries as pages show them: amounts as text, each entry with the balances after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.console.marks import Mark, mark_of_record
from apps.console.masking import short
from apps.console.rows import grouped
from apps.console.timeline import (
    MINUS,
    LedgerLine,
    entry_words,
    internal_words,
    ledger_line,
    signed,
)

Document = Mapping[str, Any]


@dataclass(frozen=True)
class ShownAccount:
    """An account; `title` is its kind and last digits, or what an internal one is for.

    An internal one may go below zero, so nothing is available of it: `available` is "".
    """

    id: str
    short_id: str
    customer: str
    title: str
    kind: str
    currency: str
    posted: str
    held: str
    available: str
    mark: Mark
    is_internal: bool
    holds_money: bool
    opened_at: datetime
    updated_at: datetime
    made_by: str
    version: int
    closed_at: datetime | None
    closed_because: str


@dataclass(frozen=True)
class StatementLine:
    """One entry from the side of one account: what it changed there, and what there was after it.

    An amount is "" where nothing changed; a balance is "" where nobody could say.
    """

    id: str
    words: str
    order: str
    short_order: str
    at: datetime
    posted: str
    held: str
    posted_after: str
    held_after: str
    available_after: str
    lines: list[LedgerLine]
    made_by: str


def shown_account(account: Document) -> ShownAccount:
    """Nothing of it is withheld from whoever may see accounts: there is no whole number to show."""
    currency = account["currency"]
    posted, held = account["posted_minor"], account["held_minor"]
    is_internal = account.get("customer") is None
    digits, closed = account.get("number_last4"), account.get("closed") or {}
    return ShownAccount(
        id=account["_id"],
        short_id=short(account["_id"]),
        customer=account.get("customer") or "",
        title=internal_words(account["_id"])
        if is_internal
        else f"{account['kind'].capitalize()} ••••{digits}",
        kind=account["kind"],
        currency=currency,
        posted=balance(posted, currency),
        held=balance(held, currency),
        available="" if is_internal else balance(posted - held, currency),
        mark=mark_of_record(account["status"]),
        is_internal=is_internal,
        holds_money=held != 0,
        opened_at=account["opened_at"],
        updated_at=account["updated_at"],
        made_by=account.get("modified_by") or "",
        version=account["version"],
        closed_at=closed.get("at"),
        closed_because=closed.get("reason") or "",
    )


def balance(amount_minor: int, currency: str) -> str:
    """A balance in print: grouped, a minus as wide as a digit before one below zero."""
    return (MINUS if amount_minor < 0 else "") + grouped(abs(amount_minor), currency)


def statement_lines(
    account: Document,
    entries: Sequence[Document],
    *,
    after_first: Mapping[str, int] | None,
    named: Mapping[str, str],
) -> tuple[list[StatementLine], Mapping[str, int] | None]:
    """The entries, newest first, and what was posted and held before the last of them.

    `named` has the words for the accounts of customers that stand in their lines.
    """
    after = dict(after_first) if after_first is not None else None
    shown = []
    for entry in entries:
        change = change_of(entry, account["_id"])
        shown.append(_statement_line(entry, change, after, named))
        if after is not None:
            after = {layer: after[layer] - change[layer] for layer in after}
    return shown, after


def change_of(entry: Document, account_id: str) -> dict[str, int]:
    """What the entry changed of the account in each layer, in minor units."""
    change = {"posted": 0, "held": 0}
    for line in entry["lines"]:
        if line["account"] == account_id:
            change[line["layer"]] += line["amount_minor"]
    return change


def _statement_line(
    entry: Document,
    change: Mapping[str, int],
    after: Mapping[str, int] | None,
    named: Mapping[str, str],
) -> StatementLine:
    currency, order = entry["currency"], entry.get("order") or ""
    return StatementLine(
        id=entry["_id"],
        words=entry_words(entry["kind"]),
        order=order,
        short_order=short(order),
        at=entry["at"],
        posted=signed(change["posted"], currency) if change["posted"] else "",
        held=signed(change["held"], currency) if change["held"] else "",
        posted_after=balance(after["posted"], currency) if after else "",
        held_after=balance(after["held"], currency) if after else "",
        available_after=balance(after["posted"] - after["held"], currency) if after else "",
        lines=[ledger_line(line, currency, named) for line in entry["lines"]],
        made_by=entry.get("made_by") or "",
    )
