"""Reads of the Customer Profile subject."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, QuerySet
from pymongo import ASCENDING

from apps.kernel.errors import NotFound
from apps.profiles.models import Alias, Customer
from apps.transactions.sides import on_any_side
from dpms_site.mongodb import collection
from dpms_site.rest.pages import Page

Row = TypeVar("Row", bound=Model)

# Where an order names the customers of ours that stand on it: who pays or asks, is paid, is asked.
_SIDES = ("route.customer", "creditor.customer", "payer")


@dataclass(frozen=True)
class AliasOwner:
    """Who owns an active alias. Trust that was given before `owned_since` was given to somebody else."""

    customer: str
    account: str
    owned_since: datetime


def customer_by_id(customer_id: str, *, pointer: str = "") -> Customer:
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise NotFound("customer_not_found", "There is no such customer.", pointer)
    return customer


def customers_page(page: Page) -> list[Customer]:
    """One row more than the page's limit when there are more."""
    rows = Customer.objects.filter(**page.filters)
    return list(_from(rows, page)[: page.limit + 1])


def alias_by_id(alias_id: str) -> Alias:
    alias = Alias.objects.filter(pk=alias_id).first()
    if alias is None:
        raise NotFound("alias_not_found", "There is no such alias.")
    return alias


def alias_of_customer(customer_id: str, alias_id: str) -> Alias:
    alias = alias_by_id(alias_id)
    if alias.customer != customer_id:
        raise NotFound("alias_not_found", "The customer has no such alias.")
    return alias


def aliases_page(customer_id: str, page: Page) -> list[Alias]:
    rows = Alias.objects.filter(customer=customer_id, status__in=["PENDING", "ACTIVE"])
    return list(_from(rows, page)[: page.limit + 1])


def active_alias(key: str) -> Alias | None:
    return Alias.objects.filter(key=key, status="ACTIVE").first()


def aliases_enrolled(customer_id: str, key: str, *, after: datetime) -> int:
    """How often the customer enrolled this alias after that instant, whatever became of it."""
    return Alias.objects.filter(customer=customer_id, key=key, created_at__gt=after).count()


def alias_owner(key: str) -> AliasOwner | None:
    """The owner of the active alias; None when nobody here has it."""
    alias = active_alias(key)
    if alias is None:
        return None
    return AliasOwner(alias.customer, alias.account, alias.owned_since or alias.created_at)


def orders_under_way(customer_id: str, *, named_max: int) -> tuple[list[str], int]:
    """The oldest orders of the customer that are not final, on either side, and how many there are in all."""
    condition = {"final": False, **on_any_side(customer_id)}
    orders = collection("orders")
    oldest = orders.find(condition, {"_id": 1}).sort([("created_at", ASCENDING)]).limit(named_max)
    named = [str(row["_id"]) for row in oldest]
    return named, len(named) if len(named) < named_max else orders.count_documents(condition)


def unenrolling_since(instant: datetime) -> list[Customer]:
    """Customers whose un-enrolment began at `instant` or before and has not ended, the oldest first."""
    rows = Customer.objects.filter(status="UNENROLLING", modified_at__lte=instant)
    return list(rows.order_by("modified_at"))


def active_before(instant: datetime, *, after: str, limit: int) -> list[Customer]:
    """ACTIVE customers who enrolled at `instant` or before, by id, those behind `after`."""
    rows = Customer.objects.filter(status="ACTIVE", created_at__lte=instant, pk__gt=after)
    return list(rows.order_by("pk")[:limit])


def with_orders_after(instant: datetime, customer_ids: Iterable[str]) -> set[str]:
    """Which of these customers stand on either side of an order that was accepted after `instant`."""
    asked = list(customer_ids)
    found: set[str] = set()
    for side in _SIDES:
        condition = {side: {"$in": asked}, "created_at": {"$gt": instant}}
        found.update(collection("orders").distinct(side, condition))
    return found


def alias_owner_name(alias_key: str) -> str | None:
    """The name of the customer who owns the active alias; None when nobody here does."""
    alias = Alias.objects.filter(key=alias_key, status="ACTIVE").first()
    if alias is None:
        return None
    return Customer.objects.filter(pk=alias.customer).values_list("name", flat=True).first()


def _from(rows: QuerySet[Row], page: Page) -> QuerySet[Row]:
    if page.after is not None:
        rows = rows.filter(page.after.as_q("created_at"))
    return rows.order_by("-created_at", "-pk")
