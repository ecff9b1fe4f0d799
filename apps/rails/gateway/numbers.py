"""Account numbers of other banks, put into a message when it is sent: what is stored and captured has their tokens.

Safe to repeat: numbers are insert only and writing is deterministic, so that a message that is sent again has the very
same bytes. No number is logged, and none is kept of what a network answers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from pymongo.database import Database

from apps.kernel.errors import Invalid
from apps.parties.account_numbers import full_number
from apps.parties.domain.bank_account import FullNumber
from apps.rails.domain.ids import ACCOUNT_TOKEN
from apps.rails.domain.messages import BEGINS, Party
from apps.rails.iso20022.accounts import without
from apps.rails.iso20022.codec import from_xml, to_xml
from apps.rails.iso20022.refused import RefusedXml

Document = dict[str, Any]


@dataclass(frozen=True)
class Ready:
    """A message as the network gets it. Its numbers are in no `repr`."""

    xml: str = field(repr=False)
    numbers: tuple[str, ...] = field(default=(), repr=False)

    def masked(self, text: str) -> str:
        """The network's words without the numbers that it may repeat, whatever stands between their digits."""
        return without(text, self.numbers)


def ready(database: Database[Document], xml: str) -> Ready:
    """The stored message with the numbers in place of the tokens.

    Raises NotFound (`account_number_unknown`) and Invalid (`account_number_unusable`): it can't be sent, now or later.
    """
    if ACCOUNT_TOKEN not in xml:
        return Ready(xml)
    message = from_xml(xml.encode())
    if not isinstance(message, BEGINS):
        return Ready(xml)
    found = _numbers(database, (message.debtor, message.creditor))
    if not found:
        return Ready(xml)
    sent = replace(
        message,
        debtor=_numbered(message.debtor, found),
        creditor=_numbered(message.creditor, found),
    )
    try:
        written = to_xml(sent)
    except RefusedXml:
        # Without its cause, which may tell what stood there.
        detail = "The account number can't stand in a message."
        raise Invalid("account_number_unusable", detail) from None
    return Ready(written, tuple(each.number for each in found.values()))


def _numbers(database: Database[Document], parties: Iterable[Party]) -> dict[str, FullNumber]:
    """By token, of those parties whose account is named by one."""
    tokens = {each.account for each in parties if each.account is not None}
    known = sorted(each for each in tokens if each.startswith(ACCOUNT_TOKEN))
    return {token: full_number(token, within=database) for token in known}


def _numbered(party: Party, numbers: dict[str, FullNumber]) -> Party:
    number = numbers.get(party.account or "")
    if number is None:
        return party
    if number.kind == "iban":
        return replace(party, account=None, iban=number.number)
    return replace(party, account=number.number, bank=number.routing_number or party.bank)
