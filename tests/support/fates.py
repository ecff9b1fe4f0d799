"""How orders of every kind may end, made by the rules themselves: each with the entries that it left in the ledger."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from apps.kernel.money import Money
from apps.ledger.domain.entry import Entry
from apps.transactions.domain.apply import apply
from apps.transactions.domain.apply_receive import ReceiveFacts, apply_receive
from apps.transactions.domain.apply_return import ReturnFacts, apply_return
from apps.transactions.domain.event import Event, Signal
from apps.transactions.domain.order import Party
from apps.transactions.domain.receive_order import arrived
from apps.transactions.domain.results import Change
from apps.transactions.domain.return_order import Direction, return_of
from apps.transactions.products.zelle import ZELLE
from tests.support.core import (
    ELSEWHERE,
    NOW,
    STREAM,
    a_new_order,
    a_recipient,
    an_account,
    an_order,
    answered,
    asked,
    assessed,
    due,
    facts_of,
    returned,
)

_SCREENED = Signal("RR04", "a name on a list")
_HELD = assessed("ord_1", _SCREENED)
_RELEASE = asked("release", by="compliance")
_RETURN = asked("return", by="operator")

Left = tuple[dict[str, Any], list[Entry]]


def _through(order: Any, step: Callable[[Any, Event, datetime], object], *events: Event) -> Left:
    entries: list[Entry] = []
    for number, event in enumerate(events):
        made = step(order, event, NOW + timedelta(days=30 * number))
        assert isinstance(made, Change), made
        order, entries = made.order, entries + made.entries
    return order, entries


def _sent(*events: Event) -> Left:
    def step(order: Any, event: Event, now: datetime) -> object:
        return apply(order, event, facts_of(order, recipient=ELSEWHERE), now)

    return _through(a_new_order(), step, assessed(), *events)


def _received(*events: Event, recipient: Any = None) -> Left:
    facts = ReceiveFacts(product=ZELLE, recipient=recipient or a_recipient())
    order = arrived(
        order_id="ord_1",
        network="zelle",
        end_to_end_id="e2e-1",
        debtor_name="Zoe",
        debtor_bank="021000021",
        creditor_name="Bob Brown",
        alias_key="email:bob@example.com",
        money=Money(1_000, "USD"),
        reference=None,
        request_id="req_1",
        route={"order": "ord_1", "customer": "cus_bob", "account": "acc_bob"},
        now=NOW,
    )
    return _through(
        order, lambda order, event, now: apply_receive(order, event, facts, now), *events
    )


def _returned(
    direction: Direction, *events: Event, asked_for: bool = True, status: str = "OPEN"
) -> Left:
    facts = ReturnFacts(product=ZELLE, account=an_account(status=status))
    order = return_of(
        an_order("COMPLETED", by_network=True),
        direction=direction,
        account=Party(customer="cus_ann", account="acc_ann"),
        asked=asked_for,
        by_id="recall",
        amount_minor=1_000,
        reason="FRAD",
        detail=None,
        actor=STREAM,
        now=NOW,
    )
    return _through(
        order,
        lambda order, event, now: apply_return(order, event, facts, now),
        assessed(),
        *events,
    )


# By what became of them; the names of entries that they left are told by the tests.
FATES: dict[str, Callable[[], Left]] = {
    "send: at the network": lambda: _sent(),
    "send: paid by the network": lambda: _sent(answered(accepted=True)),
    "send: paid, staff learned": lambda: _sent(
        due("network_silent"), asked("confirm_paid", by="operator", cause="cmd_2")
    ),
    "send: refused by the network": lambda: _sent(answered(accepted=False, reason="AC04")),
    "receive: credited": lambda: _received(assessed()),
    "receive: nobody's": lambda: _received(assessed(), recipient=ELSEWHERE),
    "receive: in suspense": lambda: _received(_HELD),
    "receive: late": lambda: _received(_HELD, due("review_due")),
    "receive: cleared": lambda: _received(_HELD, _RELEASE),
    "receive: sent back": lambda: _received(_HELD, due("review_due"), _RETURN),
    "receive: frozen": lambda: _received(_HELD, asked("block", by="compliance")),
    "return: unasked": lambda: _returned("inward", asked_for=False),
    "return: asked back": lambda: _returned("inward", returned()),
    "return: unclaimed": lambda: _returned("inward", returned(), status="CLOSED"),
    "return: nobody answered": lambda: _returned("inward", due("recall_silent")),
    "return: given back": lambda: _returned("outward", _RETURN),
    "return: kept": lambda: _returned("outward", asked("refuse", by="operator")),
}
