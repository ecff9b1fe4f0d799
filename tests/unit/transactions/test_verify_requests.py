"""Requests and what became of them: ids and hashes of orders of every kind, and commands that made something beside."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps.kernel.ids import derived_id, order_id
from apps.kernel.money import Money
from apps.rails.domain.ids import inbound_order_id
from apps.transactions.domain.apply import Applied, apply
from apps.transactions.domain.order import Party
from apps.transactions.domain.request_order import Share, children_of, requested
from apps.transactions.domain.verify_requests import Requests
from tests.support.core import NOW, a_new_order, an_order, asked, facts_of
from tests.support.fates import FATES

CREDITOR = {"account": "acc_bob", "customer": "cus_bob"}
SHARES: list[Share] = [
    {"payer_name": name, "alias_key": f"email:{name}@example.com", "amount_minor": 500}
    for name in ("ann", "zoe")
]
SAID = {"kind": "request", "product": "zelle", "creditor": CREDITOR, "amount_minor": 1_000}
SAID |= {"currency": "USD", "reference": None, "memo": "lunch"}
PAYER = {"name": "Ann", "alias_key": "email:ann@example.com"}
# The documents' further fields, and what the client said, by the way in which it named the payer.
WAYS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "payer": ({}, {"payer": PAYER}),
    "payee": ({"payee": "pay_ann"}, {"payee": "pay_ann"}),
    "shares": ({"shares": SHARES}, {"shares": SHARES}),
    "until": (
        {"is_expiry_asked": True},
        {"payer": PAYER, "expires_at": "2026-11-23T12:00:00.000Z"},
    ),
}


def _request(way: str = "payer") -> dict[str, Any]:
    """As a client posts it."""
    fields, said = WAYS[way]
    order: dict[str, Any] = dict(
        requested(
            order_id=order_id("cli_tests", "key"),
            client="cli_tests",
            product="zelle",
            creditor=Party(account="acc_bob", customer="cus_bob"),
            payer_name="Ann",
            alias_key="email:ann@example.com",
            money=Money(1_000, "USD"),
            expires_at=NOW + timedelta(days=1),
            reference=None,
            memo="lunch",
            request_id="req_1",
            now=NOW,
        )
    )
    text = json.dumps(SAID | said, sort_keys=True, separators=(",", ":"))
    body_hash = hashlib.sha256(text.encode()).hexdigest()
    return order | {"idempotency_key": "key", "body_hash": body_hash} | fields


def _payment() -> dict[str, Any]:
    """As the acceptance of a request causes it, at version 2."""
    payment = derived_id("ord", "pay", "ord_req", "2")
    order = a_new_order(payment, idempotency_key=payment, body_hash="", alias_key=None)
    return dict(order) | {"caused_by": "ord_req"}


def _receipt() -> dict[str, Any]:
    order, _ = FATES["receive: credited"]()
    return order | {"_id": inbound_order_id("zelle", "e2e-1")}


def _child() -> dict[str, Any]:
    parent: Any = _request("shares")
    return dict(children_of(parent, NOW)[1])


CAUSED: list[Callable[[], dict[str, Any]]] = [
    _payment,
    _receipt,
    _child,
    lambda: FATES["return: asked back"]()[0],
    lambda: FATES["return: given back"]()[0],
    lambda: {**_receipt(), "kind": "request"},
]


def _rules(problems: list[Any]) -> list[str]:
    return [problem.rule for problem in problems]


@pytest.mark.parametrize("way", WAYS)
def test_what_a_client_asked_of_others_makes_the_hash(way: str) -> None:
    order = _request(way)

    assert Requests().order(order) == []
    assert _rules(Requests().order({**order, "memo": "dinner"})) == ["body_hash_fits"]
    assert _rules(Requests().order({**order, "idempotency_key": "other"})) == ["id_from_key"]


@pytest.mark.parametrize("make", CAUSED)
def test_what_no_client_asked_has_the_id_of_its_cause(make: Callable[[], dict[str, Any]]) -> None:
    order = make()

    assert Requests().order(order) == []
    assert _rules(Requests().order({**order, "_id": "ord_other"})) == ["id_from_cause"]


def _beside(command: str) -> tuple[Requests, dict[str, Any], dict[str, Any]]:
    """A paid order, what the command made beside it as the checker met it, the command and its outcome."""
    order = an_order("COMPLETED", by_network=True)
    made = apply(order, asked(command, by="operator"), facts_of(order), NOW)
    assert isinstance(made, Applied)
    requests = Requests()
    for caused in made.caused:
        assert requests.order(dict(caused)) == []
    for case in made.cases:
        assert requests.case({"_id": case.id, **vars(case)}) == []
    actor = {"kind": "operator", "id": "operator_1"}
    outcome = {"_id": "cmd_1", "order": "ord_1", "state": "APPLIED", "order_version": 5}
    return requests, {"_id": "cmd_1", "type": command, "order": "ord_1", "actor": actor}, outcome


@pytest.mark.parametrize("command", ["recall", "dispute"])
def test_a_command_may_be_applied_beside_its_order(command: str) -> None:
    requests, asked_for, outcome = _beside(command)

    assert requests.command(asked_for, outcome) == []
    assert requests.closing() == []


@pytest.mark.parametrize("command", ["recall", "dispute"])
def test_a_command_that_was_applied_and_left_nothing_is_named(command: str) -> None:
    _, asked_for, outcome = _beside(command)

    assert _rules(Requests().command(asked_for, outcome)) == ["applied_is_a_cause"]


def test_what_a_command_made_beside_its_order_has_command_and_outcome() -> None:
    requests, asked_for, outcome = _beside("dispute")
    assert _rules(requests.closing()) == ["command_exists"]

    assert _rules(requests.command(asked_for, {**outcome, "state": "REFUSED"})) == [
        "refused_is_no_cause"
    ]
    requests, asked_for, outcome = _beside("dispute")
    another = {**asked_for, "actor": {"kind": "customer", "id": "cli_tests"}}
    assert _rules(requests.command(another, outcome)) == ["step_by_its_asker"]
