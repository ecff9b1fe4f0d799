"""The order checker's rules: silent on lawful orders, and never stopped by what a document holds."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ledger.domain.verify import Books, fit
from apps.transactions.domain.apply import Applied, apply
from apps.transactions.domain.facts import Recipient
from apps.transactions.domain.lifecycle import STATUSES
from apps.transactions.domain.verify import problems_of
from apps.transactions.domain.verify_money import expected_of, limit_problem_of, use_of
from tests.support.core import NOW, a_recipient, an_order, assessed, facts

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


@pytest.mark.parametrize("status", STATUSES)
def test_a_lawful_order_has_no_problem(status: str) -> None:
    order = an_order(status)

    assert problems_of(order) == []
    assert limit_problem_of(order) is None
    assert len(problems_of(order, all_final=True)) == (not STATUSES[status].final)


@pytest.mark.parametrize(
    ("status", "kinds", "is_holding"),
    [
        ("RECEIVED", {}, False),
        ("HELD", {}, False),
        ("REJECTED", {}, False),
        ("AWAITING_CLAIM", {3: "hold"}, True),
        ("INVESTIGATE", {3: "hold"}, True),
        ("COMPLETED", {3: "hold", 4: "capture"}, False),
        ("EXPIRED", {3: "hold", 5: "void"}, False),
    ],
)
def test_a_history_tells_what_the_ledger_must_show(
    status: str, kinds: dict[int, str], is_holding: bool
) -> None:
    expected = expected_of(an_order(status))

    assert (expected.kinds, expected.is_holding) == (kinds, is_holding)


@pytest.mark.parametrize(
    ("recipient", "kinds"),
    [(a_recipient(), {4: "transfer"}), (a_recipient(status="UNENROLLED"), {}), (None, {3: "hold"})],
    ids=["paid at once", "rejected at once", "waits"],
)
def test_what_one_cause_sets_aside_and_settles_is_one_entry_or_none(
    recipient: Recipient | None, kinds: dict[int, str]
) -> None:
    result = apply(an_order(), assessed(), facts(recipient=recipient), NOW)
    assert isinstance(result, Applied)

    expected = expected_of(result.order)

    assert expected.kinds == kinds
    assert fit(expected, result.entries) == []


def test_an_order_counts_in_limits_while_it_may_be_paid_or_was() -> None:
    counting = {status for status in STATUSES if use_of(an_order(status)) is not None}

    assert counting == {
        *("VALIDATED", "HELD", "FUNDED", "AWAITING_CLAIM", "SUBMITTED", "INVESTIGATE", "COMPLETED")
    }


@given(st.sampled_from(sorted(STATUSES)), st.sampled_from(sorted(an_order())), ANYTHING)
def test_no_damaged_order_stops_the_checker(status: str, name: str, value: Any) -> None:
    damaged: Any = {**an_order(status), name: value}

    for problem in problems_of(damaged, all_final=True):
        assert problem.rule


@given(st.dictionaries(st.sampled_from(["_id", "kind", "order", "lines", "currency"]), ANYTHING))
def test_no_damaged_entry_or_account_stops_the_checker(document: dict[str, Any]) -> None:
    books = Books()

    for problem in (*books.entry(document), *books.account(document), *books.closing()):
        assert problem.rule
