"""The checkers on money of networks: every honest fate of an order passes, every misplaced amount is named."""

from dataclasses import replace
from typing import Any

import pytest

from apps.ledger.domain.account import Account, post
from apps.ledger.domain.entry import Entry, Kind, NetworkKind, capture, hold
from apps.ledger.domain.expected import Expected
from apps.ledger.domain.glance import Glance
from apps.ledger.domain.internal import internal_account, parsed
from apps.ledger.domain.transfers import moved
from apps.ledger.domain.verify import Books, fit
from tests.support.core import HOLDS, NOW, an_account

SETTLEMENT = internal_account("settlement", network="zelle", currency="USD", shard=1)
OTHER_SHARD = internal_account("settlement", network="zelle", currency="USD", shard=2)
OTHER_NETWORK = internal_account("settlement", network="interfi", currency="USD", shard=1)
SUSPENSE = internal_account("suspense", network="zelle", currency="USD", shard=1)
UNCLAIMED = internal_account("unclaimed", network="zelle", currency="USD", shard=1)


def _given(version: int) -> dict[str, Any]:
    given = {"order": "ord_1", "version": version, "currency": "USD", "at": NOW}
    return given | {"amount_minor": 700}


def _made(kind: NetworkKind, version: int, source: str, target: str) -> Entry:
    return moved(kind, source=source, target=target, **_given(version))


_SENT = [
    hold(debtor="acc_ann", holds=HOLDS, **_given(3)),
    capture(debtor="acc_ann", holds=HOLDS, creditor=SETTLEMENT, **_given(5)),
]
_SUSPENDED = _made("suspense", 2, SETTLEMENT, SUSPENSE)
_RECEIVED = _made("receipt", 3, SETTLEMENT, "acc_ann")

# How an order can end, by what it left in the ledger.
FATES: dict[str, list[Entry]] = {
    "sent": _SENT,
    "sent and returned": [
        *_SENT,
        _made("return_in", 6, OTHER_SHARD, "acc_ann"),
    ],
    "received": [_RECEIVED],
    "in suspense": [_SUSPENDED],
    "cleared": [_SUSPENDED, _made("release", 3, SUSPENSE, "acc_ann")],
    "not cleared": [_SUSPENDED, _made("return_out", 3, SUSPENSE, SETTLEMENT)],
    "received and returned": [
        _RECEIVED,
        _made("return_out", 4, "acc_ann", SETTLEMENT),
    ],
    "unclaimed": [_SUSPENDED, _made("release", 3, SUSPENSE, UNCLAIMED)],
}
_NOBODY = ("in suspense", "not cleared", "unclaimed")


def _expected(fate: str, *, network: str | None = "zelle") -> Expected:
    kinds: dict[int, Kind] = {
        entry["order_version"]: entry["kind"]
        for entry in FATES[fate]
        if entry["order_version"] is not None
    }
    sent = fate.startswith("sent")
    return Expected(
        order="ord_1",
        kinds=kinds,
        debtor="acc_ann" if sent else None,
        creditor=None if sent or fate in _NOBODY else "acc_ann",
        currency="USD",
        amount_minor=700,
        is_holding=False,
        network=network,
    )


def _found(expected: Expected, entries: list[Entry]) -> set[tuple[str, str]]:
    """What is named when these entries and their balances are all there is; the glance must doubt what `fit` names."""
    books, glance = Books(), Glance()
    books.order(expected)
    glance.expect(expected)
    problems = fit(expected, entries)
    assert glance_doubts(glance, entries) == bool(problems)
    for entry in entries:
        problems += books.entry(entry)
    for account in _after(entries):
        problems += books.account(account)
    return {(problem.id, problem.rule) for problem in problems + books.closing()}


def glance_doubts(glance: Glance, entries: list[Entry]) -> bool:
    for entry in entries:
        glance.meet(entry)
    return glance.doubtful() == {"ord_1"}


def _after(entries: list[Entry]) -> list[dict[str, Any]]:
    """The accounts as the entries leave them; Ann has nothing, or the amount when the order needs it of her."""
    own = {line["account"] for entry in entries for line in entry["lines"]} - {"acc_ann"}
    before: dict[str, Account] = {a: an_account(a, customer=None, posted_minor=0) for a in own}
    before["acc_ann"] = an_account(posted_minor=10_000)
    after = before | post(before, entries)
    return [_stored(account) for account in after.values()]


def _stored(account: Account) -> dict[str, Any]:
    customer = account.customer
    return {
        "_id": account.id,
        "customer": customer,
        "purpose": None if customer else parsed(account.id).purpose,
        "currency": account.currency,
        "posted_minor": account.posted_minor - (10_000 if customer else 0),
        "held_minor": account.held_minor,
    }


# Ann began with money that has no entry here, so hers is set down as the change; below zero it is where she paid.
_PAID = {("acc_ann", "not_below_zero")}


@pytest.mark.parametrize("network", ["zelle", None])
@pytest.mark.parametrize("fate", FATES)
def test_an_honest_end_has_no_problem(fate: str, network: str | None) -> None:
    found = _found(_expected(fate, network=network), FATES[fate])

    assert found - _PAID == set()


@pytest.mark.parametrize("fate", FATES)
def test_the_last_entry_missing_is_named(fate: str) -> None:
    *kept, lost = FATES[fate]

    found = _found(_expected(fate), kept)

    assert (lost["_id"], "entry_missing") in found
    assert any(rule == "own_is_explained" for _, rule in found)


@pytest.mark.parametrize("fate", FATES)
def test_money_on_another_networks_account_is_named(fate: str) -> None:
    moved = [
        entry
        | {
            "lines": [
                line | {"account": OTHER_NETWORK} if line["account"] == SETTLEMENT else line
                for line in entry["lines"]
            ]
        }
        for entry in FATES[fate]
    ]

    found: Any = _found(_expected(fate), moved)

    assert any(rule == "lines_fit_order" for _, rule in found)


def test_suspense_that_no_order_explains_is_named() -> None:
    cleared = _expected("cleared")

    found = _found(replace(cleared, kinds={}), [_SUSPENDED])

    assert ("USD suspense", "own_is_explained") in found
    assert ("USD settlement", "own_is_explained") in found


@pytest.mark.parametrize(
    "account",
    [
        {"_id": "acc_int_bribes_zelle_USD_1", "customer": None, "purpose": "bribes"},
        {"_id": SUSPENSE, "customer": None, "purpose": "settlement"},
        {"_id": SUSPENSE, "customer": None, "purpose": "suspense", "currency": "EUR"},
        {"_id": SUSPENSE, "customer": "cus_ann", "purpose": None},
        {"_id": "acc_ann", "customer": "cus_ann", "purpose": "fees"},
    ],
)
def test_an_account_that_is_not_what_its_id_says_is_named(account: dict[str, Any]) -> None:
    stored = {"currency": "USD", "posted_minor": 0, "held_minor": 0} | account

    (problem,) = Books().account(stored)

    assert (problem.id, problem.rule) == (account["_id"], "own_purpose")


def test_a_fee_stands_beside_the_steps_own_entry() -> None:
    fees = internal_account("fees", network="zelle", currency="USD", shard=1)
    charged = _made("fee", 5, "acc_ann", fees)

    assert Books().entry(charged) == []
    assert Books().entry({**charged, "_id": "ord_1:5"})[0].rule == "entry_id"
