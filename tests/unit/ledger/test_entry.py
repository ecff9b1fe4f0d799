"""Entries sum to zero in each layer, and accounts take them whole or not at all."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ledger.domain.account import Account, Overdrawn, post
from apps.ledger.domain.entry import (
    Entry,
    Line,
    Unbalanced,
    assert_balanced,
    capture,
    funding_account,
    hold,
    opening,
    transfer,
    void,
)
from tests.support.core import HOLDS, NOW, an_account

AMOUNTS = st.integers(1, 10**15)


def _of_order(make: Callable[..., Entry], version: int, amount_minor: int, **more: str) -> Entry:
    return make(
        order="ord_1",
        version=version,
        debtor="acc_ann",
        holds=HOLDS,
        amount_minor=amount_minor,
        currency="USD",
        at=NOW,
        **more,
    )


def _accounts(*, posted_minor: int = 10_000, held_minor: int = 0) -> dict[str, Account]:
    return {
        "acc_ann": an_account(posted_minor=posted_minor, held_minor=held_minor),
        "acc_bob": an_account("acc_bob", customer="cus_bob", posted_minor=0),
        HOLDS: an_account(HOLDS, customer=None, posted_minor=0, held_minor=-held_minor),
    }


def _sums(accounts: dict[str, Account]) -> tuple[int, int]:
    return (
        sum(account.posted_minor for account in accounts.values()),
        sum(account.held_minor for account in accounts.values()),
    )


@given(AMOUNTS)
def test_every_kind_sums_to_zero(amount_minor: int) -> None:
    entries = [
        _of_order(hold, 3, amount_minor),
        _of_order(void, 4, amount_minor),
        _of_order(capture, 4, amount_minor, creditor="acc_bob"),
        transfer(
            order="ord_1",
            version=4,
            debtor="acc_ann",
            creditor="acc_bob",
            amount_minor=amount_minor,
            currency="USD",
            at=NOW,
        ),
        opening(account="acc_ann", amount_minor=amount_minor, currency="USD", at=NOW),
    ]

    for entry in entries:
        assert_balanced(entry)


def test_ids_derive_from_what_caused_the_entry() -> None:
    assert _of_order(hold, 3, 1)["_id"] == "ord_1:3"
    start = opening(account="acc_ann", amount_minor=1, currency="USD", at=NOW)
    assert start["_id"] == "acc_ann:opening"
    assert start["lines"][1]["account"] == funding_account("USD") == "acc_int_funding_USD"


def test_a_hold_sets_money_aside_and_moves_none() -> None:
    after = post(_accounts(), [_of_order(hold, 3, 4_000)])

    assert (after["acc_ann"].posted_minor, after["acc_ann"].available_minor) == (10_000, 6_000)
    assert _sums(after) == (10_000, 0)


def test_a_capture_moves_what_was_set_aside() -> None:
    entries = [_of_order(hold, 3, 4_000), _of_order(capture, 4, 4_000, creditor="acc_bob")]

    after = post(_accounts(), entries)

    assert (after["acc_ann"].posted_minor, after["acc_ann"].held_minor) == (6_000, 0)
    assert (after["acc_bob"].posted_minor, after["acc_bob"].held_minor) == (4_000, 0)
    assert after[HOLDS].held_minor == 0


def test_a_void_leaves_everything_as_before_the_hold() -> None:
    before = _accounts()

    after = post(before, [_of_order(hold, 3, 4_000), _of_order(void, 4, 4_000)])

    assert before | after == before


def test_the_whole_available_amount_can_be_held() -> None:
    after = post(_accounts(posted_minor=4_000), [_of_order(hold, 3, 4_000)])

    assert after["acc_ann"].available_minor == 0


@pytest.mark.parametrize(
    "entry",
    [
        _of_order(hold, 3, 10_001),
        _of_order(void, 3, 1),
        _of_order(capture, 3, 1, creditor="acc_bob"),
    ],
    ids=["more than available", "freeing what is not held", "capturing what is not held"],
)
def test_an_overdraft_posts_nothing(entry: Entry) -> None:
    accounts = _accounts()

    with pytest.raises(Overdrawn):
        post(accounts, [_of_order(hold, 2, 100), _of_order(void, 9, 100), entry])

    assert accounts == _accounts()


def test_an_internal_account_may_go_below_zero() -> None:
    funding = an_account("acc_int_funding_USD", customer=None, posted_minor=0)
    accounts = _accounts(posted_minor=0) | {funding.id: funding}
    entry = opening(account="acc_ann", amount_minor=700, currency="USD", at=NOW)

    after = post(accounts, [entry])

    assert after[funding.id].posted_minor == -700
    assert after["acc_ann"].posted_minor == 700


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [Line(account="acc_ann", layer="posted", amount_minor=0)],
        [
            Line(account="acc_ann", layer="posted", amount_minor=5),
            Line(account="acc_bob", layer="posted", amount_minor=-4),
        ],
        [
            Line(account="acc_ann", layer="posted", amount_minor=5),
            Line(account="acc_bob", layer="held", amount_minor=-5),
        ],
    ],
    ids=["no lines", "one line", "off by one", "across layers"],
)
def test_an_unbalanced_entry_posts_nothing(lines: list[Line]) -> None:
    entry: Any = {**_of_order(hold, 3, 1), "lines": lines}
    accounts = _accounts()

    with pytest.raises(Unbalanced):
        post(accounts, [entry])

    assert accounts == _accounts()
