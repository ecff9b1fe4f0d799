"""The day that an order is for: which are taken, by the bank's own date, and what it makes of the request's hash."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from apps.kernel.errors import Invalid
from apps.kernel.money import Money
from apps.transactions.calendar import BUSINESS_CALENDAR
from apps.transactions.domain.execution_day import DAYS_AHEAD_MAX, check_day
from apps.transactions.domain.order import sentence
from apps.transactions.domain.verify_requests import body_hash_of
from apps.transactions.submission import Submission
from tests.support.core import a_new_order, an_order

# Still the 24th at the bank, where it is 23:30.
NOW = datetime(2026, 11, 25, 4, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "day",
    [None, TODAY, TODAY + timedelta(days=4), date(2026, 12, 25), date(2027, 11, 24)],
    ids=["none", "today", "a Saturday", "a holiday", "in a year"],
)
def test_today_and_any_day_of_a_year_to_come_is_taken(day: date | None) -> None:
    check_day(day, NOW, BUSINESS_CALENDAR)


@pytest.mark.parametrize(
    ("days", "code"), [(-1, "execute_on_past"), (DAYS_AHEAD_MAX + 1, "execute_on_too_far")]
)
def test_what_is_past_at_the_bank_or_too_far_is_refused(days: int, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_day(TODAY + timedelta(days=days), NOW, BUSINESS_CALENDAR)

    assert (refused.value.code, refused.value.pointer) == (code, "/execute_on")


def a_submission() -> Submission:
    return Submission(
        idempotency_key="k1",
        product="zelle",
        customer="cus_ann",
        account="acc_ann",
        payee="pay_bob",
        money=Money(1_000, "USD"),
        reference=None,
        memo=None,
    )


def test_a_request_without_a_day_has_the_hash_it_always_had() -> None:
    """Keys of orders from before there were days must go on to find them."""
    known = "f8eb18bf39190f6258e19f850b279456fc344303c2230a1ad931df76e0aa884f"

    assert a_submission().body_hash() == known


def test_the_day_is_part_of_what_was_asked_also_for_the_checker() -> None:
    asked = replace(a_submission(), execute_on=date(2026, 12, 5))

    assert asked.body_hash() != a_submission().body_hash()
    assert asked.body_hash() == body_hash_of(dict(a_new_order(execute_on="2026-12-05")))


def test_people_read_the_day() -> None:
    scheduled = an_order("SCHEDULED", execute_on="2026-12-05")

    assert "Scheduled for 5 December 2026." in sentence(scheduled)
