"""Money comes in as decimal strings only, and in no other shape."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.errors import Invalid
from apps.kernel.money import (
    MAX_MINOR,
    MINOR_DIGITS,
    Money,
    amount_json,
    decimal_string,
    known_currency,
    parse_decimal,
    parse_money,
)


@pytest.mark.parametrize(
    ("value", "currency", "amount_minor"),
    [
        ("12.34", "USD", 1234),
        ("0.01", "USD", 1),
        ("0.00", "USD", 0),
        ("1000000.00", "EUR", 100_000_000),
        ("1234", "JPY", 1234),
        ("0", "JPY", 0),
        ("1.234", "KWD", 1234),
        ("0.001", "KWD", 1),
        ("10000000000000.00", "USD", MAX_MINOR),
    ],
)
def test_reads_a_decimal_string(value: str, currency: str, amount_minor: int) -> None:
    assert parse_decimal(value, currency) == amount_minor


@pytest.mark.parametrize(
    "value",
    [
        "12",
        "12.3",
        "12.345",
        "12.",
        ".12",
        "1e2",
        "1E2",
        "1.00e2",
        "-12.34",
        "+12.34",
        "-0.00",
        " 12.34",
        "12.34 ",
        "12.34\n",
        "012.34",
        "00.00",
        "1,000.00",
        "1_000.00",
        "12,34",
        "$12.34",
        "12.34USD",
        "NaN",
        "Infinity",
        "0x10.00",
        "",
        ".",
        "12.34.5",
        "\u0661\u0662.\u0663\u0664",
        "\uff11\uff12.\uff13\uff14",
        "12.3\uff14",
        "\u00b22.00",
        "1\u00a0000.00",
        "12.34\x00",
        "9" * 40 + ".00",
        "9" * 10_000,
    ],
)
def test_refuses_what_is_no_plain_amount(value: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_decimal(value, "USD")

    assert refusal.value.code == "amount_malformed"


@pytest.mark.parametrize("value", ["9" * 37 + ".00", "10000000000000.01", "99999999999999.99"])
def test_refuses_an_amount_that_sums_could_not_hold(value: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_decimal(value, "USD")

    assert refusal.value.code == "amount_too_large"


@pytest.mark.parametrize("value", [12.34, 12, 0, -1, True, None, [], {}, ["12.34"], b"12.34"])
def test_refuses_what_is_no_string(value: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_decimal(value, "USD")

    assert refusal.value.code == "amount_not_a_string"


@pytest.mark.parametrize(
    ("value", "currency"), [("1234.00", "JPY"), ("12.34", "KWD"), ("1.0", "JPY"), ("1234", "KWD")]
)
def test_refuses_the_digits_of_another_currency(value: str, currency: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_decimal(value, currency)

    assert refusal.value.code == "amount_malformed"
    assert f"exactly {MINOR_DIGITS[currency]} decimals" in refusal.value.detail


@pytest.mark.parametrize(
    "currency", ["ZZZ", "usd", "US", "USDD", "", " USD", None, 840, ["USD"], {"$ne": None}]
)
def test_refuses_an_unknown_currency(currency: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        known_currency(currency, "/amount/currency")

    assert (refusal.value.code, refusal.value.pointer) == ("currency_unknown", "/amount/currency")


@pytest.mark.parametrize(
    ("document", "code", "pointer"),
    [
        ({"value": "0.00", "currency": "USD"}, "amount_not_positive", "/amount/value"),
        ({"value": "0", "currency": "JPY"}, "amount_not_positive", "/amount/value"),
        ({"value": "-1.00", "currency": "USD"}, "amount_malformed", "/amount/value"),
        ({"value": 1.0, "currency": "USD"}, "amount_not_a_string", "/amount/value"),
        ({"value": "1.00", "currency": "ZZZ"}, "currency_unknown", "/amount/currency"),
        ({"value": "1.00", "currency": ["USD"]}, "currency_unknown", "/amount/currency"),
        ({"value": {"$gt": ""}, "currency": "USD"}, "amount_not_a_string", "/amount/value"),
        ({"value": "1.00"}, "amount_malformed", "/amount"),
        ({"value": "1.00", "currency": "USD", "fee": "1"}, "amount_malformed", "/amount"),
        ({}, "amount_malformed", "/amount"),
        ("1.00 USD", "amount_malformed", "/amount"),
        (None, "amount_malformed", "/amount"),
        ([], "amount_malformed", "/amount"),
    ],
)
def test_refuses_an_amount_that_can_not_be_paid(document: Any, code: str, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_money(document)

    assert (refusal.value.code, refusal.value.pointer) == (code, pointer)
    assert str(refusal.value).startswith(f"{code}: ")


def test_reads_a_payable_amount() -> None:
    money = parse_money({"value": "12.34", "currency": "USD"})

    assert money == Money(1234, "USD")
    assert str(money) == "12.34 USD"


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        (1234, "USD", "12.34"),
        (5, "USD", "0.05"),
        (-5, "USD", "-0.05"),
        (-1234, "JPY", "-1234"),
        (0, "JPY", "0"),
        (1, "KWD", "0.001"),
    ],
)
def test_is_written_with_its_currencys_digits(amount_minor: int, currency: str, text: str) -> None:
    assert decimal_string(amount_minor, currency) == text
    assert amount_json(amount_minor, currency) == {"value": text, "currency": currency}


@given(st.integers(0, MAX_MINOR), st.sampled_from(sorted(MINOR_DIGITS)))
def test_comes_back_as_it_was_written(amount_minor: int, currency: str) -> None:
    assert parse_decimal(decimal_string(amount_minor, currency), currency) == amount_minor


@given(st.text() | st.from_regex(r"[-+]?[0-9]{0,45}[.,]?[0-9]{0,5}", fullmatch=True))
def test_is_read_or_refused_whatever_the_text(text: str) -> None:
    for currency in MINOR_DIGITS:
        try:
            amount_minor = parse_decimal(text, currency)
        except Invalid:
            continue
        assert decimal_string(amount_minor, currency) == text
