"""Reads of the Payment Party subject."""

from apps.kernel.errors import NotFound
from apps.parties.models import Payee
from dpms_site.rest.pages import Page


def payee_of_customer(customer_id: str, payee_id: str) -> Payee:
    """Also a removed one: orders name it."""
    payee = Payee.objects.filter(pk=payee_id, customer=customer_id).first()
    if payee is None:
        raise NotFound("payee_not_found", "The customer has no such payee.")
    return payee


def payees_page(customer_id: str, page: Page) -> list[Payee]:
    rows = Payee.objects.filter(customer=customer_id, status="ACTIVE")
    if page.after is not None:
        rows = rows.filter(page.after.as_q("created_at"))
    return list(rows.order_by("-created_at", "-pk")[: page.limit + 1])
