"""Reads of the Customer Profile subject."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from apps.kernel.errors import NotFound
from apps.profiles.models import Alias, Customer
from dpms_site.rest.pages import Page

Row = TypeVar("Row", bound=Model)


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
