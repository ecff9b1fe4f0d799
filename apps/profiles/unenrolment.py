"""Un-enrolment: no new orders, then count those under way, then leave or stay as before.

0. Orders under way at the first look: refused, and nothing is written, so that none of them is disturbed.
1. UNENROLLING is written, with the status it began in. From here the API refuses new orders, and settle rejects those
   that were accepted a moment earlier.
2. Orders that are not final are counted again, with the customer as debtor or creditor.
3. None: UNENROLLED, and all aliases REMOVED, in one transaction. Some: the status it began in, and a refusal that names
   them.

A crash between the steps leaves UNENROLLING. Whoever asks again, or `manage.py finish_unenrolments`, begins at step 2:
each step is a compare-and-set on the version that the asker read, so of two who do it at once one is told
`version_conflict`. Asking after step 3 changes nothing but aliases that were proved in that very moment.
"""

from apps.kernel.errors import Conflict
from apps.kernel.failpoint import failpoint
from apps.profiles import selectors
from apps.profiles.domain.lifecycle import Event, after, unenrolment_ends
from apps.profiles.models import Alias, Customer
from dpms_site.changes import Change, change, check_version, together

# So many orders in the way are named; more do not help anybody.
NAMED_MAX = 20


def unenrol_customer(*, customer_id: str, version: int | None, made: Change) -> Customer:
    """UNENROLLED. Raises Conflict (`orders_under_way` with `orders`, `version_conflict`), and then nothing changed."""
    customer = selectors.customer_by_id(customer_id)
    if customer.status == "UNENROLLED":
        together(lambda: _release_aliases(customer.id, made))
        return customer
    check_version(customer, version)
    if customer.status != "UNENROLLING":
        _begin(customer, made)
    orders, count = selectors.orders_under_way(customer.id, named_max=NAMED_MAX)
    event = unenrolment_ends(orders_under_way=count)
    target = after(customer.status, event, began_in=customer.unenrolling_from)
    if event is Event.KEEP:
        change(customer, made, status=target, unenrolling_from=None)
        raise in_the_way(orders, count)
    failpoint("unenrol.before_finish")
    left = together(lambda: _left(customer.id, customer.version, target, made))
    failpoint("unenrol.after_finish")
    return left


def _begin(customer: Customer, made: Change) -> None:
    began_in = customer.status
    target = after(began_in, Event.UNENROL)
    orders, count = selectors.orders_under_way(customer.id, named_max=NAMED_MAX)
    if count:
        raise in_the_way(orders, count)
    failpoint("unenrol.before_mark")
    change(customer, made, status=target, unenrolling_from=began_in)
    failpoint("unenrol.after_mark")


def _left(customer_id: str, version: int, target: str, made: Change) -> Customer:
    customer = selectors.customer_by_id(customer_id)
    check_version(customer, version)
    _release_aliases(customer_id, made)
    return change(customer, made, status=target, unenrolling_from=None, products=[])


def _release_aliases(customer_id: str, made: Change) -> None:
    for alias in Alias.objects.filter(customer=customer_id, status__in=["PENDING", "ACTIVE"]):
        change(alias, made, status="REMOVED")


def in_the_way(orders: list[str], count: int) -> Conflict:
    """The refusal that names the oldest orders that are not final; `count` says how many there are in all."""
    named = ", ".join(orders)
    more = f" and {count - len(orders)} more" if count > len(orders) else ""
    detail = f"Orders are under way: {named}{more}. Cancel them or wait for their end."
    return Conflict("orders_under_way", detail, members={"orders": orders, "count": count})
