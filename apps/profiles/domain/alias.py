"""Aliases (tokens): an e-mail address or phone number in the one form that makes equal ones equal."""

import re

from apps.kernel.errors import Invalid

KINDS = ("email", "phone")

# Deliberately simple: one @, no spaces, a dot in the domain. Only a code sent there proves an address.
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.ASCII)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_PUNCTUATION = re.compile(r"[ ().\-]")


def normalised(kind: str, value: str) -> str:
    """Raises Invalid (`alias_malformed`)."""
    return email(value) if kind == "email" else phone(value)


def email(value: str) -> str:
    address = value.strip().lower()
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        raise Invalid("alias_malformed", "Write an e-mail address such as ann@example.com.")
    return address


def phone(value: str) -> str:
    """The number as E.164; ten digits, or eleven that begin with 1, are of the United States."""
    digits = _PUNCTUATION.sub("", value)
    if re.fullmatch(r"[2-9][0-9]{9}", digits, re.ASCII):
        digits = f"+1{digits}"
    elif re.fullmatch(r"1[2-9][0-9]{9}", digits, re.ASCII):
        digits = f"+{digits}"
    if not _E164.fullmatch(digits):
        raise Invalid("alias_malformed", "Write a phone number such as +12025550123.")
    return digits


def key_of(kind: str, value: str) -> str:
    """The key that is unique among active aliases; `value` is normalised."""
    return f"{kind}:{value}"
