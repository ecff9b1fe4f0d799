"""Limits: equal fits, one more does not."""

from datetime import UTC, datetime

import pytest

from apps.transactions.domain.limits import PROFILES, Limits, Usage, breach, day_of, usage_id

LIMITS = Limits(order_minor=1_000, day_minor=2_500, day_count=3)


@pytest.mark.parametrize(
    ("used", "amount_minor"),
    [
        (Usage(), 1),
        (Usage(), 1_000),
        (Usage(1_500, 1), 1_000),
        (Usage(2_499, 1), 1),
        (Usage(2, 2), 1),
    ],
)
def test_fits_up_to_and_with_the_limit(used: Usage, amount_minor: int) -> None:
    assert breach(LIMITS, used, amount_minor) is None


@pytest.mark.parametrize(
    ("used", "amount_minor", "words"),
    [
        (Usage(), 1_001, "over the limit for one order"),
        (Usage(1_501, 1), 1_000, "over the limit for one day"),
        (Usage(2_500, 1), 1, "over the limit for one day"),
        (Usage(3, 3), 1, "over the number of orders for one day"),
    ],
)
def test_is_broken_by_one_more(used: Usage, amount_minor: int, words: str) -> None:
    assert breach(LIMITS, used, amount_minor) == words


def test_use_adds_up_and_is_given_back() -> None:
    used = Usage().plus(amount_minor=700, count=1).plus(amount_minor=300, count=1)

    assert used == Usage(1_000, 2)
    assert used.plus(amount_minor=-700, count=-1) == Usage(300, 1)


def test_counts_by_customer_product_currency_and_utc_day() -> None:
    late = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)

    assert usage_id(customer="cus_a", product="zelle", currency="USD", day=day_of(late)) == (
        "cus_a|zelle|USD|2026-11-22"
    )


def test_the_sandbox_is_as_wide_as_promised() -> None:
    assert PROFILES["sandbox"] == Limits(500_000, 100_000_000, 100_000)
