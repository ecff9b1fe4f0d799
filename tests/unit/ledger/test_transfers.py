"""Entries of networks: balanced whatever the amount, between the accounts they are for, and money is conserved."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ledger.domain.account import Account, post
from apps.ledger.domain.entry import Entry, NetworkKind, assert_balanced, capture, hold
from apps.ledger.domain.internal import internal_account
from apps.ledger.domain.transfers import moved
from tests.support.core import HOLDS, NOW, an_account

SETTLEMENT = internal_account("settlement", network="zelle", currency="USD", shard=1)
SUSPENSE = internal_account("suspense", network="zelle", currency="USD", shard=1)
UNCLAIMED = internal_account("unclaimed", network="zelle", currency="USD", shard=1)
FEES = internal_account("fees", network="zelle", currency="USD", shard=1)
OWN = (HOLDS, SETTLEMENT, SUSPENSE, UNCLAIMED, FEES)
AMOUNTS = st.integers(1, 10**15)

# Each kind with the accounts it moves between, from and to.
MOVES: list[tuple[NetworkKind, str, str]] = [
    ("receipt", SETTLEMENT, "acc_ann"),
    ("suspense", SETTLEMENT, SUSPENSE),
    ("release", SUSPENSE, "acc_ann"),
    ("release", SUSPENSE, UNCLAIMED),
    ("return_out", "acc_ann", SETTLEMENT),
    ("return_out", SUSPENSE, SETTLEMENT),
    ("return_in", SETTLEMENT, "acc_ann"),
    ("return_in", SETTLEMENT, UNCLAIMED),
    ("fee", "acc_ann", FEES),
]
_GIVEN: dict[str, Any] = {"order": "ord_1", "version": 4, "currency": "USD", "at": NOW}


def _made(kind: NetworkKind, source: str, target: str, amount_minor: int = 1_000) -> Entry:
    return moved(kind, source=source, target=target, amount_minor=amount_minor, **_GIVEN)


def _sent() -> list[Entry]:
    """A payment that the network accepted."""
    sides: dict[str, Any] = {"debtor": "acc_ann", "holds": HOLDS, "amount_minor": 1_000}
    return [hold(**_GIVEN, **sides), capture(**_GIVEN, **sides, creditor=SETTLEMENT)]


def _accounts(posted_minor: int) -> dict[str, Account]:
    own = {account: an_account(account, customer=None, posted_minor=0) for account in OWN}
    return {"acc_ann": an_account(posted_minor=posted_minor), **own}


@given(st.lists(st.tuples(st.sampled_from(MOVES), AMOUNTS), max_size=8))
def test_any_series_of_them_conserves_money(
    series: list[tuple[tuple[NetworkKind, str, str], int]],
) -> None:
    entries = [_made(*move, amount_minor) for move, amount_minor in series]
    before = _accounts(posted_minor=10**16)

    after = before | post(before, entries)

    for entry in entries:
        assert_balanced(entry)
    assert sum(account.posted_minor for account in after.values()) == 10**16
    assert all(account.held_minor == 0 for account in after.values())


@pytest.mark.parametrize(("kind", "source", "target"), MOVES)
def test_moves_the_amount_from_one_to_the_other(
    kind: NetworkKind, source: str, target: str
) -> None:
    entry = _made(kind, source, target)

    assert entry["lines"] == [
        {"account": source, "layer": "posted", "amount_minor": -1_000},
        {"account": target, "layer": "posted", "amount_minor": 1_000},
    ]
    assert entry["_id"] == ("ord_1:4:fee" if kind == "fee" else "ord_1:4")


def test_what_a_network_accepts_leaves_the_hold_and_is_owed_to_the_network() -> None:
    before = _accounts(posted_minor=5_000)

    after = post(before, _sent())

    assert (after["acc_ann"].posted_minor, after["acc_ann"].held_minor) == (4_000, 0)
    assert after[SETTLEMENT].posted_minor == 1_000
    assert after[HOLDS].held_minor == 0


def test_what_comes_back_restores_every_account() -> None:
    before = _accounts(posted_minor=5_000)

    after = post(before, [*_sent(), _made("return_in", SETTLEMENT, "acc_ann")])

    assert after["acc_ann"].posted_minor == 5_000
    assert after[SETTLEMENT].posted_minor == 0


@pytest.mark.parametrize(
    ("kind", "source", "target", "amount_minor"),
    [
        ("receipt", SUSPENSE, "acc_ann", 1),
        ("receipt", SETTLEMENT, SUSPENSE, 1),
        ("suspense", SETTLEMENT, "acc_ann", 1),
        ("release", SUSPENSE, FEES, 1),
        ("return_out", UNCLAIMED, SETTLEMENT, 1),
        ("return_in", SETTLEMENT.replace("USD", "EUR"), "acc_ann", 1),
        ("return_in", SETTLEMENT, SUSPENSE, 1),
        ("receipt", "acc_int_bribes_zelle_USD_1", "acc_ann", 1),
        ("fee", "acc_ann", FEES, 0),
        ("fee", "acc_ann", FEES, -5),
    ],
)
def test_a_wrong_account_or_amount_makes_no_entry(
    kind: NetworkKind, source: str, target: str, amount_minor: int
) -> None:
    with pytest.raises(ValueError, match=r"account|more than zero"):
        _made(kind, source, target, amount_minor)
