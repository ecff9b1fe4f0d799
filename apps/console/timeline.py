"""An order's page as values for its template: what happened, what moved in the ledger, what was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.console.marks import Mark, mark_of, mark_of_command
from apps.console.rows import grouped
from apps.console.sides import sides_of
from apps.kernel.money import MINOR_DIGITS
from apps.transactions.domain.lifecycle import REASONS
from apps.transactions.domain.order import sentence

# A step that took longer than this since the one before is set apart as waiting.
IDLE = timedelta(seconds=60)


@dataclass(frozen=True)
class Step:
    """One item of the history, with the time since the one before."""

    version: int
    mark: Mark
    iso_status: str
    reason: str
    reason_words: str
    sentence: str
    at: datetime
    waited: str
    is_after_wait: bool
    actor_kind: str
    actor_id: str
    cause: str


@dataclass(frozen=True)
class LedgerLine:
    """One line of an entry, its direction as sign and word."""

    account: str
    account_words: str
    layer: str
    amount: str
    side: str


@dataclass(frozen=True)
class LedgerEntry:
    """An entry of the order's, in the words of the ledger."""

    id: str
    kind: str
    words: str
    version: int
    currency: str
    at: datetime
    lines: list[LedgerLine]


@dataclass(frozen=True)
class Asked:
    """A command and what became of it."""

    id: str
    type: str
    reason: str
    actor_kind: str
    actor_id: str
    created_at: datetime
    mark: Mark
    answer: str


# The sign of amounts in print, as wide as the plus.
MINUS = "\N{MINUS SIGN}"

_ENTRY_WORDS = {
    "hold": "Money set aside",
    "capture": "Money moved",
    "transfer": "Money moved",
    "void": "Money freed again",
    "opening": "Opening balance",
    "receipt": "Money received",
    "suspense": "Received, kept in suspense",
    "release": "Released from suspense",
    "return_in": "Money came back",
    "return_out": "Money sent back",
    "fee": "Fee",
}


def steps(order: Mapping[str, Any]) -> list[Step]:
    """The history, newest first."""
    found: list[Step] = []
    previous: datetime | None = None
    for item in order["history"]:
        waited = item["at"] - previous if previous is not None else timedelta(0)
        previous = item["at"]
        found.append(
            Step(
                version=item["version"],
                mark=mark_of(item["status"]),
                iso_status=item["iso_status"],
                reason=item["reason"] or "",
                reason_words=REASONS.get(item["reason"] or "", item.get("detail") or ""),
                sentence=sentence(order, item),
                at=item["at"],
                waited="" if item["version"] == 1 else duration(waited),
                is_after_wait=waited > IDLE,
                actor_kind=item["actor"]["kind"],
                actor_id=item["actor"]["id"],
                cause=item["cause"],
            )
        )
    return found[::-1]


def ledger(
    order: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], digits: Mapping[str, str]
) -> list[LedgerEntry]:
    """The order's entries, oldest first; `digits` are the last ones of the accounts that have a number."""
    sides = sides_of(order)
    words = {sides.payer.account: "Sender", sides.paid.account: "Recipient"}
    named = {
        account: f"{word} ••••{digits[account]}" if account in digits else word
        for account, word in words.items()
        if account
    }
    return [
        LedgerEntry(
            id=entry["_id"],
            kind=entry["kind"],
            words=entry_words(entry["kind"]),
            version=entry["order_version"],
            currency=entry["currency"],
            at=entry["at"],
            lines=[ledger_line(line, entry["currency"], named) for line in entry["lines"]],
        )
        for entry in entries
    ]


def asked(commands: Sequence[Mapping[str, Any]]) -> list[Asked]:
    """What was asked of the order, newest first."""
    return [_asked(command) for command in reversed(commands)]


def entry_words(kind: str) -> str:
    """What an entry of the ledger did, as people say it."""
    return _ENTRY_WORDS.get(kind, kind.replace("_", " ").capitalize())


def duration(span: timedelta) -> str:
    """A span in the two units that matter: "132 ms", "4.07 s", "3 min 12 s", "2 d 5 h"."""
    milliseconds = span // timedelta(milliseconds=1)
    if milliseconds < 1_000:
        return f"{milliseconds} ms"
    seconds = milliseconds // 1_000
    if seconds < 60:
        return f"{seconds}.{milliseconds % 1_000 // 10:02d} s"
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    if hours == 0:
        return f"{minutes} min {seconds % 60} s"
    if days == 0:
        return f"{hours} h {minutes % 60} min"
    return f"{days} d {hours % 24} h"


def ledger_line(line: Mapping[str, Any], currency: str, named: Mapping[str, str]) -> LedgerLine:
    """A line with its account in the words of `named`, an internal one by what it is for."""
    amount_minor, account = line["amount_minor"], line["account"]
    return LedgerLine(
        account=account,
        account_words=named.get(account) or internal_words(account),
        layer=line["layer"],
        amount=signed(amount_minor, currency),
        side=_side(account, line["layer"], is_plus=amount_minor > 0),
    )


def signed(amount_minor: int, currency: str) -> str:
    """The amount as print shows it, grouped and with its sign, plus too; no sign before zero."""
    sign = "+" if amount_minor > 0 else MINUS if amount_minor < 0 else ""
    return sign + grouped(abs(amount_minor), currency)


def internal_words(account: str) -> str:
    """`acc_int_holds_USD_2` is "Holds 2"; the shard matters to who looks for a hot spot."""
    if not account.startswith("acc_int_"):
        return account
    parts = account.removeprefix("acc_int_").split("_")
    return " ".join(part.capitalize() for part in parts if part not in MINOR_DIGITS)


def _side(account: str, layer: str, *, is_plus: bool) -> str:
    """The direction in words; an internal account only balances what a customer's account does."""
    if account.startswith("acc_int_"):
        return "contra"
    if layer == "held":
        return "set aside" if is_plus else "freed"
    return "credit" if is_plus else "debit"


def _asked(command: Mapping[str, Any]) -> Asked:
    outcome = command["outcome"]
    if outcome is None:
        mark, answer = mark_of_command("PENDING"), "Not decided yet."
    else:
        mark = mark_of_command(outcome["state"])
        answer = " · ".join(str(part) for part in (outcome["reason"], outcome["detail"]) if part)
    return Asked(
        id=command["_id"],
        type=command["type"],
        reason=command.get("reason") or "",
        actor_kind=command["actor"]["kind"],
        actor_id=command["actor"]["id"],
        created_at=command["created_at"],
        mark=mark,
        answer=answer,
    )
