"""How far a payee is trusted, and what may be sent to it."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.parties.domain.name_check import NameCheck
from apps.parties.domain.payee_limits import (
    POLICIES,
    PayeeLimit,
    Policy,
    Verdict,
    is_held,
    limit_for,
    verdict_of,
)
from apps.parties.domain.trust import (
    MOVES,
    SUSPENDING_RETURNS,
    Evidence,
    Trust,
    trust_of,
)

BANK, SANDBOX = POLICIES["bank"], POLICIES["sandbox"]
ARROWS = {(move.source, move.target) for move in MOVES}

evidences = st.builds(
    Evidence,
    name_check=st.sampled_from(NameCheck),
    age_days=st.integers(0, 120),
    good_payments=st.integers(0, 15),
    returned_payments=st.integers(0, SUSPENDING_RETURNS + 1),
    alias_moved=st.booleans(),
    suspended=st.booleans(),
)


def known_well(**fields: object) -> Evidence:
    """A payee that is TRUSTED; `fields` say what is otherwise."""
    given = {
        "name_check": NameCheck.MATCH,
        "age_days": 30,
        "good_payments": 5,
        "returned_payments": 0,
    }
    return Evidence(**(given | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "TRUSTED"),
        ({"age_days": 29}, "VERIFIED"),
        ({"good_payments": 4}, "VERIFIED"),
        ({"returned_payments": 1}, "VERIFIED"),
        ({"returned_payments": 2}, "NEW"),
        ({"returned_payments": 3}, "SUSPENDED"),
        ({"age_days": 1, "good_payments": 1}, "VERIFIED"),
        ({"age_days": 0}, "NEW"),
        ({"good_payments": 0}, "NEW"),
        ({"name_check": NameCheck.CLOSE_MATCH}, "VERIFIED"),
        ({"name_check": NameCheck.CLOSE_MATCH, "age_days": 60}, "TRUSTED"),
        ({"name_check": NameCheck.UNAVAILABLE, "age_days": 90}, "VERIFIED"),
        ({"name_check": NameCheck.UNAVAILABLE, "age_days": 90, "good_payments": 10}, "TRUSTED"),
        ({"name_check": NameCheck.NO_MATCH, "age_days": 999, "good_payments": 99}, "NEW"),
        ({"alias_moved": True}, "NEW"),
        ({"suspended": True}, "SUSPENDED"),
        ({"suspended": True, "alias_moved": True}, "SUSPENDED"),
    ],
)
def test_is(fields: dict[str, object], expected: str) -> None:
    assert trust_of(known_well(**fields)) is Trust(expected)


@given(evidences, st.integers(0, 60), st.integers(0, 10))
def test_age_and_good_payments_never_lower_it(evidence: Evidence, days: int, more: int) -> None:
    later = replace(
        evidence,
        age_days=evidence.age_days + days,
        good_payments=evidence.good_payments + more,
    )

    assert trust_of(later).rank >= trust_of(evidence).rank
    assert _limits(later) >= _limits(evidence)


@given(evidences, st.integers(1, 3))
def test_returned_payments_never_raise_it(evidence: Evidence, more: int) -> None:
    worse = replace(evidence, returned_payments=evidence.returned_payments + more)

    assert trust_of(worse).rank <= trust_of(evidence).rank
    assert _limits(worse) <= _limits(evidence)


@given(evidences)
def test_a_better_name_check_never_lowers_it(evidence: Evidence) -> None:
    worst_first = (
        NameCheck.NO_MATCH,
        NameCheck.UNAVAILABLE,
        NameCheck.CLOSE_MATCH,
        NameCheck.MATCH,
    )

    ranks = [trust_of(replace(evidence, name_check=check)).rank for check in worst_first]

    assert ranks == sorted(ranks)


@given(evidences)
def test_a_moved_alias_is_new_with_the_lowest_limits(evidence: Evidence) -> None:
    moved = replace(evidence, alias_moved=True, suspended=False, returned_payments=0)
    fresh = Evidence(evidence.name_check, 0, 0, 0)

    assert trust_of(moved) is Trust.NEW
    assert _limits(moved) == _limits(fresh)
    assert is_held(moved, BANK)


@given(evidences)
def test_every_change_is_a_way_along_the_moves(evidence: Evidence) -> None:
    before = Evidence(evidence.name_check, 0, 0, 0)

    assert _reachable(trust_of(before), trust_of(evidence))
    assert _reachable(trust_of(evidence), trust_of(before))


@given(evidences, st.integers(0, 10**12), st.integers(0, 10**12), st.sampled_from([BANK, SANDBOX]))
def test_a_limit_is_never_above_the_banks(
    evidence: Evidence, order_minor: int, day_minor: int, policy: Policy
) -> None:
    limit = limit_for(evidence, policy, order_minor=order_minor, day_minor=day_minor)

    assert 0 <= limit.order_minor <= order_minor
    assert 0 <= limit.day_minor <= day_minor


@given(evidences)
def test_a_sandbox_holds_nobody_and_gives_the_whole_limit(evidence: Evidence) -> None:
    whole = PayeeLimit(500_000, 100_000_000)

    limit = limit_for(evidence, SANDBOX, order_minor=500_000, day_minor=100_000_000)

    assert limit == (PayeeLimit(0, 0) if trust_of(evidence) is Trust.SUSPENDED else whole)
    assert not is_held(evidence, SANDBOX)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"age_days": 0, "good_payments": 0}, (100_000, 200_000)),
        ({"age_days": 1, "good_payments": 1}, (125_000, 250_000)),
        ({"age_days": 7, "good_payments": 3}, (150_000, 300_000)),
        ({"age_days": 29, "good_payments": 9}, (200_000, 400_000)),
        ({}, (250_000, 500_000)),
        ({"suspended": True}, (0, 0)),
    ],
)
def test_a_banks_limits_grow(fields: dict[str, object], expected: tuple[int, int]) -> None:
    limit = limit_for(known_well(**fields), BANK, order_minor=250_000, day_minor=500_000)

    assert (limit.order_minor, limit.day_minor) == expected


def test_the_steps_of_every_policy_grow() -> None:
    for policy in POLICIES.values():
        shares = [(step.order_percent, step.day_percent) for step in policy.steps]
        assert all(lower <= higher for lower, higher in pairwise(shares))
        assert policy.steps[0].trust is Trust.NEW


def _limits(evidence: Evidence) -> tuple[int, int]:
    limit = limit_for(evidence, BANK, order_minor=250_000, day_minor=500_000)
    return limit.order_minor, limit.day_minor


def _reachable(start: Trust, end: Trust) -> bool:
    found: set[Trust] = {start}
    frontier: Iterable[Trust] = [start]
    while frontier:
        frontier = {b for a, b in ARROWS if a in frontier} - found
        found |= set(frontier)
    return end in found


def _verdict(evidence: Evidence, policy: Policy, amount_minor: int, used_minor: int = 0) -> Verdict:
    return verdict_of(
        evidence,
        policy,
        amount_minor=amount_minor,
        used_minor=used_minor,
        order_minor=250_000,
        day_minor=500_000,
    )


@pytest.mark.parametrize(
    ("fields", "amount_minor", "used_minor", "expected"),
    [
        ({}, 250_000, 250_000, None),
        ({"age_days": 1, "good_payments": 1}, 125_000, 125_000, None),
        ({"age_days": 1, "good_payments": 1}, 125_001, 0, "AM14"),
        ({"age_days": 1, "good_payments": 1}, 125_000, 125_001, "AM14"),
        ({"age_days": 0}, 100_000, 0, "hold"),
        ({"age_days": 0}, 100_001, 0, "AM14"),
        ({"alias_moved": True}, 100_000, 0, "hold"),
        ({"suspended": True}, 1, 0, "AG01"),
        ({"returned_payments": 3}, 1, 0, "AG01"),
    ],
)
def test_a_bank_refuses_above_a_payees_limit_and_holds_for_a_new_one(
    fields: dict[str, object], amount_minor: int, used_minor: int, expected: str | None
) -> None:
    verdict = _verdict(known_well(**fields), BANK, amount_minor, used_minor)

    assert (verdict[0] if isinstance(verdict, tuple) else verdict) == expected


@given(evidences)
def test_in_a_sandbox_only_a_suspension_stands_in_the_way(evidence: Evidence) -> None:
    verdict = _verdict(evidence, SANDBOX, 250_000, 250_000)

    assert (verdict is not None) is (trust_of(evidence) is Trust.SUSPENDED)
