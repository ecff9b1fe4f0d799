"""What each end of an order must have left in the ledger: exactly what the rules post, and nothing else fits."""

from typing import Any

import pytest

from apps.ledger.domain.glance import Glance
from apps.ledger.domain.verify import fit
from apps.transactions.domain.verify import problems_of
from apps.transactions.domain.verify_money import expected_of, limit_problem_of, use_of
from apps.transactions.products.registry import PRODUCTS
from tests.support.core import an_order
from tests.support.fates import FATES

NETWORKS = {"zelle": "zelle", "interfi": "interfi"}
KINDS = {
    "send: at the network": ["hold"],
    "send: paid by the network": ["hold", "capture"],
    "send: paid, staff learned": ["hold", "capture"],
    "send: refused by the network": ["hold", "void"],
    "receive: credited": ["receipt"],
    "receive: in suspense": ["suspense"],
    "receive: late": ["suspense"],
    "receive: cleared": ["suspense", "release"],
    "receive: sent back": ["suspense", "return_out"],
    "receive: frozen": ["suspense"],
    "return: unasked": ["return_in"],
    "return: asked back": ["return_in"],
    "return: unclaimed": ["return_in"],
    "return: given back": ["return_out"],
}
MOVED = [fate for fate in KINDS if KINDS[fate] != ["hold"]]


def _elsewhere(entry: Any, names: tuple[str, str]) -> Any:
    """The entry on another account, in a sub-account of its shard as the flows write it."""
    lines = [{**line, "account": line["account"].replace(*names)} for line in entry["lines"]]
    return {**entry, "lines": lines}


@pytest.mark.parametrize("fate", FATES)
def test_an_honest_end_left_what_its_history_makes(fate: str) -> None:
    order, entries = FATES[fate]()

    expected = expected_of(order, NETWORKS)
    sharded = [_elsewhere(entry, ("zelle_USD", "zelle_USD_7")) for entry in entries]
    glance = Glance()
    glance.expect(expected)
    for entry in sharded:
        glance.meet(entry)

    assert list(expected.kinds.values()) == KINDS.get(fate, [])
    assert fit(expected, sharded) == []
    assert glance.doubtful() == set()
    assert problems_of(order) == []
    assert limit_problem_of(order) is None
    assert (use_of(order) is not None) == (
        order["kind"] == "send" and order["status"] != "REJECTED"
    )


@pytest.mark.parametrize("fate", MOVED)
@pytest.mark.parametrize("names", [("zelle", "interfi"), ("acc_ann", "acc_eve"), ("bob", "eve")])
def test_money_elsewhere_is_named(fate: str, names: tuple[str, str]) -> None:
    order, entries = FATES[fate]()
    last = _elsewhere(entries[-1], names)
    if last == entries[-1]:
        return

    problems = fit(expected_of(order, NETWORKS), [*entries[:-1], last])

    assert [problem.rule for problem in problems] == ["lines_fit_order"]


def test_what_was_credited_may_not_lie_unclaimed() -> None:
    order, (aside, freed) = FATES["receive: cleared"]()
    kept = _elsewhere(freed, ("acc_bob", "acc_int_unclaimed_zelle_USD"))

    for creditor in (order["creditor"], None):
        problems = fit(expected_of({**order, "creditor": creditor}, NETWORKS), [aside, kept])
        assert [problem.rule for problem in problems] == ["lines_fit_order"]


def test_a_payment_that_reached_no_network_is_not_the_networks() -> None:
    order, (held, paid) = FATES["send: paid by the network"]()
    never_sent = an_order("COMPLETED") | {"creditor": None}

    assert fit(expected_of(order), [held, paid]) == []
    moved = {**paid, "_id": "ord_1:4", "order_version": 4}
    assert fit(expected_of(never_sent), [held, moved])[0].rule == "lines_fit_order"


def test_only_a_send_order_counts_in_limits() -> None:
    order, _ = FATES["receive: credited"]()

    problem = limit_problem_of({**order, "limit_day": "2026-11-22"})

    assert problem is not None
    assert problem.rule == "counts_in_limits"


def test_every_product_has_its_network() -> None:
    assert {name: product.network for name, product in PRODUCTS.items()}.items() >= NETWORKS.items()
