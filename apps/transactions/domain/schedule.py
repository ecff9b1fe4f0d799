"""When a scheduled or recurring payment is due: its dates by one rule, and what a day without banks makes of them."""

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import count as counted

from apps.kernel.calendar import BusinessCalendar
from apps.kernel.errors import Invalid

# When on its day a payment is made, in the calendar's zone. Ours: early enough to be there when people look.
PAY_AT = time(6, 0)
# How far ahead the first date may be. Ours: a typing error in the year is told at once.
DAYS_AHEAD_MAX = 2 * 366
OCCURRENCES_MAX = 1_000


class Frequency(StrEnum):
    ONCE = "once"
    WEEKLY = "weekly"
    TWO_WEEKS = "two_weeks"
    MONTHLY = "monthly"


class Roll(StrEnum):
    """On which day a payment is made whose date is no business day."""

    NEXT = "next"  # the next business day
    PREVIOUS = "previous"  # the business day before
    SAME_DAY = "same_day"  # that day all the same


_DAYS = {Frequency.WEEKLY: 7, Frequency.TWO_WEEKS: 14}


@dataclass(frozen=True)
class Plan:
    """The dates of one schedule. It ends after `count` dates, or with the last date up to `last_on`, or never.

    `end_of_month` pays on the last day of every month; without it a monthly plan pays on the first date's day, or on
    the last day of a month that has no such day, and comes back to its own day in the next.
    """

    first_on: date
    frequency: Frequency
    roll: Roll = Roll.NEXT
    end_of_month: bool = False
    last_on: date | None = None
    count: int | None = None


@dataclass(frozen=True)
class Occurrence:
    """One payment of a plan: its number from 1, its date by the rule, the day it is made on, and the instant."""

    number: int
    on: date
    pay_on: date
    due_at: datetime


def occurrence(plan: Plan, number: int, banks: BusinessCalendar) -> Occurrence | None:
    """The payment with this number; None when the plan is over by then.

    The date alone names a payment: dates only rise with the number, so none comes twice, however days roll.
    """
    limit = 1 if plan.frequency is Frequency.ONCE else plan.count
    if limit is not None and number > limit:
        return None
    on = _date(plan, number)
    if plan.last_on is not None and on > plan.last_on:
        return None
    pay_on = _pay_day(plan.roll, on, banks)
    return Occurrence(number, on, pay_on, banks.at(pay_on, PAY_AT))


def next_due(plan: Plan, number: int, now: datetime, banks: BusinessCalendar) -> Occurrence | None:
    """The first payment from `number` on that is not past: what a plan goes on with that was paused."""
    for found in _from(plan, number, banks):
        if found.due_at >= now:
            return found
    return None


def check(plan: Plan, now: datetime, banks: BusinessCalendar) -> Occurrence:
    """The first payment of a plan that is to begin now or later; on the very day it is made at once.

    Raises Invalid, naming the field: `schedule_in_past`, `schedule_too_far`, `schedule_ends_first`,
    `schedule_rule_unfit`.
    """
    today = banks.date_of(now)
    if plan.first_on > today + timedelta(days=DAYS_AHEAD_MAX):
        detail = f"The first date may be at most {DAYS_AHEAD_MAX} days ahead."
        raise Invalid("schedule_too_far", detail, "/first_on")
    if plan.first_on < today or _pay_day(plan.roll, plan.first_on, banks) < today:
        detail = f"The first payment must be made on {today} or later."
        raise Invalid("schedule_in_past", detail, "/first_on")
    _check_rule(plan)
    first = occurrence(plan, 1, banks)
    if first is None:
        detail = "The last date is before the first one."
        raise Invalid("schedule_ends_first", detail, "/end/on")
    return first


def _check_rule(plan: Plan) -> None:
    if plan.frequency is Frequency.ONCE and (plan.last_on or plan.count):
        raise Invalid("schedule_rule_unfit", "One payment has no end.", "/end")
    if not plan.end_of_month:
        return
    if plan.frequency is not Frequency.MONTHLY:
        detail = "Only a monthly schedule pays at the end of months."
        raise Invalid("schedule_rule_unfit", detail, "/end_of_month")
    if plan.first_on.day != _last_day(plan.first_on.year, plan.first_on.month):
        detail = "The first date must be the last day of its month."
        raise Invalid("schedule_rule_unfit", detail, "/first_on")


def _from(plan: Plan, number: int, banks: BusinessCalendar) -> Iterator[Occurrence]:
    for each in counted(number):
        found = occurrence(plan, each, banks)
        if found is None:
            return
        yield found


def _date(plan: Plan, number: int) -> date:
    """Counted from the first date and not from the one before: the 31st stays the 31st after a February."""
    if plan.frequency is Frequency.MONTHLY:
        months_on = plan.first_on.year * 12 + plan.first_on.month - 1 + number - 1
        year, month = months_on // 12, months_on % 12 + 1
        last = _last_day(year, month)
        return date(year, month, last if plan.end_of_month else min(plan.first_on.day, last))
    return plan.first_on + timedelta(days=_DAYS.get(plan.frequency, 0) * (number - 1))


def _pay_day(roll: Roll, on: date, banks: BusinessCalendar) -> date:
    if roll is Roll.SAME_DAY:
        return on
    return banks.on_or_after(on) if roll is Roll.NEXT else banks.on_or_before(on)


def _last_day(year: int, month: int) -> int:
    return months.monthrange(year, month)[1]
