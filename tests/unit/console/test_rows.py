"""A row of the feed …"""

from datetime import UTC, datetime

import pytest

from apps.console.rows import StoredRow, grouped, shown_row

NOW = datetime(2026, 3, 7, 9, 5, 1, 7_000, tzinfo=UTC)


def a_row(**fields: object) -> StoredRow:
    row: StoredRow = {
        "id": "ord_abcdefghijklmnop",
        "created_at": NOW,
        "updated_at": NOW,
        "product": "zelle",
        "kind": "send",
        "payee_name": "Bea",
        "debtor": "cus_ann",
        "creditor": None,
        "alias": "bea@example.com",
        "reference": None,
        "amount_minor": 1234,
        "currency": "USD",
        "status": "COMPLETED",
        "iso_status": "ACCC",
        "reason": None,
        "sentence": "12.34 USD to Bea. Paid to Bea. Nothing more is due.",
        "final": True,
        "version": 4,
    }
    return {**row, **fields}  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("amount_minor", "currency", "shown"),
    [
        (1, "USD", "0.01"),
        (123_456_789, "USD", "1,234,567.89"),
        (100_000, "USD", "1,000.00"),
        (-5, "USD", "-0.05"),
        (-123_456, "USD", "-1,234.56"),
        (1_234_567, "JPY", "1,234,567"),
        (0, "JPY", "0"),
        (1_234_567, "KWD", "1,234.567"),
        (10**15, "USD", "10,000,000,000,000.00"),
    ],
)
def test_has_its_amount_in_its_currencys_digits(
    amount_minor: int, currency: str, shown: str
) -> None:
    assert grouped(amount_minor, currency) == shown


def test_is_text_and_whole_numbers_only() -> None:
    shown = shown_row(a_row())

    assert {type(value) for value in shown.values()} == {str, int, bool}
    assert (shown["created_at"], shown["time"]) == ("2026-03-07T09:05:01.007Z", "07 Mar 09:05:01")
    assert (shown["word"], shown["shape"], shown["tone"]) == (
        "Completed",
        "circle-tick",
        "settled",
    )
    assert (shown["reference"], shown["reason"]) == ("", "")


def test_tells_amount_and_payee_once() -> None:
    shown = shown_row(a_row())

    assert shown["next"] == "Paid to Bea. Nothing more is due."
    assert shown["sentence"] == "12.34 USD to Bea. Paid to Bea. Nothing more is due."


def test_keeps_the_whole_sentence_when_it_begins_otherwise() -> None:
    assert shown_row(a_row(sentence="Otherwise."))["next"] == "Otherwise."


@pytest.mark.parametrize(("id_", "short"), [("ord_abcdefghijkl", "ord_abcdefgh…"), ("o1", "o1")])
def test_shortens_only_long_ids(id_: str, short: str) -> None:
    assert shown_row(a_row(id=id_))["short_id"] == short
