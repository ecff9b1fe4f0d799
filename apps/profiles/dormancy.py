"""The re-check of customers without activity: who they are, and their suspension."""

from collections.abc import Iterator
from datetime import datetime

from apps.kernel.errors import Conflict
from apps.profiles import selectors
from apps.profiles.domain.dormancy import is_dormant, months_before
from apps.profiles.domain.lifecycle import Event, after
from apps.profiles.models import Customer
from dpms_site.changes import Change, change

_BATCH = 500


def dormant_customers(*, now: datetime, months: int) -> Iterator[Customer]:
    """ACTIVE customers, by id, who neither enrolled nor were reinstated nor stood in an order for `months`."""
    since, last = months_before(now, months), ""
    while batch := selectors.active_before(since, after=last, limit=_BATCH):
        last = batch[-1].id
        busy = selectors.with_orders_after(since, [customer.id for customer in batch])
        for customer in batch:
            last_active_at = customer.active_since or customer.created_at
            if customer.id not in busy and is_dormant(last_active_at, now=now, months=months):
                yield customer


def suspend_if_unchanged(customer: Customer, *, made: Change) -> bool:
    """SUSPENDED by compare-and-set; False when somebody changed the customer meanwhile, who is then left alone.

    Safe to repeat: a suspended customer is no longer among those that `dormant_customers` finds.
    """
    try:
        change(customer, made, status=after(customer.status, Event.SUSPEND))
    except Conflict:
        return False
    return True
