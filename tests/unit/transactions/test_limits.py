"""Limits: equal fits, one more does not."""

from datetime import UTC, datetime

import pytest

from apps.profiles.domain.preferences import OwnLimits
from apps.transactions.domain.limits import (
    PROFILES,
    Limits,
    Usage,
    breach,
    day_of,
    days_counted,
    usage_id,
    week_and_month,
)

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


def test_days_of_week_and_month_are_read_only_when_they_have_a_limit() -> None:
    thursday = datetime(2026, 12, 3, 12, tzinfo=UTC)
    wide = Limits(1, 1, 1)

    assert days_counted(wide, thursday) == ["2026-12-03"]
    assert days_counted(Limits(1, 1, 1, week_minor=1), thursday) == [
        *("2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03")
    ]
    assert len(days_counted(wide, thursday, OwnLimits(month_minor=1))) == 3


def test_week_and_month_are_sums_over_their_days() -> None:
    thursday = datetime(2026, 12, 3, 12, tzinfo=UTC)
    days = {"2026-11-29": Usage(1, 1), "2026-11-30": Usage(10, 1), "2026-12-01": Usage(100, 2)}

    assert week_and_month(days, thursday) == (Usage(110, 3), Usage(100, 2))


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (OwnLimits(order_minor=99), "over the customer's own limit for one order"),
        (OwnLimits(day_minor=149), "over the customer's own limit for one day"),
        (OwnLimits(week_minor=249), "over the customer's own limit for one week"),
        (OwnLimits(month_minor=349), "over the customer's own limit for one month"),
        (OwnLimits(99_999, 99_999, 99_999, 99_999), None),
        (OwnLimits(100, 150, 250, 350), None),
    ],
)
def test_a_customers_own_lower_limit_holds_too(own: OwnLimits, words: str | None) -> None:
    used = {"week": Usage(150, 2), "month": Usage(250, 3)}

    assert breach(LIMITS, Usage(50, 1), 100, **used, own=own) == words


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(999, 999, 9, week_minor=249), "over the limit for one week"),
        (Limits(999, 999, 9, month_minor=349), "over the limit for one month"),
        (Limits(999, 999, 9, week_minor=250, month_minor=350), None),
    ],
)
def test_a_week_and_a_month_have_limits(limits: Limits, words: str | None) -> None:
    week, month = Usage(150, 2), Usage(250, 3)

    assert breach(limits, Usage(50, 1), 100, week=week, month=month) == words
