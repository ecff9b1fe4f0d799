"""Account numbers of other banks, refused when their own check digits do not fit."""

import re

from apps.kernel.errors import Invalid

# ABA routing numbers: the digits weighted 3, 7, 1 in turn sum to a multiple of ten.
_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)


def routing_number(value: str) -> str:
    """Raises Invalid (`routing_number_malformed`)."""
    fits = re.fullmatch(r"[0-9]{9}", value, re.ASCII) and value != "000000000"
    if not fits or sum(int(d) * w for d, w in zip(value, _WEIGHTS, strict=True)) % 10:
        raise Invalid("routing_number_malformed", "Write a routing number of nine digits.")
    return value


def iban(value: str) -> str:
    """Without spaces, in capitals. Raises Invalid (`iban_malformed`)."""
    compact = value.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", compact, re.ASCII):
        raise Invalid("iban_malformed", "Write an IBAN such as DE89370400440532013000.")
    # ISO 13616: country and check digits moved to the end, letters as 10 to 35, modulo 97 is 1.
    digits = "".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])
    if int(digits) % 97 != 1:
        raise Invalid("iban_malformed", "The IBAN's check digits do not fit.")
    return compact
