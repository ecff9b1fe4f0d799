"""A row of the feed …"""

from datetime import UTC, datetime

import pytest

from apps.access.roles import Sight
from apps.console.masking import masked
from apps.console.rows import StoredRow, customers_unnamed, grouped, shown_row

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
        "been": ["RECEIVED", "VALIDATED", "FUNDED"],
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
    shown = shown_row(a_row(), sight=Sight.FULL)

    assert {type(value) for value in shown.values()} == {str, int, bool}
    assert (shown["created_at"], shown["time"]) == ("2026-03-07T09:05:01.007Z", "07 Mar 09:05:01")
    assert (shown["word"], shown["shape"], shown["tone"]) == (
        "Completed",
        "circle-tick",
        "settled",
    )
    assert (shown["reference"], shown["reason"]) == ("", "")


def test_tells_amount_and_payee_once() -> None:
    shown = shown_row(a_row(), sight=Sight.FULL)

    assert shown["next"] == "Paid to Bea. Nothing more is due."
    assert shown["sentence"] == "12.34 USD to Bea. Paid to Bea. Nothing more is due."


def test_keeps_the_whole_sentence_when_it_begins_otherwise() -> None:
    assert shown_row(a_row(sentence="Otherwise."), sight=Sight.FULL)["next"] == "Otherwise."


@pytest.mark.parametrize(("id_", "short"), [("ord_abcdefghijkl", "ord_abcdefgh…"), ("o1", "o1")])
def test_shortens_only_long_ids(id_: str, short: str) -> None:
    assert shown_row(a_row(id=id_), sight=Sight.FULL)["short_id"] == short


@pytest.mark.parametrize(
    ("alias", "hidden"),
    [
        ("dora.lang@example.com", "d•••@example.com"),
        ("d@example.com", "d•••@example.com"),
        ("+12025550155", "•••55"),
        ('"a@b"@example.com', '"•••@example.com'),
    ],
)
def test_masks_where_the_payee_is_reached(alias: str, hidden: str) -> None:
    assert masked(alias) == hidden
    assert shown_row(a_row(alias=alias), sight=Sight.MASKED)["alias"] == hidden
    assert shown_row(a_row(alias=alias), sight=Sight.FULL)["alias"] == alias


def test_masks_an_address_wherever_somebody_wrote_it() -> None:
    row = a_row(
        payee_name="bea@example.com",
        reference="for Bea@Example.com",
        sentence="12.34 USD to bea@example.com. Paid to bea@example.com. Nothing more is due.",
    )

    shown = shown_row(row, sight=Sight.MASKED)

    assert "bea@example.com" not in str(shown).lower()
    assert shown["sentence"] == (
        "12.34 USD to b•••@example.com. Paid to b•••@example.com. Nothing more is due."
    )
    assert shown["next"] == "Paid to b•••@example.com. Nothing more is due."


def test_tells_platform_staff_neither_parties_nor_sums() -> None:
    shown = shown_row(a_row(reason="AM04", reference="Rent"), sight=Sight.ANONYMOUS)

    assert {name: value for name, value in shown.items() if value} == {
        "id": "ord_abcdefghijklmnop",
        "short_id": "ord_abcdefgh…",
        "version": 4,
        "created_at": "2026-03-07T09:05:01.007Z",
        "updated_at": "2026-03-07T09:05:01.007Z",
        "time": "07 Mar 09:05:01",
        "product": "zelle",
        "kind": "Send",
        "status": "COMPLETED",
        "word": "Completed",
        "shape": "circle-tick",
        "tone": "settled",
        "iso_status": "ACCC",
        "final": True,
    }


def test_is_not_shown_at_all_without_sight() -> None:
    with pytest.raises(PermissionError):
        shown_row(a_row(), sight=Sight.NONE)


@pytest.mark.parametrize("sight", [Sight.ANONYMOUS, Sight.MASKED, Sight.FULL])
def test_of_before_aliases_were_kept_is_shown_without_one(sight: Sight) -> None:
    row = a_row()
    del row["alias"], row["creditor"]

    assert shown_row(row, sight=sight)["alias"] == ""


@pytest.mark.parametrize("stored", [{}, {"payer": "cus_ann", "paid": "Bea"}])
def test_names_the_customer_of_whom_its_order_holds_an_id_only(stored: dict[str, str]) -> None:
    row = a_row(creditor="cus_bea", **stored)
    names = {"cus_ann": "Ann Novak", "cus_bea": "Bea Castillo"}

    shown = shown_row(row, sight=Sight.FULL, names=names)

    assert customers_unnamed([row]) == {"cus_ann"}
    # What the payer calls the payee stands in the order, and stays.
    assert (shown["payer"], shown["paid"]) == ("Ann Novak", "Bea")
    assert shown_row(row, sight=Sight.FULL, names={"cus_ann": ""})["payer"] == "cus_ann"


def test_masks_an_address_that_somebody_bears_as_a_name() -> None:
    names = {"cus_ann": "ann@example.org"}

    assert shown_row(a_row(), sight=Sight.FULL, names=names)["payer"] == "ann@example.org"
    assert shown_row(a_row(), sight=Sight.MASKED, names=names)["payer"] == "a•••@example.org"
    assert shown_row(a_row(), sight=Sight.ANONYMOUS, names=names)["payer"] == ""
