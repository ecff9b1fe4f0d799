"""A network's books against the ledger: equal when quiet, and apart only by what is under way."""

from typing import Any

import pytest

from apps.kernel.findings import Problem
from apps.rails.domain.verify_positions import Moved, positions


def _row(direction: str = "out", **different: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "end_to_end_id": "e1",
        "kind": "payment",
        "direction": direction,
        "currency": "USD",
    }
    row |= {"amount_minor": 500, "executed": 1, "returned": 0, "returned_minor": 0}
    return row | different


def _moved(amount_minor: int, *, under_way: bool = False, network: str = "zelle") -> Moved:
    return Moved(network, "e1", "USD", amount_minor, under_way)


def _found(
    rows: list[dict[str, Any]],
    moved: list[Moved],
    *,
    stands: int | None = None,
    told: int | None = None,
    unheard: bool = False,
    brings_more: bool = False,
) -> list[str]:
    counted = sum(
        (row["amount_minor"] - row["returned_minor"]) * (1 if row["direction"] == "in" else -1)
        for row in rows
        if row["executed"] and row["kind"] == "payment"
    )
    orders = sum(each.amount_minor for each in moved if each.network == "zelle")
    problems: list[Problem] = positions(
        "zelle",
        rows,
        moved,
        stands={"USD": orders if stands is None else stands},
        told={"USD": counted if told is None else told},
        unheard=frozenset({"e1"} if unheard else ()),
        brings_more=brings_more,
    )
    return [problem.rule for problem in problems]


RETURNED = _row(returned=1, returned_minor=500)
HALF = _row(returned=1, returned_minor=250)
INWARD = _row("in")


@pytest.mark.parametrize(
    ("rows", "moved"),
    [
        ([], []),
        ([_row()], [_moved(500)]),
        ([_row(executed=0)], [_moved(0)]),
        ([RETURNED], [_moved(500), _moved(-500)]),
        ([INWARD], [_moved(-500)]),
        ([HALF], [_moved(500), _moved(-250)]),
        ([_row("in", returned=1, returned_minor=500)], [_moved(-500), _moved(500)]),
        ([_row("in", returned=1, returned_minor=250)], [_moved(-500), _moved(250)]),
        ([_row(kind="request", executed=0)], []),
        ([], [_moved(500, network="interfi")]),
    ],
)
def test_quiet_books_are_equal(rows: list[dict[str, Any]], moved: list[Moved]) -> None:
    assert _found(rows, moved) == []


@pytest.mark.parametrize(
    ("rows", "moved", "around"),
    [
        ([_row()], [_moved(0, under_way=True)], {}),
        ([], [_moved(0, under_way=True)], {}),
        ([_row("in", executed=0)], [_moved(-500)], {"unheard": True}),
        ([RETURNED], [_moved(500), _moved(0, under_way=True)], {}),
        ([RETURNED], [_moved(500)], {"brings_more": True}),
        ([HALF], [_moved(500)], {"brings_more": True}),
    ],
    ids=[
        *("executed, not answered", "not taken", "posted, not told"),
        *("coming back", "to come back", "half to come back"),
    ],
)
def test_what_is_under_way_explains_a_difference(
    rows: list[dict[str, Any]], moved: list[Moved], around: dict[str, bool]
) -> None:
    assert _found(rows, moved, **around) == []


@pytest.mark.parametrize(
    ("rows", "moved"),
    [
        ([_row()], []),
        ([_row()], [_moved(0)]),
        ([], [_moved(500)]),
        ([_row(executed=0)], [_moved(500)]),
        ([RETURNED], [_moved(500)]),
        ([HALF], [_moved(500)]),
        ([HALF], [_moved(500), _moved(-500)]),
        ([INWARD], [_moved(0)]),
        ([_row("in", executed=0)], [_moved(-500)]),
        ([_row()], [_moved(501)]),
    ],
)
def test_a_difference_that_nothing_explains_is_named(
    rows: list[dict[str, Any]], moved: list[Moved]
) -> None:
    assert _found(rows, moved) == ["settled_alike"]


def test_sums_that_are_not_those_of_payments_are_named() -> None:
    assert _found([_row()], [_moved(500)], stands=499) == ["settlement_is_orders"]
    assert _found([_row()], [_moved(500)], told=-499) == ["position_is_payments"]
