"""Money as whole minor units of one currency; no float ever touches it."""

import re
from dataclasses import dataclass
from typing import Any

from apps.kernel.errors import Invalid

# ISO 4217 minor units of the currencies the platform knows (subset; the rest is refused, never guessed).
MINOR_DIGITS = {"USD": 2, "EUR": 2, "GBP": 2, "CAD": 2, "MXN": 2, "JPY": 0, "KWD": 3}

# MongoDB's Int64 holds 9.2e18; a balance is a sum of many amounts, so one amount stays far below.
MAX_MINOR = 10**15

_DECIMAL = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))?", re.ASCII)


@dataclass(frozen=True, order=False)
class Money:
    """An amount in minor units (cents for USD) and its ISO 4217 code."""

    amount_minor: int
    currency: str

    def __str__(self) -> str:
        return f"{decimal_string(self.amount_minor, self.currency)} {self.currency}"


def decimal_string(amount_minor: int, currency: str) -> str:
    """The amount with exactly its currency's minor digits: 1234 USD is "12.34", 1234 JPY is "1234"."""
    digits = MINOR_DIGITS[currency]
    sign, magnitude = ("-" if amount_minor < 0 else ""), abs(amount_minor)
    if digits == 0:
        return f"{sign}{magnitude}"
    whole, rest = divmod(magnitude, 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}"


def parse_decimal(value: Any, currency: str, pointer: str = "") -> int:
    """Minor units of a decimal string that has exactly the currency's digits.

    Raises Invalid (`currency_unknown`, `amount_not_a_string`, `amount_malformed`, `amount_too_large`).
    """
    known_currency(currency, f"{pointer}/currency" if pointer else "")
    where = f"{pointer}/value" if pointer else ""
    digits = MINOR_DIGITS[currency]
    example = decimal_string(1234, currency)
    if not isinstance(value, str):
        raise Invalid(
            "amount_not_a_string", f'Write the amount as a string, such as "{example}".', where
        )
    match = _DECIMAL.fullmatch(value) if len(value) <= 40 else None
    if match is None or len(match.group(2) or "") != digits:
        detail = f'Write {currency} with exactly {digits} decimals and nothing else, such as "{example}".'
        raise Invalid("amount_malformed", detail, where)
    amount_minor = int(match.group(1) + (match.group(2) or ""))
    if amount_minor > MAX_MINOR:
        limit = decimal_string(MAX_MINOR, currency)
        raise Invalid(
            "amount_too_large", f"The largest amount accepted is {limit} {currency}.", where
        )
    return amount_minor


def parse_money(document: Any, pointer: str = "/amount") -> Money:
    """A payable amount from `{"value": "12.34", "currency": "USD"}`: more than zero, nothing beside the two fields."""
    if not isinstance(document, dict) or set(document) != {"value", "currency"}:
        detail = 'Write the amount as {"value": "12.34", "currency": "USD"}.'
        raise Invalid("amount_malformed", detail, pointer)
    amount_minor = parse_decimal(document["value"], document["currency"], pointer)
    if amount_minor == 0:
        raise Invalid(
            "amount_not_positive", "The amount must be more than zero.", f"{pointer}/value"
        )
    return Money(amount_minor, document["currency"])


def known_currency(currency: Any, pointer: str = "") -> str:
    """The code itself, or Invalid (`currency_unknown`)."""
    if not isinstance(currency, str) or currency not in MINOR_DIGITS:
        known = ", ".join(sorted(MINOR_DIGITS))
        raise Invalid(
            "currency_unknown", f"Use an ISO 4217 code that is offered here: {known}.", pointer
        )
    return currency


def amount_json(amount_minor: int, currency: str) -> dict[str, str]:
    """The amount as every API answer writes it."""
    return {"value": decimal_string(amount_minor, currency), "currency": currency}
