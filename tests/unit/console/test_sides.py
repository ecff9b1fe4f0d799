"""Who pays and who is paid …"""

from collections.abc import Mapping
from typing import Any

import pytest

from apps.access.roles import Sight
from apps.console.filter import parsed
from apps.console.rows import shown_row, stored_row
from apps.console.sides import Side, sides_of
from apps.transactions.domain.order import Party
from tests.support.core import a_new_order
from tests.support.orders import a_foreign_request, a_receipt, a_request, a_return, a_split

ANN = Party(customer="cus_ann", account="acc_ann")
SENT = a_new_order(debtor_customer="cus_ann", debtor_account="acc_ann")


@pytest.mark.parametrize(
    ("order", "payer", "paid", "about"),
    [
        (SENT, "cus_ann", "Bob Brown", "10.00 USD to Bob Brown"),
        (a_receipt(), "Carl Cash", "Ann Novak", "25.00 USD for Ann Novak"),
        (a_request(), "Bea Castillo", "cus_ann", "30.00 USD requested from Bea Castillo"),
        (a_split(), "2 payers", "cus_ann", "30.00 USD requested from 2 payers"),
        (a_foreign_request(), "Bea Castillo", "Carl Cash", "30.00 USD requested from Bea Castillo"),
        (a_return(SENT, "inward"), "Bob Brown", "cus_ann", "10.00 USD back from Bob Brown"),
        (a_return(a_receipt(), "outward"), "cus_ann", "Carl Cash", "25.00 USD back to Carl Cash"),
    ],
)
def test_is_told_of_every_kind(order: Mapping[str, Any], payer: str, paid: str, about: str) -> None:
    shown = shown_row(stored_row(order), sight=Sight.FULL)

    assert (shown["payer"], shown["paid"], shown["about"]) == (payer, paid, about)
    assert shown["kind"] == order["kind"].capitalize()
    assert shown["sentence"] == f"{about}. {shown['next']}"


def test_names_another_banks_account_by_its_end() -> None:
    paid = sides_of(a_foreign_request()).paid

    assert paid == Side(
        name="Carl Cash", bank="021000021", alias="carl@example.org", number="••••6789"
    )


def test_hides_the_far_alias_too() -> None:
    order = {**a_foreign_request(), "creditor_name": "carl@example.org"}

    shown = shown_row(stored_row(order), sight=Sight.MASKED)

    assert shown["paid"] == "c•••@example.org"
    assert "example.org" in stored_row(order)["paid"]


@pytest.mark.parametrize(
    ("order", "customers"),
    [
        (a_receipt(), {"cus_ann"}),
        (a_receipt(route={}), set()),
        (a_receipt(creditor=ANN, route={}), {"cus_ann"}),
        (a_request(), {"cus_ann"}),
        (a_foreign_request(), {"cus_bea"}),
        (a_return(SENT, "inward"), {"cus_ann"}),
    ],
)
def test_decides_whose_orders_they_are(order: Mapping[str, Any], customers: set[str]) -> None:
    row = stored_row(order)

    assert sides_of(order).customers == customers
    assert {who for who in ("cus_ann", "cus_bea") if parsed(who).holds(row)} == customers


def test_leaves_an_order_whose_payer_was_found_later_in_the_past_of_another() -> None:
    """Before its payer was known, a request was none of the payer's."""
    row = stored_row({**a_request(), "payer": "cus_bea"})
    row["been"] = ["RECEIVED"]

    assert parsed("-customer:cus_bea").held_before(row)
    assert not parsed("-customer:cus_bea").holds(row)
