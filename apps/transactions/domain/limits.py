"""Limits on what a customer may send: per order, day, week and month, by product.

What was used is stored by day. A week (from Monday) and a month are sums over days, so an order that ends unpaid gives
back to its day and thereby to both; `days_counted` says which days to read, all by one query.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.profiles.domain.preferences import OwnLimits


@dataclass(frozen=True)
class Limits:
    """Amounts in minor units of the product's currency; days are UTC calendar days. None: no limit of this kind."""

    order_minor: int
    day_minor: int
    day_count: int
    week_minor: int | None = None
    month_minor: int | None = None


@dataclass(frozen=True)
class Usage:
    """What a customer has used of one product on one day."""

    amount_minor: int = 0
    count: int = 0

    def plus(self, *, amount_minor: int, count: int) -> "Usage":
        return Usage(self.amount_minor + amount_minor, self.count + count)


NO_USE = Usage()


@dataclass(frozen=True)
class UsageChange:
    """What to add to one customer's use of one product on one day (negative when it is released)."""

    id: str
    customer: str
    product: str
    currency: str
    day: str
    amount_minor: int
    count: int


# "sandbox" is wide so that tests and demos may run; "bank" is of the size that banks publish for Zelle
# (2,500.00 an order, 5,000.00 a day and 20,000.00 a month for an ordinary retail customer; a week is half a month).
PROFILES = {
    "sandbox": Limits(order_minor=500_000, day_minor=100_000_000, day_count=100_000),
    "bank": Limits(
        order_minor=250_000,
        day_minor=500_000,
        day_count=20,
        week_minor=1_000_000,
        month_minor=2_000_000,
    ),
}


def usage_id(*, customer: str, product: str, currency: str, day: str) -> str:
    return f"{customer}|{product}|{currency}|{day}"


def day_of(instant: datetime) -> str:
    return instant.date().isoformat()


def days_counted(limits: Limits, now: datetime, own: OwnLimits | None = None) -> list[str]:
    """The days whose use decides about an order now: today alone unless a week or month has a limit."""
    first = now
    chosen = own or OwnLimits()
    if limits.week_minor is not None or chosen.week_minor is not None:
        first = min(first, _week_begins(now))
    if limits.month_minor is not None or chosen.month_minor is not None:
        first = min(first, now.replace(day=1))
    return [day_of(first + timedelta(days=number)) for number in range((now - first).days + 1)]


def week_and_month(days: Mapping[str, Usage], now: datetime) -> tuple[Usage, Usage]:
    """What was used in this week and in this month, from the use of each day up to today."""
    today = day_of(now)
    return (
        _sum_between(days, day_of(_week_begins(now)), today),
        _sum_between(days, day_of(now.replace(day=1)), today),
    )


def breach(
    limits: Limits,
    usage: Usage,
    amount_minor: int,
    *,
    week: Usage = NO_USE,
    month: Usage = NO_USE,
    own: OwnLimits | None = None,
) -> str | None:
    """Which limit this amount would break, in words for people; None when it fits. Equal to the limit fits."""
    chosen = own or OwnLimits()
    day_minor = usage.amount_minor + amount_minor
    week_minor = week.amount_minor + amount_minor
    month_minor = month.amount_minor + amount_minor
    for most, used, words in (
        (limits.order_minor, amount_minor, "over the limit for one order"),
        (limits.day_minor, day_minor, "over the limit for one day"),
        (limits.day_count, usage.count + 1, "over the number of orders for one day"),
        (limits.week_minor, week_minor, "over the limit for one week"),
        (limits.month_minor, month_minor, "over the limit for one month"),
        (chosen.order_minor, amount_minor, "over the customer's own limit for one order"),
        (chosen.day_minor, day_minor, "over the customer's own limit for one day"),
        (chosen.week_minor, week_minor, "over the customer's own limit for one week"),
        (chosen.month_minor, month_minor, "over the customer's own limit for one month"),
    ):
        if most is not None and used > most:
            return words
    return None


def _week_begins(now: datetime) -> datetime:
    return now - timedelta(days=now.weekday())


def _sum_between(days: Mapping[str, Usage], first: str, last: str) -> Usage:
    total = Usage()
    for day, used in days.items():
        if first <= day <= last:
            total = total.plus(amount_minor=used.amount_minor, count=used.count)
    return total
