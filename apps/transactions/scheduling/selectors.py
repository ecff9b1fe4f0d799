"""Reads of schedules."""

from apps.kernel.errors import NotFound
from apps.transactions.models import Schedule
from dpms_site.rest.pages import Page


def schedule_of_customer(customer_id: str, schedule_id: str) -> Schedule:
    """Also one that is over. Raises NotFound (`schedule_not_found`)."""
    found = Schedule.objects.filter(pk=schedule_id, customer=customer_id).first()
    if found is None:
        raise NotFound("schedule_not_found", "The customer has no such schedule.")
    return found


def schedules_page(customer_id: str, page: Page) -> list[Schedule]:
    """One row more than the page's limit when there are more."""
    rows = Schedule.objects.filter(customer=customer_id, **page.filters)
    if page.after is not None:
        rows = rows.filter(page.after.as_q("created_at"))
    return list(rows.order_by("-created_at", "-pk")[: page.limit + 1])
