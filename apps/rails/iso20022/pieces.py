"""Pieces that several messages share, as trees of ISO element names: parties, banks, amounts, reasons, instants.

Each piece is written by one function and read by the one below it.
"""

import re
from datetime import UTC, date, datetime
from typing import Any

from apps.kernel.clock import rfc3339, to_milliseconds
from apps.kernel.money import MAX_MINOR, MINOR_DIGITS, Money, decimal_string
from apps.rails.domain.messages import Original, Party
from apps.rails.iso20022.refused import RefusedXml

Tree = dict[str, Any]

_ROUTING = re.compile(r"[0-9]{9}", re.ASCII)
_DECIMAL = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,5}))?", re.ASCII)
_PROXY_CODES = {"email": "EMAL", "phone": "TELE"}
_PROXY_KINDS = {code: kind for kind, code in _PROXY_CODES.items()}
# An account element must hold a number; who is paid by an alias has none that the sender knows.
_NOT_PROVIDED = "NOTPROVIDED"


def at(tree: Any, path: str) -> Any:
    """What stands at a path of element names, or None where one of them is missing."""
    for name in path.split("/"):
        if not isinstance(tree, dict) or name not in tree:
            return None
        tree = tree[name]
    return tree


def needed(tree: Any, path: str) -> Any:
    """The same; raises RefusedXml when the schema does not ask for it and the platform does."""
    found = at(tree, path)
    if found is None or found == []:
        raise RefusedXml("not_supported", f"{path} is needed.")
    return found


def only(tree: Any, path: str) -> Any:
    """The one item of a list: messages carry one payment each."""
    items = needed(tree, path)
    if len(items) != 1:
        raise RefusedXml("not_supported", f"{path} must stand there once.")
    return items[0]


def group(message_id: str, created_at: datetime) -> Tree:
    return {"MsgId": message_id, "CreDtTm": rfc3339(created_at)}


def money(amount: Money) -> Tree:
    return {
        "value": decimal_string(amount.amount_minor, amount.currency),
        "Ccy": amount.currency,
    }


def read_money(tree: Tree, path: str) -> Money:
    """Minor units straight from the decimal digits. Raises RefusedXml (`amount_invalid`)."""
    found = needed(tree, path)
    currency, match = found["Ccy"], _DECIMAL.fullmatch(found["value"])
    if currency not in MINOR_DIGITS or match is None:
        raise RefusedXml("amount_invalid", f"{path} is in a currency or form not offered here.")
    digits = MINOR_DIGITS[currency]
    decimals = (match[2] or "").ljust(digits, "0")
    amount_minor = int(match[1] + decimals[:digits])
    if decimals[digits:].strip("0") or amount_minor > MAX_MINOR:
        raise RefusedXml("amount_invalid", f"{path} has parts of a minor unit or is too large.")
    return Money(amount_minor, currency)


def read_instant(text: str) -> datetime:
    """UTC; a time without an offset is taken as UTC, as the networks here write it."""
    try:
        found = datetime.fromisoformat(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RefusedXml("not_supported", "An instant is no instant of the calendar.") from error
    return to_milliseconds(found)


def read_date(text: str | None) -> date | None:
    """A date; an offset behind it is left away."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError as error:
        raise RefusedXml("not_supported", "A date is no date of the calendar.") from error


def agent(bank: str) -> Tree:
    if _ROUTING.fullmatch(bank):
        member = {"ClrSysId": {"Cd": "USABA"}, "MmbId": bank}
        return {"FinInstnId": {"ClrSysMmbId": member}}
    return {"FinInstnId": {"BICFI": bank}}


def read_agent(tree: Tree, path: str) -> str:
    institution = needed(tree, f"{path}/FinInstnId")
    bank = at(institution, "ClrSysMmbId/MmbId") or at(institution, "BICFI")
    if bank is None:
        raise RefusedXml("not_supported", f"{path} must name a routing number or a BIC.")
    return str(bank)


def party(who: Party, role: str) -> Tree:
    """The three elements of a role ("Dbtr", "Cdtr"): the party, its account and its bank."""
    found: Tree = {role: {"Nm": who.name}, f"{role}Agt": agent(who.bank)}
    if who.account or who.iban or who.alias:
        found[f"{role}Acct"] = _account(who)
    return found


def _account(who: Party) -> Tree:
    other: Tree = {"Othr": {"Id": who.account or _NOT_PROVIDED}}
    account: Tree = {"Id": {"IBAN": who.iban} if who.iban else other}
    if who.alias:
        kind, _, value = who.alias.partition(":")
        account["Prxy"] = {"Tp": {"Cd": _PROXY_CODES[kind]}, "Id": value}
    return account


def read_party(tree: Tree, role: str) -> Party:
    account = at(tree, f"{role}Acct")
    number = at(account, "Id/Othr/Id")
    return Party(
        name=needed(tree, f"{role}/Nm"),
        bank=read_agent(tree, f"{role}Agt"),
        account=None if number == _NOT_PROVIDED else number,
        iban=at(account, "Id/IBAN"),
        alias=_read_alias(at(account, "Prxy")),
    )


def _read_alias(proxy: Tree | None) -> str | None:
    kind = _PROXY_KINDS.get(at(proxy, "Tp/Cd") or "")
    return f"{kind}:{proxy['Id']}" if proxy and kind else None


def original(about: Original) -> Tree:
    """The elements by which a message names the one that it is about."""
    return {
        "OrgnlGrpInf": {"OrgnlMsgId": about.message_id, "OrgnlMsgNmId": about.message_type},
        "OrgnlEndToEndId": about.end_to_end_id,
        "OrgnlUETR": about.uetr,
    }


def read_original(tree: Tree) -> Original:
    return Original(
        message_id=needed(tree, "OrgnlGrpInf/OrgnlMsgId"),
        message_type=needed(tree, "OrgnlGrpInf/OrgnlMsgNmId"),
        end_to_end_id=needed(tree, "OrgnlEndToEndId"),
        uetr=at(tree, "OrgnlUETR"),
    )


def why(reason: str | None, text: str | None) -> list[Tree]:
    """Reason information: a code of the external set and a sentence; nothing when there is neither."""
    if reason is None and text is None:
        return []
    return [
        {
            "Rsn": {"Cd": reason} if reason else None,
            "AddtlInf": [text] if text else [],
        }
    ]


def read_why(tree: Tree, path: str) -> tuple[str | None, str | None]:
    """Code and sentence of the first reason."""
    reasons = at(tree, path) or [{}]
    sentences = at(reasons[0], "AddtlInf") or [None]
    return at(reasons[0], "Rsn/Cd"), sentences[0]


def remittance(reference: str | None) -> Tree | None:
    return {"Ustrd": [reference]} if reference else None


def read_remittance(tree: Tree, path: str = "RmtInf") -> str | None:
    lines = at(tree, f"{path}/Ustrd") or [None]
    return None if lines[0] is None else str(lines[0])
