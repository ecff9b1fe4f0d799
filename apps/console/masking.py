"""What a sight hides of a customer: contact points wherever they stand, account numbers always."""

import re

from apps.access.roles import Sight
from apps.console.rows import masked

# People write addresses into names and reasons, too.
_ADDRESS = re.compile(r"[^\s@<>()\[\]\",;:]{1,64}@[^\s@<>()\[\]\",;:]{1,255}")


def contact(value: str | None, sight: Sight) -> str:
    """An e-mail address or phone number as somebody of this sight may see it."""
    return (value or "") if sight >= Sight.FULL else masked(value) if value else ""


def text(value: str | None, sight: Sight, *contacts: str | None) -> str:
    """A free text without e-mail addresses and without these contact points, unless the sight is FULL."""
    shown = value or ""
    if sight >= Sight.FULL:
        return shown
    for known in contacts:
        if known:
            shown = re.sub(re.escape(known), lambda found: masked(found[0]), shown, flags=re.I)
    return _ADDRESS.sub(lambda found: masked(found[0]), shown)


def account_number(value: str) -> str:
    """The beginning and the end of an IBAN: nobody is shown a whole account number."""
    return f"{value[:4]} •••• {value[-4:]}" if len(value) > 8 else f"••••{value[-4:]}"
