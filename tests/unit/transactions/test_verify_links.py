"""Orders that name each other: what caused one exists, promises are payments, a split ends with its last request."""

from typing import Any

import pytest

from apps.transactions.domain.verify_links import Links

Order = dict[str, Any]


def _order(order_id: str, kind: str, *passed: str, final: bool = True, **fields: Any) -> Order:
    history = [{"status": status} for status in ("RECEIVED", *passed)]
    return {
        "_id": order_id, "kind": kind, "status": history[-1]["status"], "final": final, "history": history
    } | fields  # fmt: skip


SEND = _order("ord_send", "send", "COMPLETED")
RETURN = _order("ord_back", "return", "RETURNED", caused_by="ord_send")
PAYMENT = _order("ord_pay", "send", "COMPLETED", caused_by="ord_req")
HERE = _order("ord_req", "request", "DELIVERED", "ACCEPTED", "PAID", payment="ord_pay")
PROMISED = _order("ord_req", "request", "DELIVERED", "ACCEPTED", final=False, payment="ord_pay")
ELSEWHERE = _order("ord_req", "request", "SUBMITTED", "ACCEPTED", "PAID", payment=None)
CAME = _order("ord_in", "receive", "POSTED", caused_by="ord_req")
PARENT = _order("ord_all", "request", "SPLIT", "PAID", shares=[{}, {}])
SHARES = [
    _order(f"ord_{n}", "request", "SUBMITTED", "PAID", caused_by="ord_all", payment=None)
    for n in (1, 2)
]
PAID = [_order(f"ord_in{n}", "receive", "POSTED", caused_by=f"ord_{n}") for n in (1, 2)]


def _found(*orders: Order) -> list[tuple[str, str]]:
    """As the command feeds them: orders that are named and were let go are looked up."""
    links = Links()
    for order in orders:
        links.order(order)
    for named in links.named():
        for order in orders:
            if order["_id"] == named:
                links.keep(order)
    return [(problem.id, problem.rule) for problem in links.closing()]


@pytest.mark.parametrize(
    "orders",
    [
        [SEND, RETURN],
        [PAYMENT, HERE],
        [{**PAYMENT, "status": "HELD", "final": False}, PROMISED],
        [ELSEWHERE, CAME],
        [{**ELSEWHERE, "status": "ACCEPTED", "final": False}],
        [PARENT, *SHARES, *PAID],
        [{**PARENT, "status": "EXPIRED"}, SHARES[0], {**SHARES[1], "status": "EXPIRED"}, *PAID],
    ],
)
def test_what_fits_is_no_problem(orders: list[Order]) -> None:
    assert _found(*orders) == []


@pytest.mark.parametrize(
    ("orders", "found"),
    [
        ([RETURN], [("ord_back", "cause_exists")]),
        ([{**SEND, "final": False}, RETURN], [("ord_back", "cause_fits")]),
        ([HERE, {**RETURN, "caused_by": "ord_req"}, PAYMENT], [("ord_back", "cause_fits")]),
        ([{**PROMISED, "payment": None}], [("ord_req", "promise_is_an_order")]),
        ([PROMISED], [("ord_req", "promise_is_an_order")]),
        ([{**PROMISED, "payment": "ord_send"}, SEND], [("ord_req", "promise_is_an_order")]),
        ([HERE, {**PAYMENT, "status": "REJECTED"}], [("ord_req", "paid_by_an_order")]),
        ([ELSEWHERE], [("ord_req", "paid_by_an_order")]),
        ([ELSEWHERE, {**CAME, "status": "REJECTED"}], [("ord_req", "paid_by_an_order")]),
        ([PARENT, SHARES[0], PAID[0]], [("ord_all", "share_each_asked")]),
        (
            [PARENT, SHARES[0], {**SHARES[1], "status": "PENDING", "final": False}, *PAID],
            [("ord_all", "split_ends_last")],
        ),
        ([PARENT, SHARES[0], {**SHARES[1], "status": "DECLINED"}, *PAID],
         [("ord_all", "split_fits_shares")]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(orders: list[Order], found: list[tuple[str, str]]) -> None:
    assert _found(*orders) == found


def test_a_document_that_cannot_be_read_stops_nothing() -> None:
    assert _found({"_id": "ord_bad", "kind": "request"}, SEND) == []
