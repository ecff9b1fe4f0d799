"""Limits on what a customer may send: per order and per day, by product."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Limits:
    """Amounts in minor units of the product's currency; a day is a UTC calendar day."""

    order_minor: int
    day_minor: int
    day_count: int


@dataclass(frozen=True)
class Usage:
    """What a customer has used of one product on one day."""

    amount_minor: int = 0
    count: int = 0

    def plus(self, *, amount_minor: int, count: int) -> "Usage":
        return Usage(self.amount_minor + amount_minor, self.count + count)


# "sandbox" is wide so that tests and demos may run; "bank" is of the size that banks publish for Zelle
# (2,500.00 an order and 5,000.00 a day for an ordinary retail customer).
PROFILES = {
    "sandbox": Limits(order_minor=500_000, day_minor=100_000_000, day_count=100_000),
    "bank": Limits(order_minor=250_000, day_minor=500_000, day_count=20),
}


def usage_id(*, customer: str, product: str, currency: str, day: str) -> str:
    return f"{customer}|{product}|{currency}|{day}"


def day_of(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d")


def breach(limits: Limits, usage: Usage, amount_minor: int) -> str | None:
    """Which limit this amount would break, in words for people; None when it fits. Equal to the limit fits."""
    if amount_minor > limits.order_minor:
        return "over the limit for one order"
    if usage.amount_minor + amount_minor > limits.day_minor:
        return "over the limit for one day"
    if usage.count + 1 > limits.day_count:
        return "over the number of orders for one day"
    return None
