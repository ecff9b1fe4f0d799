"""The tables of all kinds of order: whole, without contradiction, and the same word means the same everywhere."""

from itertools import product

import pytest

from apps.transactions.domain.lifecycle import FINAL, LIFECYCLES, STATUS_NAMES, Driver, may_move
from apps.transactions.domain.order import sentence
from apps.transactions.domain.states import Lifecycle
from tests.support.core import an_order

EVERY_KIND = pytest.mark.parametrize("of", LIFECYCLES.values(), ids=lambda of: of.kind)


@EVERY_KIND
def test_names_each_move_once_and_only_statuses_that_exist(of: Lifecycle) -> None:
    pairs = [(move.source, move.target) for move in of.moves]

    assert len(pairs) == len(set(pairs))
    assert {status for pair in pairs for status in pair} == set(of.statuses)
    assert all(move.drivers for move in of.moves)


@EVERY_KIND
def test_every_status_is_reached_from_the_first_and_leads_to_an_end(of: Lifecycle) -> None:
    reached, edge = {"RECEIVED"}, {"RECEIVED"}
    while edge:
        edge = {target for source in edge for target in of.targets_of(source)} - reached
        reached |= edge
    leads = set(of.final)
    for _ in of.statuses:
        leads |= {name for name in of.statuses if of.targets_of(name) & leads}

    assert reached == leads == set(of.statuses)
    assert not any(of.targets_of(name) for name in of.final)


@EVERY_KIND
def test_moves_by_its_table_and_by_nothing_else(of: Lifecycle) -> None:
    legal = {(move.source, move.target, driver) for move in of.moves for driver in move.drivers}

    allowed = {
        (source, target, driver)
        for source, target, driver in product(STATUS_NAMES, STATUS_NAMES, Driver)
        if may_move(source, target, driver, of.kind)
    }

    assert allowed == legal


@EVERY_KIND
def test_takes_every_command_somewhere_and_every_event_in_statuses_that_exist(
    of: Lifecycle,
) -> None:
    assert set(of.commands) <= set(of.events)
    assert all(of.events[command] for command in of.commands)
    assert all(statuses <= set(of.statuses) for statuses in of.events.values())
    assert all(
        of.takes(event, status) is not ((event, status) in set(of.untaken()))
        for event, status in product(of.events, of.statuses)
    )


@EVERY_KIND
def test_says_each_status_in_a_word_a_code_and_a_sentence(of: Lifecycle) -> None:
    order = an_order()
    order["kind"] = of.kind
    order["history"][-1] |= {"reason": "NARR", "detail": "why"}

    for status in of.statuses.values():
        order["history"][-1]["status"] = status.name
        told = sentence(order)
        assert told.endswith(".")
        assert not any(mark in told for mark in ("{", "}", "None", "  "))
        assert status.word
        assert (len(status.iso_status), status.iso_status.isupper()) == (4, True)


def test_a_status_that_kinds_share_is_final_in_all_or_in_none() -> None:
    for name in STATUS_NAMES:
        having = [of for of in LIFECYCLES.values() if name in of.statuses]
        assert len({of.statuses[name].final for of in having}) == 1
        assert (name in FINAL) is having[0].statuses[name].final
