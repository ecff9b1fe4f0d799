"""The XML of a message for eyes: indented, without account numbers, contact points as the sight shows them."""

from typing import Any

from lxml import etree

from apps.access.roles import Sight
from apps.console import masking
from apps.rails.iso20022.accounts import FREE_TEXTS
from apps.rails.iso20022.parser import harmless_parser

_NOT_PROVIDED = "NOTPROVIDED"


def shown_xml(xml: str, *, sight: Sight, aliases: list[str]) -> str | None:
    """None when it is no XML, or declares document types, which nothing here reads.

    Account numbers are cut to their last four characters for every sight; ids and tokens of ours stay.
    """
    if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        return None
    try:
        root = etree.fromstring(xml.encode(), harmless_parser(remove_blank_text=True))
    except etree.XMLSyntaxError:
        return None
    for element in root.iter():
        if element.text and len(element) == 0:
            element.text = _shown(element, sight, aliases)
    etree.indent(root, space="  ")
    return str(etree.tostring(root, encoding="unicode"))


def _shown(element: Any, sight: Sight, aliases: list[str]) -> str:
    name, text = _name(element), str(element.text)
    above = [_name(each) for each in element.iterancestors()]
    if "Prxy" in above:
        return masking.contact(text, sight) if name == "Id" else text
    if any(each.endswith("Acct") for each in above) and name in ("Id", "IBAN", "BBAN"):
        return text if text == _NOT_PROVIDED else masking.named_account(text)
    if name not in FREE_TEXTS:
        return text
    return masking.numbers(masking.text(text, sight, *aliases))


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
