"""Entries of networks: balanced whatever the amount, between the accounts they are for, and money is conserved."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ledger.domain.account import Account, post
from apps.ledger.domain.entry import Entry, assert_balanced, hold
from apps.ledger.domain.internal import internal_account
from apps.ledger.domain.transfers import (
    capture_to_network,
    fee,
    receipt,
    release,
    return_in,
    return_out,
    suspend,
)
from tests.support.core import HOLDS, NOW, an_account

SETTLEMENT = internal_account("settlement", network="zelle", currency="USD", shard=1)
SUSPENSE = internal_account("suspense", network="zelle", currency="USD", shard=1)
UNCLAIMED = internal_account("unclaimed", network="zelle", currency="USD", shard=1)
FEES = internal_account("fees", network="zelle", currency="USD", shard=1)
OWN = (HOLDS, SETTLEMENT, SUSPENSE, UNCLAIMED, FEES)
AMOUNTS = st.integers(1, 10**15)

# Each constructor with the accounts it moves between, from and to.
MOVES: list[tuple[Callable[..., Entry], dict[str, str], str, str]] = [
    (receipt, {"settlement": SETTLEMENT, "creditor": "acc_ann"}, SETTLEMENT, "acc_ann"),
    (suspend, {"settlement": SETTLEMENT, "suspense": SUSPENSE}, SETTLEMENT, SUSPENSE),
    (release, {"suspense": SUSPENSE, "creditor": "acc_ann"}, SUSPENSE, "acc_ann"),
    (release, {"suspense": SUSPENSE, "creditor": UNCLAIMED}, SUSPENSE, UNCLAIMED),
    (return_out, {"source": "acc_ann", "settlement": SETTLEMENT}, "acc_ann", SETTLEMENT),
    (return_out, {"source": SUSPENSE, "settlement": SETTLEMENT}, SUSPENSE, SETTLEMENT),
    (return_in, {"settlement": SETTLEMENT, "debtor": "acc_ann"}, SETTLEMENT, "acc_ann"),
    (fee, {"payer": "acc_ann", "fees": FEES}, "acc_ann", FEES),
]


def _made(make: Callable[..., Entry], amount_minor: int, /, **accounts: str) -> Entry:
    given: dict[str, Any] = {"order": "ord_1", "version": 4, "currency": "USD", "at": NOW}
    return make(**(given | {"amount_minor": amount_minor} | accounts))


def _accounts(posted_minor: int) -> dict[str, Account]:
    own = {account: an_account(account, customer=None, posted_minor=0) for account in OWN}
    return {"acc_ann": an_account(posted_minor=posted_minor), **own}


@given(st.lists(st.tuples(st.sampled_from(MOVES), AMOUNTS), max_size=8))
def test_any_series_of_them_conserves_money(
    series: list[tuple[tuple[Callable[..., Entry], dict[str, str], str, str], int]],
) -> None:
    entries = [_made(make, amount, **accounts) for (make, accounts, _, _), amount in series]
    before = _accounts(posted_minor=10**16)

    after = before | post(before, entries)

    for entry in entries:
        assert_balanced(entry)
    assert sum(account.posted_minor for account in after.values()) == 10**16
    assert all(account.held_minor == 0 for account in after.values())


@pytest.mark.parametrize(("make", "accounts", "source", "target"), MOVES)
def test_moves_the_amount_from_one_to_the_other(
    make: Callable[..., Entry], accounts: dict[str, str], source: str, target: str
) -> None:
    entry = _made(make, 1_000, **accounts)

    assert entry["lines"] == [
        {"account": source, "layer": "posted", "amount_minor": -1_000},
        {"account": target, "layer": "posted", "amount_minor": 1_000},
    ]
    assert entry["_id"] == ("ord_1:4:fee" if make is fee else "ord_1:4")


def test_what_a_network_accepts_leaves_the_hold_and_is_owed_to_the_network() -> None:
    sides = {"debtor": "acc_ann", "holds": HOLDS}
    held = _made(hold, 1_000, **sides)
    before = _accounts(posted_minor=5_000)

    after = post(before, [held, _made(capture_to_network, 1_000, settlement=SETTLEMENT, **sides)])

    assert (after["acc_ann"].posted_minor, after["acc_ann"].held_minor) == (4_000, 0)
    assert after[SETTLEMENT].posted_minor == 1_000
    assert after[HOLDS].held_minor == 0


def test_what_comes_back_restores_every_account() -> None:
    out = _made(capture_to_network, 1_000, debtor="acc_ann", holds=HOLDS, settlement=SETTLEMENT)
    back = _made(return_in, 1_000, settlement=SETTLEMENT, debtor="acc_ann")
    before = _accounts(posted_minor=5_000)
    before["acc_ann"] = an_account(posted_minor=5_000, held_minor=1_000)

    after = post(before, [out, back])

    assert after["acc_ann"].posted_minor == 5_000
    assert after[SETTLEMENT].posted_minor == 0


@pytest.mark.parametrize(
    ("make", "accounts", "amount_minor"),
    [
        (receipt, {"settlement": SUSPENSE, "creditor": "acc_ann"}, 1),
        (receipt, {"settlement": SETTLEMENT, "creditor": SUSPENSE}, 1),
        (suspend, {"settlement": SETTLEMENT, "suspense": "acc_ann"}, 1),
        (release, {"suspense": SUSPENSE, "creditor": FEES}, 1),
        (return_out, {"source": UNCLAIMED, "settlement": SETTLEMENT}, 1),
        (return_in, {"settlement": SETTLEMENT.replace("USD", "EUR"), "debtor": "acc_ann"}, 1),
        (fee, {"payer": "acc_ann", "fees": FEES}, 0),
        (fee, {"payer": "acc_ann", "fees": FEES}, -5),
    ],
)
def test_a_wrong_account_or_amount_makes_no_entry(
    make: Callable[..., Entry], accounts: dict[str, str], amount_minor: int
) -> None:
    with pytest.raises(ValueError, match=r"account|more than zero"):
        _made(make, amount_minor, **accounts)
