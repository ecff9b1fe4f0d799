"""What a sight hides of a customer: contact points wherever they stand, account numbers always; and ids cut short."""

import re

from apps.access.roles import Sight

# `ord_` and eight of its 32 characters: enough to tell a screenful of orders apart.
SHORT_ID = 12

# What may be an account's.
_NUMBER = re.compile(r"[0-9](?:[ \-]?[0-9]){4,}")

# People write addresses into names and reasons, too.
_ADDRESS = re.compile(r"[^\s@<>()\[\]\",;:]{1,64}@[^\s@<>()\[\]\",;:]{1,255}")


def masked(alias: str) -> str:
    """Enough of an e-mail address or phone number to recognise it by: d•••@example.com, •••55."""
    name, at, host = alias.rpartition("@")
    return f"{name[:1]}•••{at}{host}" if at else f"•••{alias[-2:]}"


def short(record_id: str) -> str:
    return f"{record_id[:SHORT_ID]}…" if len(record_id) > SHORT_ID else record_id


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


def numbers(text: str) -> str:
    """A free text with numbers of more than four digits cut to their last four: they may be accounts'."""
    return _NUMBER.sub(lambda found: f"••••{found[0][-4:]}", text)


def named_account(account: str | None) -> str:
    """An account as a document of ours names it: by an id or token of ours, else by its last four characters."""
    if not account or account.startswith(_OWN_IDS):
        return account or ""
    return f"••••{account[-4:]}"


_OWN_IDS = ("acc_", "num_")
