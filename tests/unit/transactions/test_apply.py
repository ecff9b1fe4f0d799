"""`apply`: every event on an order of every status either goes the lawful way or changes nothing at all."""

import copy
from dataclasses import replace
from itertools import product

import pytest

from apps.transactions.domain.apply import Applied, apply
from apps.transactions.domain.event import Asked, Event
from apps.transactions.domain.lifecycle import COMMANDS, FINAL, STATUSES, Driver
from apps.transactions.domain.order import Actor, IllegalMove
from apps.transactions.domain.results import Refused, Skipped
from apps.transactions.domain.send_lifecycle import SEND
from tests.support.core import (
    DUPLICATE,
    LATER,
    an_order,
    answered,
    asked,
    assessed,
    claimed,
    due,
    facts_of,
    noted,
    returned,
    statuses_of,
    unprocessable,
)

EVENTS: dict[str, Event] = {
    "assessed": assessed(),
    "assessed with a signal": assessed("ord_1", DUPLICATE),
    "cancel": asked("cancel", by="customer"),
    "release": asked("release", by="operator"),
    "reject": asked("reject", by="operator"),
    "block": asked("block", by="compliance"),
    "claimed": claimed(),
    "execute_on is due": due("execute_on"),
    "claim_expired is due": due("claim_expired"),
    "network_silent is due": due("network_silent"),
    "network accepts": answered(accepted=True),
    "network rejects": answered(accepted=False, reason="AC04"),
    "network returns": returned(),
    "network is working": noted("pending"),
    "enquiry_due is due": due("enquiry_due"),
    "enquire": asked("enquire", by="operator"),
    "confirm_paid": asked("confirm_paid", by="operator"),
    "confirm_unpaid": asked("confirm_unpaid", by="compliance"),
    "recall": asked("recall", by="operator"),
    "dispute": asked("dispute", by="customer"),
    "unprocessable": unprocessable(),
}
ALL_THE_WAY = ["VALIDATED", "FUNDED", "COMPLETED"]
# What applies, and through which statuses it takes the order. Every other pair changes nothing.
APPLIES: dict[tuple[str, str], list[str]] = {
    ("assessed", "RECEIVED"): ALL_THE_WAY,
    ("assessed with a signal", "RECEIVED"): ["VALIDATED", "HELD"],
    ("cancel", "RECEIVED"): ["CANCELLED"],
    ("cancel", "SCHEDULED"): ["CANCELLED"],
    ("cancel", "HELD"): ["CANCELLED"],
    ("cancel", "AWAITING_CLAIM"): ["CANCELLED"],
    ("release", "HELD"): ["FUNDED", "COMPLETED"],
    ("reject", "HELD"): ["REJECTED"],
    ("block", "HELD"): ["BLOCKED"],
    ("claimed", "AWAITING_CLAIM"): ["COMPLETED"],
    ("execute_on is due", "SCHEDULED"): ALL_THE_WAY,
    ("claim_expired is due", "AWAITING_CLAIM"): ["EXPIRED"],
    ("network_silent is due", "SUBMITTED"): ["INVESTIGATE"],
    ("network accepts", "SUBMITTED"): ["COMPLETED"],
    ("network accepts", "INVESTIGATE"): ["COMPLETED"],
    ("network rejects", "SUBMITTED"): ["REJECTED"],
    ("network rejects", "INVESTIGATE"): ["REJECTED"],
    ("network returns", "SUBMITTED"): ["COMPLETED"],
    ("network returns", "INVESTIGATE"): ["COMPLETED"],
    ("enquiry_due is due", "INVESTIGATE"): ["INVESTIGATE"],
    ("enquire", "INVESTIGATE"): ["INVESTIGATE"],
    ("confirm_paid", "INVESTIGATE"): ["COMPLETED"],
    ("confirm_unpaid", "INVESTIGATE"): ["REJECTED"],
    ("unprocessable", "RECEIVED"): ["HELD"],
}
# The order stays as it is, and a case is opened beside it.
OPENS_A_CASE = ("dispute", "COMPLETED")
CHANGES_NOTHING = sorted(set(product(EVENTS, STATUSES)) - {*APPLIES, OPENS_A_CASE})
_NOT_NOW = {
    "cancel": "order_sent",
    "enquire": "order_not_investigated",
    "confirm_paid": "order_not_investigated",
    "confirm_unpaid": "order_not_investigated",
    "recall": "order_not_recallable",
    "dispute": "order_not_paid",
}
REFUSED_COMMANDS = [(name, status) for name, status in CHANGES_NOTHING if name in COMMANDS]


