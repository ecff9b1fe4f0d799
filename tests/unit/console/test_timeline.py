"""An order's page …"""

from datetime import timedelta

import pytest

from apps.console.timeline import duration, internal_words, ledger


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0 ms"),
        (timedelta(milliseconds=132), "132 ms"),
        (timedelta(milliseconds=999, microseconds=999), "999 ms"),
        (timedelta(seconds=4, milliseconds=75), "4.07 s"),
        (timedelta(minutes=3, seconds=12), "3 min 12 s"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 h 59 min"),
        (timedelta(days=2, hours=5), "2 d 5 h"),
    ],
)
def test_tells_spans_in_the_units_that_matter(span: timedelta, words: str) -> None:
    assert duration(span) == words


def test_tells_directions_by_sign_and_word() -> None:
    sides = {side: {"customer": "c", "account": f"acc_{side}"} for side in ("debtor", "creditor")}
    order = {"kind": "send", "payee_name": "Bea", **sides}
    lines = [
        ("acc_debtor", "held", -1234),
        ("acc_int_holds_USD_2", "held", 1234),
        ("acc_debtor", "posted", -1234),
        ("acc_creditor", "posted", 1234),
    ]
    entry = {
        "_id": "ord_1:4",
        "kind": "capture",
        "order_version": 4,
        "currency": "USD",
        "at": None,
        "lines": [{"account": a, "layer": b, "amount_minor": c} for a, b, c in lines],
    }

    (shown,) = ledger(order, [entry], {"acc_debtor": "4321"})

    assert [(line.account_words, line.layer, line.amount, line.side) for line in shown.lines] == [
        ("Sender ••••4321", "held", "−12.34", "freed"),  # noqa: RUF001 - the minus sign of print
        ("Holds 2", "held", "+12.34", "contra"),
        ("Sender ••••4321", "posted", "−12.34", "debit"),  # noqa: RUF001
        ("Recipient", "posted", "+12.34", "credit"),
    ]


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ("acc_int_holds_USD_2", "Holds 2"),
        ("acc_int_funding_USD", "Funding"),
        ("acc_int_settlement_zelle_USD_7", "Settlement Zelle 7"),
        ("acc_01m7", "acc_01m7"),
    ],
)
def test_names_the_banks_own_accounts_by_what_they_are_for(account: str, words: str) -> None:
    assert internal_words(account) == words
