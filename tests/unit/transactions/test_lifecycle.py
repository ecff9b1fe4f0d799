"""The lifecycle table: what it allows is possible, what it does not allow is impossible, and every order can end."""

import copy
from itertools import product

import pytest

from apps.transactions.domain.lifecycle import (
    COMMANDS,
    FINAL,
    MOVES,
    REASONS,
    STATUSES,
    Driver,
    may_move,
    targets_of,
)
from apps.transactions.domain.order import Actor, IllegalMove, advance, sentence
from tests.support.core import LATER, WAYS, an_order

LEGAL = {(move.source, move.target, driver) for move in MOVES for driver in move.drivers}
EVERY = set(product(STATUSES, STATUSES, Driver))


def test_the_table_names_each_pair_once_and_only_states_that_exist() -> None:
    pairs = [(move.source, move.target) for move in MOVES]

    assert len(pairs) == len(set(pairs))
    assert {status for pair in pairs for status in pair} == set(STATUSES)
    assert all(move.drivers for move in MOVES)


@pytest.mark.parametrize(("source", "target", "driver"), sorted(LEGAL))
def test_a_legal_move_is_one_step_on(source: str, target: str, driver: Driver) -> None:
    order = an_order(source)

    moved = advance(
        order,
        target,
        actor=Actor(kind=driver.value, id="who"),
        cause="cause_1",
        now=LATER,
        reason="NARR",
        detail="why",
    )

    step = moved["history"][-1]
    assert may_move(source, target, driver)
    assert moved["version"] == order["version"] + 1 == len(moved["history"]) == step["version"]
    assert moved["history"][:-1] == order["history"]
    assert moved["status"] == step["status"] == target
    assert moved["iso_status"] == step["iso_status"] == STATUSES[target].iso_status
    assert moved["final"] is STATUSES[target].final
    assert (moved["reason"], step["reason"], step["detail"]) == ("NARR", "NARR", "why")
    assert (step["cause"], step["actor"]["kind"], step["at"]) == ("cause_1", driver, LATER)
    assert (moved["due_at"], moved["due_event"], moved["updated_at"]) == (None, None, LATER)


def test_every_other_move_is_refused_and_leaves_the_order_as_it_was() -> None:
    refused = EVERY - LEGAL
    orders = {status: an_order(status) for status in STATUSES}
    before = copy.deepcopy(orders)

    for source, target, driver in sorted(refused):
        actor = Actor(kind=driver.value, id="who")
        assert not may_move(source, target, driver)
        with pytest.raises(IllegalMove):
            advance(orders[source], target, actor=actor, cause="cause_1", now=LATER)

    assert len(refused) == len(STATUSES) ** 2 * len(Driver) - len(LEGAL)
    assert orders == before


def test_an_unknown_status_is_never_a_target() -> None:
    assert not any(may_move(source, "PAID", driver) for source in STATUSES for driver in Driver)


def test_every_state_can_be_reached() -> None:
    reached, edge = {"RECEIVED"}, {"RECEIVED"}
    while edge:
        edge = {target for source in edge for target in targets_of(source)} - reached
        reached |= edge

    assert reached == set(STATUSES) == set(WAYS)


def test_every_state_that_is_not_final_leads_to_an_end() -> None:
    ends = {name for name, status in STATUSES.items() if status.final}
    leads = set(ends)
    for _ in STATUSES:
        leads |= {name for name in STATUSES if targets_of(name) & leads}

    assert leads == set(STATUSES)


def test_nothing_follows_a_final_state() -> None:
    followed = {name for name, status in STATUSES.items() if status.final and targets_of(name)}

    assert followed == set()
    assert {name for name, status in STATUSES.items() if status.final} == {
        *("COMPLETED", "REJECTED", "CANCELLED", "EXPIRED", "BLOCKED")
    }


def test_final_names_are_those_that_outside_callers_rely_on() -> None:
    promised = "COMPLETED POSTED PAID REJECTED REFUSED CANCELLED EXPIRED RETURNED DECLINED BLOCKED"

    assert set(promised.split()) == FINAL


def test_money_is_held_between_funding_and_the_end() -> None:
    holding = {name for name, status in STATUSES.items() if status.holds_money}

    assert holding == {"FUNDED", "AWAITING_CLAIM", "SUBMITTED", "INVESTIGATE"}
    assert not any(STATUSES[name].final for name in holding)


def test_an_order_is_cancelled_wherever_it_rests_before_it_is_sent() -> None:
    cancellable = {name for name in STATUSES if "CANCELLED" in targets_of(name)}

    assert cancellable == {"RECEIVED", "SCHEDULED", "HELD", "AWAITING_CLAIM"}


def test_only_compliance_blocks_and_no_customer_releases() -> None:
    assert COMMANDS["block"] == {Driver.COMPLIANCE}
    assert all(Driver.CUSTOMER not in COMMANDS[name] for name in ("release", "reject", "block"))
    assert all(move.drivers == {Driver.COMPLIANCE} for move in MOVES if move.target == "BLOCKED")


@pytest.mark.parametrize("status", STATUSES)
def test_tells_in_one_sentence_where_it_stands(status: str) -> None:
    order = an_order(status)

    told = sentence(order)

    assert told.startswith("10.00 USD to Bob Brown. ")
    assert told.endswith(".")
    assert not any(mark in told for mark in ("{", "}", "None", "acc_", "  "))
    assert STATUSES[status].iso_status.isupper()
    assert len(STATUSES[status].iso_status) == 4


def test_tells_every_step_of_its_past() -> None:
    order = an_order("EXPIRED")

    told = [sentence(order, step) for step in order["history"]]

    assert len(set(told)) == len(order["history"]) == 5
    assert not any("None" in each or "{" in each for each in told)


@pytest.mark.parametrize("reason", REASONS)
def test_says_the_reason_in_words(reason: str) -> None:
    order = an_order("REJECTED")
    order["history"][-1] |= {"reason": reason, "detail": None}

    assert REASONS[reason] in sentence(order)


def test_shows_what_a_narrative_reason_says() -> None:
    order = an_order("HELD")
    order["history"][-1] |= {"reason": "NARR", "detail": "the name differs"}

    assert "On hold: the name differs." in sentence(order)


def test_takes_names_as_they_are() -> None:
    order = an_order("COMPLETED", payee_name="{due_at} <b>%s")

    assert sentence(order) == (
        "10.00 USD to {due_at} <b>%s. Paid to {due_at} <b>%s. Nothing more is due."
    )


def test_names_the_deadline_while_one_stands() -> None:
    assert "until 6 December 2026" in sentence(an_order("AWAITING_CLAIM"))


def test_says_something_of_a_status_it_does_not_know() -> None:
    order = an_order()
    order["history"][-1]["status"] = "PARTLY_PAID"

    assert sentence(order) == "Partly paid."
