"""Account numbers of other banks, refused when their own check digits, length or country do not fit."""

import re
from dataclasses import dataclass, field
from typing import Literal

from apps.kernel.errors import Invalid

# ABA routing numbers: the digits weighted 3, 7, 1 in turn sum to a multiple of ten.
_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)

# Characters of an IBAN by country, from the IBAN registry that SWIFT keeps for ISO 13616 (release 98). Countries that
# are not here pass by their check digits alone.
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "CH": 21, "CY": 28, "CZ": 24,
    "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21,
    "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "KW": 30, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
    "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "QA": 29, "RO": 24, "SA": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "TR": 26, "UA": 29,
}  # fmt: skip

# Whose banks carry a country of their own in the BIC although their accounts have the other's IBANs (same registry).
_TERRITORIES = {
    "GB": frozenset({"GG", "IM", "JE"}),
    "FR": frozenset("BL GF GP MF MQ NC PF PM RE TF WF YT".split()),
    "FI": frozenset({"AX"}),
}


@dataclass(frozen=True)
class FullNumber:
    """An account as a network needs it. Never shown, logged or put on a topic: its `repr` is masked too."""

    kind: Literal["account", "iban"]
    number: str = field(repr=False)
    routing_number: str | None = None  # of an account; an IBAN names its bank itself

    @property
    def key(self) -> str:
        """Equal for equal accounts."""
        return ":".join(filter(None, (self.kind, self.routing_number, self.number)))


def routing_number(value: str) -> str:
    """Raises Invalid (`routing_number_malformed`)."""
    if not re.fullmatch(r"[0-9]{9}", value, re.ASCII) or value == "000000000":
        raise Invalid("routing_number_malformed", "Write a routing number of nine digits.")
    if sum(int(d) * w for d, w in zip(value, _WEIGHTS, strict=True)) % 10:
        detail = "The routing number's last digit, its check digit, does not fit the others."
        raise Invalid("routing_number_malformed", detail)
    return value


def iban(value: str) -> str:
    """Without spaces, in capitals. Raises Invalid (`iban_malformed`)."""
    compact = value.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", compact, re.ASCII):
        raise Invalid("iban_malformed", "Write an IBAN such as DE89370400440532013000.")
    length = IBAN_LENGTHS.get(compact[:2], len(compact))
    if len(compact) != length:
        detail = f"An IBAN of {compact[:2]} has {length} characters; this one has {len(compact)}."
        raise Invalid("iban_malformed", detail)
    # ISO 13616: country and check digits moved to the end, letters as 10 to 35, modulo 97 is 1.
    digits = "".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])
    if int(digits) % 97 != 1:
        raise Invalid("iban_malformed", "The IBAN's check digits do not fit.")
    return compact


def bic(value: str) -> str:
    """In capitals (ISO 9362: four of the bank, two of the country, two of the place, three of a branch or none).

    Raises Invalid (`bic_malformed`).
    """
    code = value.upper()
    if not re.fullmatch(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", code, re.ASCII):
        raise Invalid("bic_malformed", "Write a BIC of 8 or 11 characters such as COBADEFFXXX.")
    return code


def assert_bic_fits(code: str, account: str) -> None:
    """Raises Invalid (`bic_mismatch`) when the BIC's bank is of another country than the IBAN `account`."""
    theirs, ours = code[4:6], account[:2]
    if theirs != ours and theirs not in _TERRITORIES.get(ours, frozenset()):
        detail = f"The BIC is of a bank in {theirs}, the IBAN of one in {ours}."
        raise Invalid("bic_mismatch", detail)


def masked_iban(account: str) -> str:
    """Country, check digits and the last four; masking it again changes nothing."""
    return f"{account[:4]}••••{account[-4:]}"
