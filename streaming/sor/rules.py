"""Step 3 of the SOR transaction: one event applied to one order by the rules of its kind; pure."""

from typing import Any, cast

from apps.transactions.domain.apply import apply
from apps.transactions.domain.apply_receive import ReceiveFacts, apply_receive
from apps.transactions.domain.apply_request import apply_request
from apps.transactions.domain.apply_return import apply_return
from apps.transactions.domain.event import Event, Unprocessable
from apps.transactions.domain.facts import NOTHING_KNOWN
from apps.transactions.domain.order import AnyOrder, Order
from apps.transactions.domain.product import Product
from apps.transactions.domain.receive_order import ReceiveOrder
from apps.transactions.domain.request_order import RequestOrder
from apps.transactions.domain.results import Change, Refused, Skipped
from apps.transactions.domain.return_order import ReturnOrder
from streaming.sor.facts import FactsFound

Result = Change[Any] | Refused | Skipped


def decide(order: AnyOrder, event: Event, facts: FactsFound) -> Result:
    """What the event makes of the order. Raises KeyError for a kind without rules."""
    now = facts.found.now
    match order["kind"]:
        case "send":
            payment = cast(Order, order)
            # What is wrong may be the surroundings themselves: to hold the order they are not needed.
            is_lost = isinstance(event, Unprocessable)
            known = NOTHING_KNOWN if is_lost else facts.of_send(payment)
            return apply(payment, event, known, now)
        case "receive":
            receipt = cast(ReceiveOrder, order)
            if isinstance(event, Unprocessable):
                least = ReceiveFacts(product=_nameless(order), recipient=None)
                return apply_receive(receipt, event, least, now)
            return apply_receive(receipt, event, facts.of_receive(receipt), now)
        case "request":
            request = cast(RequestOrder, order)
            return apply_request(request, event, facts.of_request(request), now)
        case "return":
            back = cast(ReturnOrder, order)
            return apply_return(back, event, facts.of_return(back), now)
    raise KeyError(f"there are no rules for the kind {order['kind']!r}")


def _nameless(order: AnyOrder) -> Product:
    """Stands for a product that may be unknown: its name alone decides nothing."""
    name = order["product"]
    return Product(name=name, title=name, currencies=frozenset(), claim_days=0)
