"""Whatever happens to orders, in whatever order and however often: the books stay right."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from apps.ledger.domain.verify import fit
from apps.transactions.domain.apply import Applied
from apps.transactions.domain.event import Event
from apps.transactions.domain.lifecycle import COMMANDS, MOVES, Driver
from apps.transactions.domain.order import Step
from apps.transactions.domain.verify import problems_of
from apps.transactions.domain.verify_money import expected_of, limit_problem_of
from tests.support.core import (
    DUPLICATE,
    answered,
    asked,
    assessed,
    claimed,
    due,
    noted,
    returned,
    unprocessable,
)
from tests.unit.transactions.world import NAMES, World

ORDERS = ("ord_1", "ord_2", "ord_3")
LEGAL = {(m.source, m.target, driver.value) for m in MOVES for driver in m.drivers}
HOLDING = {"FUNDED", "AWAITING_CLAIM", "SUBMITTED", "INVESTIGATE"}

_command = st.builds(
    lambda command, by, number: asked(command, by=by, cause=f"cmd_{command}_{by}_{number}"),
    st.sampled_from([*COMMANDS, "approve"]),
    st.sampled_from([driver.value for driver in Driver]),
    st.integers(1, 2),
)
_any = _command | st.sampled_from(
    [
        assessed("any"),
        assessed("any", DUPLICATE),
        unprocessable("any"),
        *(claimed(f"als_bob@{version}") for version in (1, 2)),
        answered(accepted=True, cause="msg_1"),
        answered(accepted=False, reason="AC04", cause="msg_2"),
        *(due(name) for name in ("claim_expired", "network_silent", "execute_on", "nothing")),
        returned(cause="msg_back"),
        noted("pending"),
    ]
)
# Left to chance alone few orders get far: half of what happens is something that the order's status allows.
FITTING: dict[str, list[Event]] = {
    "RECEIVED": [assessed("any"), assessed("any"), assessed("any", DUPLICATE)],
    "SCHEDULED": [due("execute_on")],
    "HELD": [
        *(asked("release", by=by, cause=f"cmd_{by}") for by in ("operator", "compliance")),
        asked("block", by="compliance", cause="cmd_block"),
    ],
    "AWAITING_CLAIM": [claimed("als_bob@3"), due("claim_expired")],
    "SUBMITTED": [answered(accepted=True, cause="msg_3")],
}
_fitting = st.integers(0, 5)
_change = st.tuples(
    st.sampled_from(
        [
            *("days pass", "days pass", "enrols", "leaves", "is suspended", "is reinstated"),
            *("banks elsewhere", "closes or opens"),
        ]
    ),
    st.sampled_from(NAMES),
)
Script = list[tuple[str, Event | int | str]]
_order = st.sampled_from(ORDERS)
SCRIPTS = st.lists(
    st.tuples(_order, _fitting) | st.tuples(_order, _any) | _change, min_size=20, max_size=50
)
# Who pays whom, how much, and whether at a later date.
Send = tuple[str, str, int, bool]
SENDS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(1, 1_000), st.booleans()),
    min_size=len(ORDERS),
    max_size=len(ORDERS),
)


def _world(sends: list[Send]) -> World:
    world = World()
    for order_id, (debtor, creditor, amount_minor, later) in zip(ORDERS, sends, strict=True):
        world.accept(order_id, debtor, creditor, amount_minor)
        if later:
            world.schedules(order_id)
    return world


def _event_of(world: World, order_id: str, what: Event | int) -> Event:
    if not isinstance(what, int):
        return what
    fitting = FITTING.get(world.orders[order_id]["status"], [asked("cancel")])
    return fitting[what % len(fitting)]


def _play(world: World, subject: str, what: Event | int | str) -> None:
    if isinstance(what, str):
        world.changes(subject, what)
    else:
        world.happens(subject, _event_of(world, subject, what))


@given(SENDS, SCRIPTS)
def test_the_books_stay_right(sends: list[Send], script: Script) -> None:
    world = _world(sends)

    for subject, what in script:
        histories = {order_id: order["history"] for order_id, order in world.orders.items()}
        _play(world, subject, what)

        _assert_orders_are_lawful(world)
        _assert_histories_only_grew(world, histories)
        _assert_money_is_conserved(world)
        _assert_holds_and_usage_are_explained(world)


@given(SENDS, SCRIPTS)
def test_what_is_refused_or_skipped_changes_nothing_and_twice_is_once(
    sends: list[Send], script: Script
) -> None:
    world = _world(sends)

    for subject, what in script:
        if isinstance(what, str):
            world.changes(subject, what)
            continue
        event, before = _event_of(world, subject, what), world.snapshot()
        result = world.happens(subject, event)
        after = world.snapshot()
        again = world.happens(subject, event)

        assert isinstance(result, Applied) == (after != before)
        assert not isinstance(again, Applied)
        assert world.snapshot() == after


@given(SENDS, SCRIPTS)
def test_the_checkers_find_nothing(sends: list[Send], script: Script) -> None:
    world = _world(sends)
    for subject, what in script:
        _play(world, subject, what)

    found = [
        problem
        for order_id, order in world.orders.items()
        for problem in (
            *problems_of(order),
            *fit(expected_of(order), [e for e in world.entries if e["order"] == order_id]),
            *filter(None, [limit_problem_of(order)]),
        )
    ]

    assert found == []


def _assert_orders_are_lawful(world: World) -> None:
    for order in world.orders.values():
        history = order["history"]
        assert [step["version"] for step in history] == list(range(1, len(history) + 1))
        assert (order["version"], order["status"]) == (len(history), history[-1]["status"])
        for before, after in pairwise(history):
            assert (before["status"], after["status"], after["actor"]["kind"]) in LEGAL
        runs = [
            step["cause"]
            for i, step in enumerate(history)
            if i == 0 or step["cause"] != history[i - 1]["cause"]
        ]
        assert len(runs) == len(set(runs))


def _assert_histories_only_grew(world: World, earlier: dict[str, list[Step]]) -> None:
    for order_id, history in earlier.items():
        assert world.orders[order_id]["history"][: len(history)] == history


def _assert_money_is_conserved(world: World) -> None:
    accounts = world.accounts.values()
    assert sum(account.posted_minor for account in accounts) == 1_000 * len(NAMES)
    assert sum(account.held_minor for account in accounts) == 0
    for account in accounts:
        if account.customer is not None:
            assert account.held_minor >= 0
            assert account.available_minor >= 0
    ids = [entry["_id"] for entry in world.entries]
    assert len(ids) == len(set(ids))


def _assert_holds_and_usage_are_explained(world: World) -> None:
    held: Counter[str] = Counter()
    used: Counter[tuple[str, str]] = Counter()
    for order in world.orders.values():
        if order["status"] in HOLDING:
            held[order["debtor"]["account"]] += order["amount_minor"]
        if order["limit_day"] is not None:
            used[order["debtor"]["customer"], order["limit_day"]] += order["amount_minor"]
    for account in world.accounts.values():
        assert account.customer is None or account.held_minor == held[account.id]
    for usage_id, usage in world.usage.items():
        customer, _, _, day = usage_id.split("|")
        assert usage.amount_minor == used.pop((customer, day), 0)
    assert not +used
