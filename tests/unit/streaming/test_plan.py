"""The planner: batches may be cut anywhere and anything may come again; the stored result is the same."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.transactions.domain import lifecycle
from streaming.sor import plan as planning
from streaming.sor.element import (
    AliasElement,
    CommandElement,
    DeadElement,
    Element,
    OrderElement,
    WaitingElement,
)
from streaming.sor.surroundings import Alias
from tests.support.core import statuses_of
from tests.unit.streaming.memory import NAMES, Memory

ORDERS = [f"ord_{number}" for number in range(1, 6)]
COMMANDS = [f"cmd_{number}" for number in range(1, 7)]
DEAD = DeadElement("dpms.cdc.orders", 0, 7, None, "cG9pc29u", "not_utf8", "bad bytes")
# A signal belongs to its order: an order seen again gets the verdict it got the first time.
SIGNALS = {"ord_2": (("AM05", "like ord_1"),)}


def _order_element(order_id: str) -> OrderElement:
    return OrderElement(order_id, SIGNALS.get(order_id, ()))


ELEMENTS: list[Element] = [
    *(_order_element(order_id) for order_id in ORDERS),
    *(WaitingElement(order_id) for order_id in ORDERS),
    *(CommandElement(command_id) for command_id in COMMANDS),
    *(AliasElement(name) for name in NAMES),
    OrderElement("ord_missing"),
    WaitingElement("ord_missing"),
    CommandElement("cmd_missing"),
    DEAD,
]
# One customer sends most, so that limits and funds are met.
sends = st.tuples(
    st.sampled_from(["ann", *NAMES]),
    st.sampled_from(NAMES),
    st.integers(1, 1_000) | st.integers(1, 100),
)
asks = st.tuples(
    st.sampled_from([*ORDERS, "ord_missing"]),
    st.sampled_from(["cancel", "release", "reject", "block", "probe", "fly"]),
    st.sampled_from(["customer", "operator", "compliance"]),
)
BANKS = st.tuples(
    st.lists(sends, min_size=len(ORDERS), max_size=len(ORDERS)),
    st.lists(asks, min_size=len(COMMANDS), max_size=len(COMMANDS)),
    st.sets(st.sampled_from(NAMES)),
)
Bank = tuple[list[tuple[str, str, int]], list[tuple[str, str, str]], set[str]]
# Mostly orders and commands: without them there is nothing to decide.
SEQUENCES = st.lists(
    st.sampled_from([*ELEMENTS[:5], *ELEMENTS[:5], *ELEMENTS]), min_size=8, max_size=30
)


def _memory(bank: Bank) -> Memory:
    memory = Memory(active=sorted(bank[2]))
    for order_id, send in zip(ORDERS, bank[0], strict=True):
        memory.accept(order_id, *send)
    for command_id, ask in zip(COMMANDS, bank[1], strict=True):
        memory.ask(command_id, *ask)
    return memory


def _with_duplicates(data: st.DataObject, elements: list[Element]) -> list[Element]:
    """The sequence with some elements again, each somewhere after its first appearance."""
    longer = list(elements)
    for _ in range(data.draw(st.integers(0, 8)) if elements else 0):
        source = data.draw(st.integers(0, len(longer) - 1))
        target = data.draw(st.integers(source + 1, len(longer)))
        longer.insert(target, longer[source])
    return longer


def _batches(data: st.DataObject, elements: list[Element]) -> list[list[Element]]:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(elements)))) | {0, len(elements)})
    return [elements[start:end] for start, end in pairwise(cuts)]


@given(BANKS, SEQUENCES, st.data())
def test_cutting_and_repeating_changes_nothing(
    bank: Bank, elements: list[Element], data: st.DataObject
) -> None:
    at_once, in_parts = _memory(bank), _memory(bank)

    at_once.settle(elements)
    for batch in _batches(data, _with_duplicates(data, elements)):
        in_parts.settle(batch)

    assert in_parts.facts() == at_once.facts()
    at_once.assert_books_are_right()


@given(BANKS, SEQUENCES, st.permutations(range(30)))
def test_a_batch_that_is_stored_plans_nothing_in_any_order(
    bank: Bank, elements: list[Element], places: list[int]
) -> None:
    memory = _memory(bank)
    memory.settle(elements)

    again = [elements[place] for place in places if place < len(elements)]
    plan = memory.plan(again)

    assert (plan.orders, plan.entries, plan.usage, plan.outcomes) == ({}, [], [], [])
    assert {letter["_id"] for letter in plan.dead_letters} <= set(memory.dead)


@given(BANKS, SEQUENCES)
def test_any_order_of_elements_leaves_the_books_right(bank: Bank, elements: list[Element]) -> None:
    memory = _memory(bank)

    for element in elements:
        memory.settle([element])

    memory.assert_books_are_right()
    asked = {element.id for element in elements if isinstance(element, CommandElement)}
    assert set(memory.outcomes) == asked - {"cmd_missing"}
    for element in elements:
        if isinstance(element, OrderElement) and element.id in memory.orders:
            assert memory.orders[element.id]["status"] != "RECEIVED"


@given(BANKS, st.sampled_from(NAMES), st.data())
def test_no_claim_is_missed_however_it_races_with_the_order(
    bank: Bank, name: str, data: st.DataObject
) -> None:
    """The flow hears of its own waiting orders and of the alias, each once, in any interleaving."""
    memory = _memory((bank[0], bank[1], bank[2] - {name}))
    queue: list[Element] = [_order_element(order_id) for order_id in ORDERS]
    activated = False

    while queue or not activated:
        if not activated and (not queue or data.draw(st.booleans())):
            memory.active.add(name)
            queue.append(AliasElement(name))
            activated = True
            continue
        element = queue.pop(data.draw(st.integers(0, len(queue) - 1)))
        plan = memory.settle([element])
        queue += [
            WaitingElement(order_id)
            for order_id, (_, order) in plan.orders.items()
            if order["status"] == "AWAITING_CLAIM"
        ]

    assert memory.waiting(name) == []
    memory.assert_books_are_right()


def test_a_batch_sees_what_its_earlier_elements_did() -> None:
    """Payments of 900 and 101 from 1,000: the second finds too little, in the same batch."""
    memory = Memory(active=["bob"])
    memory.accept("ord_1", "ann", "bob", 900)
    memory.accept("ord_2", "ann", "bob", 101)

    memory.settle([OrderElement("ord_1"), OrderElement("ord_2")])

    assert [memory.orders[order_id]["reason"] for order_id in ("ord_1", "ord_2")] == [None, "AM04"]
    assert memory.accounts["acc_bob"].posted_minor == 1_000 + 900


def test_a_command_before_its_order_is_answered_and_the_order_stays_cancelled() -> None:
    memory = Memory(active=["bob"])
    memory.accept("ord_1", "ann", "bob", 900)
    memory.ask("cmd_1", "ord_1", "cancel", "customer")

    memory.settle([CommandElement("cmd_1"), OrderElement("ord_1")])

    assert statuses_of(memory.orders["ord_1"]) == ["RECEIVED", "CANCELLED"]
    assert (memory.outcomes["cmd_1"]["state"], memory.outcomes["cmd_1"]["order_version"]) == (
        *("APPLIED", 2),
    )
    assert memory.entries == {}


def test_a_refused_command_leaves_only_its_outcome() -> None:
    memory = Memory(active=["bob"])
    memory.accept("ord_1", "ann", "bob", 900)
    memory.ask("cmd_1", "ord_1", "cancel", "customer")
    memory.settle([OrderElement("ord_1")])

    plan = memory.settle([CommandElement("cmd_1")])

    assert (plan.orders, plan.entries, plan.usage) == ({}, [], [])
    outcome = memory.outcomes["cmd_1"]
    assert (outcome["state"], outcome["reason"]) == ("REFUSED", "order_final")
    assert (outcome["order_version"], outcome["detail"]) == (
        4,
        "The order is COMPLETED already and stays so.",
    )


def test_what_the_clock_asks_is_a_deadline_and_counts_when_it_has_come() -> None:
    memory = Memory()
    memory.accept("ord_1", "ann", "bob", 900)
    memory.settle([OrderElement("ord_1")])
    memory.is_due("cmd_1", "ord_1", "claim_expired")
    memory.is_due("cmd_2", "ord_1", "claim_expired")

    memory.settle([CommandElement("cmd_1")])
    memory.now += timedelta(days=14)
    memory.settle([CommandElement("cmd_2")])

    answers = {name: (each["state"], each["reason"]) for name, each in memory.outcomes.items()}
    assert answers == {"cmd_1": ("REFUSED", "not_due"), "cmd_2": ("APPLIED", None)}
    last = memory.orders["ord_1"]["history"][-1]
    assert (last["status"], last["reason"], last["actor"]["kind"]) == ("EXPIRED", "NOAS", "clock")
    memory.assert_books_are_right()


def test_nobody_but_the_clock_can_ask_as_the_clock() -> None:
    assert "clock" not in lifecycle.COMMANDS


def test_a_probe_is_answered_without_an_order() -> None:
    memory = Memory()
    memory.commands["cmd_1"] = {"_id": "cmd_1", "order": None, "type": "probe"}

    memory.settle([CommandElement("cmd_1")])

    assert memory.outcomes["cmd_1"]["state"] == "APPLIED"


@pytest.mark.parametrize(
    "damage",
    [
        {"product": "barter"},
        {"amount_minor": "900"},
        {"amount_minor": -900},
        {"history": None},
        {"debtor": {"customer": "cus_ann"}},
        {"alias_key": "nobody's account"},
    ],
    ids=lambda damage: "-".join(damage),
)
def test_an_order_that_can_not_be_decided_is_kept_and_the_others_go_on(
    damage: dict[str, Any],
) -> None:
    memory = Memory(active=["bob", "cid"])
    memory.accept("ord_1", "ann", "bob", 900)
    memory.accept("ord_2", "ann", "bob", 500)
    broken: Any = memory.orders["ord_1"] | damage
    memory.orders["ord_1"] = broken
    found = memory.surroundings([])
    found.aliases["nobody's account"] = Alias("als_1@1", "cus_cid", "acc_gone")

    plan = memory.plan([OrderElement("ord_1"), OrderElement("ord_2")], found)

    assert plan.orders["ord_2"][1]["status"] == "COMPLETED"
    assert [entry["order"] for entry in plan.entries] == ["ord_2"]
    [letter] = plan.dead_letters
    assert (letter["_id"], letter["reason"]) == ("send_money:ord_1", "undecidable")
    assert letter["detail"]


@pytest.mark.parametrize("damage", [{"product": "barter"}, {"amount_minor": "900"}])
def test_such_an_order_is_held_for_a_person_where_that_is_possible(damage: dict[str, Any]) -> None:
    memory = Memory(active=["bob"])
    memory.accept("ord_1", "ann", "bob", 900)
    broken: Any = memory.orders["ord_1"] | damage
    memory.orders["ord_1"] = broken

    memory.settle([OrderElement("ord_1")])

    assert statuses_of(memory.orders["ord_1"]) == ["RECEIVED", "HELD"]
    assert memory.orders["ord_1"]["reason"] == "NARR"
    assert memory.plan([OrderElement("ord_1")]).orders == {}


def test_one_bad_order_keeps_no_other_from_its_claim() -> None:
    memory = Memory()
    for order_id in ("ord_1", "ord_2", "ord_3"):
        memory.accept(order_id, "ann", "bob", 100)
    memory.settle([OrderElement(order_id) for order_id in ("ord_1", "ord_2", "ord_3")])
    broken: Any = memory.orders["ord_1"] | {"product": "barter"}
    memory.orders["ord_1"] = broken
    memory.active.add("bob")

    memory.settle([AliasElement("bob")])

    assert [memory.orders[order_id]["status"] for order_id in ("ord_1", "ord_2", "ord_3")] == [
        *("AWAITING_CLAIM", "COMPLETED", "COMPLETED")
    ]
    assert set(memory.dead) == {"send_money:ord_1"}


def test_a_full_round_of_waiting_orders_asks_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "WAITING_PER_ALIAS", 2)
    memory = Memory()
    for order_id in ("ord_1", "ord_2"):
        memory.accept(order_id, "ann", "bob", 100)
    memory.settle([OrderElement("ord_1"), OrderElement("ord_2")])
    memory.active.add("bob")

    plan = memory.settle([AliasElement("bob")])

    assert plan.further == [AliasElement("bob", after="ord_2")]
    assert memory.plan([AliasElement("cid")]).further == []


def test_dead_letters_say_where_the_record_stands() -> None:
    memory = Memory()

    memory.settle([DEAD, OrderElement("ord_gone"), CommandElement("cmd_gone")])

    kept = {letter_id: letter["reason"] for letter_id, letter in memory.dead.items()}
    assert kept == {
        "dpms.cdc.orders:0:7": "not_utf8",
        "send_money:ord_gone": "order_missing",
        "send_money:cmd_gone": "command_missing",
    }
    letter = memory.dead["dpms.cdc.orders:0:7"]
    assert (letter["topic"], letter["partition"], letter["offset"]) == ("dpms.cdc.orders", 0, 7)
    assert memory.dead["send_money:ord_gone"]["topic"] is None
