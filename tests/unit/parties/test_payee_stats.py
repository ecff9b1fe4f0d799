"""The history of payments to one payee."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.parties.domain.payee_stats import (
    NOTHING_PAID,
    Outcome,
    PayeeStats,
    after_payment,
    as_document,
    from_document,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

payments = st.lists(
    st.tuples(
        st.sampled_from(Outcome),
        st.integers(1, 10**9),
        st.sampled_from(["USD", "EUR"]),
        st.integers(0, 10**6).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    ),
    max_size=8,
)
Payment = tuple[Outcome, int, str, datetime]


def told(many: list[Payment]) -> PayeeStats:
    stats = NOTHING_PAID
    for outcome, amount_minor, currency, at in many:
        stats = after_payment(stats, outcome, amount_minor=amount_minor, currency=currency, at=at)
    return stats


def test_counts_what_arrived_and_what_came_back() -> None:
    stats = told(
        [
            (Outcome.COMPLETED, 1_000, "USD", NOW),
            (Outcome.COMPLETED, 250, "USD", NOW + timedelta(days=1)),
            (Outcome.RETURNED, 1_000, "USD", NOW + timedelta(days=2)),
        ]
    )

    assert (stats.completed, stats.returned, stats.good) == (2, 1, 1)
    assert stats.total_minor == {"USD": 250}
    assert (stats.first_at, stats.last_at) == (NOW, NOW + timedelta(days=2))


@given(payments, st.randoms(use_true_random=False))
def test_is_the_same_in_whatever_order_payments_are_told(many: list[Payment], rng: object) -> None:
    shuffled = list(many)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]

    assert told(shuffled) == told(many)
    assert told(many).good >= 0


@given(payments)
def test_comes_back_from_its_document_as_it_was(many: list[Payment]) -> None:
    document = as_document(
        told(many), payee="pay_1", customer="cus_1", version=3, modified_by="stream:send_money#1"
    )

    assert from_document(document) == told(many)
    assert (document["_id"], document["customer"], document["version"]) == ("pay_1", "cus_1", 3)
    assert document["modified_by"] == "stream:send_money#1"


def test_is_empty_where_nothing_was_paid() -> None:
    assert from_document(None) == NOTHING_PAID
