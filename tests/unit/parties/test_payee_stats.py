"""The history of payments to one payee: kept as far as the rules ask for it, and then no further."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.parties.domain.evidence import evidence_of
from apps.parties.domain.name_check import NameCheck
from apps.parties.domain.payee_limits import (
    COUNTED_PAYMENTS,
    POLICIES,
    PayeeLimit,
    limit_for,
    wanted_of,
)
from apps.parties.domain.payee_stats import (
    NOTHING_PAID,
    DayUse,
    Happened,
    Outcome,
    PayeeStats,
    Wanted,
    as_document,
    from_document,
    stats_after,
)
from apps.parties.domain.trust import Evidence, Trust, trust_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ALL, COUNTS = Wanted(), Wanted(day_use=False)
BANK, SANDBOX = POLICIES["bank"], POLICIES["sandbox"]

happenings = st.lists(
    st.one_of(
        st.sampled_from(Outcome),
        st.builds(
            DayUse,
            day=st.sampled_from(["2026-11-22", "2026-11-23"]),
            currency=st.sampled_from(["USD", "EUR"]),
            amount_minor=st.integers(-500, 10**9),
        ),
    ),
    max_size=8,
)


def told(many: list[Happened], *, wanted: Wanted = ALL) -> PayeeStats:
    return stats_after(NOTHING_PAID, many, wanted=wanted) or NOTHING_PAID


def used(day: int, amount_minor: int) -> DayUse:
    return DayUse(f"2026-11-{day}", "USD", amount_minor)


def test_counts_what_arrived_and_what_came_back() -> None:
    stats = told([Outcome.COMPLETED, Outcome.COMPLETED, Outcome.RETURNED])

    assert (stats.completed, stats.returned) == (2, 1)


def test_keeps_what_the_latest_day_used() -> None:
    stats = told([used(22, 300), used(23, 100), used(22, 50), used(23, 5), used(22, -300)])

    assert stats.used_minor(day="2026-11-23", currency="USD") == 105
    assert stats.used_minor(day="2026-11-23", currency="EUR") == 0
    assert stats.used_minor(day="2026-11-22", currency="USD") == 0


def test_gives_back_what_ended_unpaid_and_never_more_than_was_used() -> None:
    assert told([used(22, 300), used(22, -300)]).day_minor == {"USD": 0}
    assert told([used(22, -300)]).day_minor == {"USD": 0}


@pytest.mark.parametrize(
    ("happened", "wanted"),
    [
        (Outcome.COMPLETED, Wanted(completed=False)),
        (Outcome.RETURNED, Wanted(returned=False)),
        (used(22, 300), Wanted(day_use=False)),
    ],
)
def test_has_nothing_to_write_of_what_no_rule_asks_for(happened: Happened, wanted: Wanted) -> None:
    assert stats_after(NOTHING_PAID, [happened], wanted=wanted) is None
    assert stats_after(NOTHING_PAID, [happened], wanted=ALL) is not None


def test_has_nothing_to_write_when_nothing_happened() -> None:
    assert stats_after(NOTHING_PAID, [], wanted=ALL) is None
    assert stats_after(told([used(23, 5)]), [used(22, 5)], wanted=ALL) is None


@given(st.lists(st.sampled_from(Outcome), max_size=8), st.randoms(use_true_random=False))
def test_counts_the_same_in_whatever_order_payments_are_told(
    many: list[Happened], rng: Any
) -> None:
    shuffled = list(many)
    rng.shuffle(shuffled)

    assert told(shuffled) == told(many)


@given(happenings)
def test_comes_back_from_its_document_as_it_was(many: list[Happened]) -> None:
    document = as_document(
        told(many), payee="pay_1", customer="cus_1", version=3, modified_by="stream:send_money#1"
    )

    assert from_document(document) == told(many)
    assert (document["_id"], document["customer"], document["version"]) == ("pay_1", "cus_1", 3)
    assert document["modified_by"] == "stream:send_money#1"


def test_is_empty_where_nothing_was_paid() -> None:
    assert from_document(None) == NOTHING_PAID


def known(
    stats: PayeeStats, *, check: str = "MATCH", days: int = 400, counted_from: Any = None
) -> Evidence:
    payee = {
        "alias": None,
        "counted_from": counted_from,
        "created_at": NOW - timedelta(days=days),
        "known_since": NOW - timedelta(days=days),
        "name_check": check,
        "owner": None,
        "status": "ACTIVE",
        "trust": "NEW",
    }
    return evidence_of(payee, stats, owners={}, now=NOW)


def kept(many: list[Outcome], **fields: Any) -> tuple[PayeeStats, int]:
    """The history as a flow keeps it, and how often it was written."""
    stats, writes = NOTHING_PAID, 0
    for each in many:
        wanted = wanted_of(known(stats, **fields), SANDBOX)
        after = stats_after(stats, [each, used(22, 100)], wanted=wanted)
        if after is not None:
            stats, writes = after, writes + 1
    return stats, writes


def test_a_payee_that_was_paid_often_enough_costs_no_write_any_more() -> None:
    stats, writes = kept([Outcome.COMPLETED] * 1_000)

    assert writes == stats.completed == COUNTED_PAYMENTS == 12
    assert trust_of(known(stats)) is Trust.TRUSTED


def test_a_payment_that_came_back_is_counted_however_good_the_history_is() -> None:
    stats, _ = kept([*[Outcome.COMPLETED] * 50, Outcome.RETURNED])

    assert stats.returned == 1
    assert trust_of(known(stats)) is Trust.VERIFIED


def test_after_a_new_beginning_payments_count_again() -> None:
    counted_from = {"completed": COUNTED_PAYMENTS, "returned": 0}
    stats = PayeeStats(completed=COUNTED_PAYMENTS)

    assert wanted_of(known(stats, counted_from=counted_from), SANDBOX).completed
    assert not wanted_of(known(stats), SANDBOX).completed


@given(
    st.lists(st.sampled_from(Outcome), max_size=40),
    st.sampled_from(NameCheck),
    st.integers(0, 100),
)
def test_what_is_kept_decides_as_the_whole_history_would(
    many: list[Outcome], check: NameCheck, days: int
) -> None:
    whole = PayeeStats(many.count(Outcome.COMPLETED), many.count(Outcome.RETURNED))
    evidence, full = (
        known(kept(many)[0], check=check, days=days),
        known(whole, check=check, days=days),
    )

    assert trust_of(evidence) is trust_of(full)
    assert _bank_limit(evidence) == _bank_limit(full)


def _bank_limit(evidence: Evidence) -> PayeeLimit:
    return limit_for(evidence, BANK, order_minor=250_000, day_minor=500_000)


@pytest.mark.parametrize(
    ("completed", "returned", "is_wanted"),
    [(0, 0, True), (4, 0, True), (5, 0, False), (5, 3, False)],
)
def test_a_days_use_is_kept_while_a_limit_is_below_the_banks_own(
    completed: int, returned: int, is_wanted: bool
) -> None:
    evidence = known(PayeeStats(completed, returned))

    assert wanted_of(evidence, BANK).day_use is is_wanted
    assert not wanted_of(evidence, SANDBOX).day_use
