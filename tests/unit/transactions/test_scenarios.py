"""Whatever a network answers, in any order and however often: every order ends, once, and no money is lost."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.money import Money
from apps.ledger.domain.account import Account, post
from apps.ledger.domain.entry import Entry
from apps.transactions.domain.apply import apply
from apps.transactions.domain.apply_receive import ReceiveFacts, apply_receive
from apps.transactions.domain.apply_return import ReturnFacts, apply_return
from apps.transactions.domain.event import Assessed, Due, Event, Recalled, Signal
from apps.transactions.domain.order import Actor
from apps.transactions.domain.receive_order import arrived
from apps.transactions.domain.results import Change
from apps.transactions.domain.verify import problems_of
from apps.transactions.products.zelle import ZELLE
from tests.support.core import (
    DUPLICATE,
    ELSEWHERE,
    HOLDS,
    NOW,
    STREAM,
    a_new_order,
    an_account,
    answered,
    asked,
    assessed,
    facts,
    noted,
    returned,
)

NETWORK = Actor(kind="network", id="zelle")
CLOCK = Actor(kind="clock", id="clock")
OURS = ("acc_ann", "acc_bob")
SETTLEMENT, SUSPENSE, UNCLAIMED = (
    f"acc_int_{each}_zelle_USD" for each in ("settlement", "suspense", "unclaimed")
)

_EVENTS: list[Event] = [
    Assessed("assessed", STREAM),
    Assessed("assessed", STREAM, (DUPLICATE,)),
    answered(accepted=True, cause="msg_yes"),
    answered(accepted=True, cause="msg_yes_again"),
    answered(accepted=False, reason="AC04", cause="msg_no"),
    noted("pending"),
    noted("recall_refused", cause="msg_kept"),
    returned(cause="msg_ret"),
    returned(cause="msg_ret_again"),
    returned(return_id="ret_2", amount_minor=400, cause="msg_ret_2"),
    Recalled("msg_recall", NETWORK, "FRAD"),
    *(asked(command, by="compliance", cause=f"cmd_{command}") for command in ("release", "block")),
    *(
        asked(command, by="operator", cause=f"cmd_{command}")
        for command in ("cancel", "reject", "enquire", "recall", "return", "refuse", "confirm_paid")
    ),
]
Step = tuple[str, Event | None]
# None: the clock asks what is due, after as many minutes as the step says.
STEPS = st.lists(
    st.tuples(st.sampled_from(["send", "receive", "linked"]), st.sampled_from([*_EVENTS, None])),
    max_size=25,
)
# What ends an order of any kind that still waits.
_ENDINGS: list[Event | None] = [
    Assessed("assessed", STREAM),
    asked("release", by="operator", cause="end_release"),
    asked("return", by="operator", cause="end_return"),
    asked("refuse", by="operator", cause="end_refuse"),
    answered(accepted=False, reason="AC04", cause="end_no"),
    None,
]


class Network:
    """One send order, one inbound credit, and the returns that come of them; with the books beside."""

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.clocks = 0
        self.orders: dict[str, Any] = {"ord_send": a_new_order("ord_send")}
        self.orders["ord_in"] = arrived(
            order_id="ord_in",
            network="zelle",
            end_to_end_id="e2e-1",
            debtor_name="Zoe",
            debtor_bank=None,
            creditor_name="Bob",
            alias_key="email:bob@example.com",
            money=Money(700, "USD"),
            reference=None,
            request_id="req_1",
            route={},
            now=NOW,
        )
        accounts = [
            an_account("acc_ann"),
            an_account("acc_bob", customer="cus_bob", posted_minor=0),
        ]
        internal = (SETTLEMENT, SUSPENSE, UNCLAIMED, HOLDS)
        accounts += [an_account(name, customer=None, posted_minor=0) for name in internal]
        self.accounts: dict[str, Account] = {each.id: each for each in accounts}
        self.entries: list[Entry] = []
        self.linked: dict[str, set[str]] = {}
        self.messages: list[str] = []

    def happens(self, order_id: str, event: Event | None) -> None:
        order = self.orders[order_id]
        if event is None:
            self.now += timedelta(days=11)
            self.clocks += 1
            event = Due(f"clock_{self.clocks}", CLOCK, order["due_event"] or "nothing")
        result = self._apply(order, event)
        if not isinstance(result, Change):
            return
        self.accounts |= post(self.accounts, result.entries)
        self.entries += result.entries
        self.messages += [message.id for message in result.outgoing]
        self.orders[order_id] = result.order
        linked = self.linked.setdefault(order_id, set())
        linked |= {case.id for case in result.cases}
        for caused in result.caused:
            assert caused["_id"] not in self.orders
            linked.add(caused["_id"])
            self.orders[caused["_id"]] = caused

    def _apply(self, order: Any, event: Event) -> Any:
        linked = frozenset(self.linked.get(order["_id"], set()))
        if order["kind"] == "send":
            back = sum(
                each["amount_minor"]
                for each in self.orders.values()
                if each.get("caused_by") == order["_id"]
                and each["status"] not in ("REFUSED", "EXPIRED")
            )
            around = facts(
                debtor=self.accounts["acc_ann"],
                recipient=ELSEWHERE,
                linked=linked,
                returned_minor=back,
            )
            return apply(order, event, around, self.now)
        if order["kind"] == "receive":
            account = self.accounts["acc_bob"]
            recipient = type(ELSEWHERE)("cus_bob", "ACTIVE", account)
            return apply_receive(
                order, event, ReceiveFacts(ZELLE, recipient, linked=linked), self.now
            )
        account = self.accounts[order["account"]["account"]]
        return apply_return(order, event, ReturnFacts(ZELLE, account), self.now)

    def subjects(self, which: str) -> list[str]:
        if which == "linked":
            return [each for each in self.orders if each not in ("ord_send", "ord_in")]
        return ["ord_send" if which == "send" else "ord_in"]

    def ends(self) -> None:
        for _ in range(4):
            for order_id in list(self.orders):
                for event in _ENDINGS:
                    if not self.orders[order_id]["final"]:
                        self.happens(order_id, event)


@given(STEPS, st.booleans())
def test_every_order_ends_once_and_money_is_conserved(steps: list[Step], screened: bool) -> None:
    network = Network()
    if screened:
        network.happens("ord_in", Assessed("first", STREAM, (Signal("RR04", "on a list"),)))
    network.happens("ord_send", assessed("first"))
    ended: dict[str, list[Any]] = {}

    for which, event in steps:
        for order_id in network.subjects(which):
            network.happens(order_id, event)
        for order_id, order in network.orders.items():
            if order["final"]:
                assert ended.setdefault(order_id, order["history"]) == order["history"]
    network.ends()

    for order in network.orders.values():
        assert order["final"], (order["kind"], order["status"])
        assert problems_of(order, all_final=True) == []
    assert len(network.messages) == len(set(network.messages))
    _assert_money_is_where_it_should_be(network)


def _assert_money_is_where_it_should_be(network: Network) -> None:
    accounts = network.accounts
    assert sum(each.posted_minor for each in accounts.values()) == 10_000
    assert all(each.held_minor == 0 for each in accounts.values())
    orders = network.orders.values()
    paid = sum(each["amount_minor"] for each in orders if each["status"] == "COMPLETED")
    back = sum(
        each["amount_minor"]
        for each in orders
        if each["status"] == "RETURNED" and each["direction"] == "inward"
    )
    assert accounts["acc_ann"].posted_minor == 10_000 - paid + back
    assert 0 <= back <= paid
    blocked = network.orders["ord_in"]["status"] == "BLOCKED"
    assert accounts[SUSPENSE].posted_minor == (700 if blocked else 0)