@pytest.mark.parametrize(("name", "status"), sorted(APPLIES))
def test_an_event_takes_the_order_its_way(name: str, status: str) -> None:
    order, event = an_order(status), EVENTS[name]

    result = apply(order, event, facts_of(order), LATER)

    assert isinstance(result, Applied)
    steps = result.order["history"][order["version"] :]
    assert [step["status"] for step in steps] == APPLIES[name, status]
    assert {step["cause"] for step in steps} == {event.cause}
    assert [step["version"] for step in result.order["history"]] == list(
        range(1, result.order["version"] + 1)
    )
    assert order == an_order(status)


@pytest.mark.parametrize(("name", "status"), CHANGES_NOTHING)
def test_every_other_event_changes_nothing(name: str, status: str) -> None:
    order = an_order(status)

    result = apply(order, EVENTS[name], facts_of(order), LATER)

    assert isinstance(result, Refused | Skipped)
    assert order == an_order(status)


@pytest.mark.parametrize(("name", "status"), REFUSED_COMMANDS)
def test_a_refused_command_says_why(name: str, status: str) -> None:
    order = an_order(status)

    result = apply(order, EVENTS[name], facts_of(order), LATER)

    assert isinstance(result, Refused)
    expected = _NOT_NOW.get(name, "order_not_held")
    is_over = status in FINAL and not SEND.takes(name, status)
    assert result.reason == ("order_final" if is_over else expected)
    assert status in result.detail


@pytest.mark.parametrize(("name", "status"), sorted(APPLIES))
def test_the_same_event_again_is_skipped(name: str, status: str) -> None:
    order, event = an_order(status), EVENTS[name]
    once = apply(order, event, facts_of(order), LATER)
    assert isinstance(once, Applied)
    before = copy.deepcopy(once.order)

    again = apply(once.order, event, facts_of(once.order), LATER)

    assert again == Skipped("cause applied before")
    assert once.order == before


@pytest.mark.parametrize("by", Driver)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_taken_from_its_kinds_of_actor_only(command: str, by: Driver) -> None:
    status = min(SEND.events[command])
    order = an_order(status, by_network=status == "COMPLETED")

    result = apply(order, asked(command, by=by.value), facts_of(order), LATER)

    if by in COMMANDS[command]:
        assert isinstance(result, Applied)
    else:
        assert isinstance(result, Refused)
        assert result.reason == "command_not_yours"
    assert order == an_order(status, by_network=status == "COMPLETED")


def test_an_unknown_command_is_refused() -> None:
    order = an_order("HELD")

    result = apply(order, asked("approve", by="operator"), facts_of(order), LATER)

    assert isinstance(result, Refused)
    assert result.reason == "command_unknown"


@pytest.mark.parametrize(("name", "status"), sorted(APPLIES))
def test_an_event_from_somebody_who_may_not_cause_it_changes_nothing(
    name: str, status: str
) -> None:
    """Commands are refused with words; the platform's own events raise, since only a defect can send them."""
    order, stranger = an_order(status), "network" if name == "claimed" else "recipient"
    event = replace(EVENTS[name], actor=Actor(kind=stranger, id="who"))

    if isinstance(event, Asked):
        assert isinstance(apply(order, event, facts_of(order), LATER), Refused)
    else:
        with pytest.raises(IllegalMove):
            apply(order, event, facts_of(order), LATER)

    assert order == an_order(status)


def test_the_deadline_asks_the_clock_itself() -> None:
    order = an_order("AWAITING_CLAIM")
    deadline = order["due_at"]
    assert deadline is not None

    early = apply(order, due("claim_expired"), facts_of(order), deadline.replace(day=5))
    on_time = apply(order, due("claim_expired"), facts_of(order), deadline)

    assert isinstance(early, Refused)
    assert early.reason == "not_due"
    assert isinstance(on_time, Applied)
    assert statuses_of(on_time.order)[-1] == "EXPIRED"


def test_the_table_says_in_which_statuses_each_event_is_taken() -> None:
    names = {
        "assessed with a signal": "assessed",
        "network accepts": "accepted",
        "network rejects": "rejected",
        "network returns": "returned",
        "network is working": "pending",
        **{f"{name} is due": name for name in ("execute_on", "claim_expired", "network_silent")},
        "enquiry_due is due": "enquiry_due",
    }
    taken: dict[str, set[str]] = {names.get(name, name): set() for name in EVENTS}

    for name, status in [*APPLIES, OPENS_A_CASE]:
        taken[names.get(name, name)].add(status)
    taken["returned"].add("COMPLETED")
    taken["recall"].add("COMPLETED")

    assert taken == {name: set(statuses) for name, statuses in SEND.events.items()}
