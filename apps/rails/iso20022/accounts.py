"""Account numbers in a message of whatever kind: found by where they stand, and replaced there."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from lxml import etree

from apps.rails.iso20022.parser import harmless_parser

# Where people write.
FREE_TEXTS = frozenset({"Nm", "Ustrd", "AddtlInf", "AddtlRmtInf", "Ref"})
MASK = "••••"

# Shorter ones would be found in years and amounts, too.
_TOLD_LENGTH_MIN = 5


@dataclass(frozen=True)
class NamedAccount:
    """An account that a message names. `bank` is a routing number or BIC, None where the message does not say it."""

    kind: Literal["account", "iban"]
    number: str = field(repr=False)
    bank: str | None = None


def without(text: str, numbers: Iterable[str]) -> str:
    """The text without these account numbers, whatever stands between their digits."""
    for number in numbers:
        digits = r"[\s.\-]*".join(map(re.escape, number))
        text = re.sub(digits, MASK, text, flags=re.IGNORECASE)
    return text


def replaced(xml: str, *, by: Callable[[NamedAccount], str | None]) -> tuple[str, list[str]]:
    """The message with what `by` says in place of each account's number, and the numbers that were replaced.

    None leaves an account as it is. An IBAN's place is taken by a plain account, so that the message keeps its schema;
    free texts lose the numbers too. `xml` is a message that was read before: well-formed, without document types.
    """
    if "Acct" not in xml:
        return xml, []
    root = etree.fromstring(xml.encode(), harmless_parser())
    numbers = []
    for place, named in list(_accounts(root)):
        told = by(named)
        if told is not None:
            _put(place, told)
            numbers.append(named.number)
    if not numbers:
        return xml, []
    _clear(root, [number for number in numbers if len(number) >= _TOLD_LENGTH_MIN])
    return str(etree.tostring(root, encoding="unicode")), numbers


def _accounts(root: Any) -> Iterator[tuple[Any, NamedAccount]]:
    """Each account's Id element, in the order of the message."""
    for account in root.iter("{*}*"):
        name = _name(account)
        if not name.endswith("Acct"):
            continue
        bank = _bank(account, f"{name.removesuffix('Acct')}Agt")
        for place in account.findall("{*}Id"):
            if (iban := place.findtext("{*}IBAN")) is not None:
                yield place, NamedAccount("iban", iban.strip(), bank)
            elif (number := place.findtext("{*}Othr/{*}Id")) is not None:
                yield place, NamedAccount("account", number.strip(), bank)


def _bank(account: Any, role: str) -> str | None:
    """The bank that stands beside the account."""
    institution = account.getparent().find(f"{{*}}{role}/{{*}}FinInstnId")
    if institution is None:
        return None
    found = institution.findtext("{*}ClrSysMmbId/{*}MmbId") or institution.findtext("{*}BICFI")
    return str(found) if found else None


def _put(place: Any, told: str) -> None:
    namespace = etree.QName(place).namespace
    for child in list(place):
        place.remove(child)
    other = etree.SubElement(place, etree.QName(namespace, "Othr"))
    etree.SubElement(other, etree.QName(namespace, "Id")).text = told


def _clear(root: Any, numbers: list[str]) -> None:
    for element in root.iter("{*}*"):
        if element.text and _name(element) in FREE_TEXTS:
            element.text = without(element.text, numbers)


def _name(element: Any) -> str:
    return str(etree.QName(element).localname)
