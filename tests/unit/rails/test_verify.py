"""Damage between our messages and a network's books is named."""

from typing import Any

from apps.rails.domain.verify import Exchange

AMOUNT = {"amount": {"amount_minor": 5, "currency": "USD"}}


def sent(identifier: str = "msg_a", **different: Any) -> dict[str, Any]:
    document = {"_id": identifier, "direction": "out", "network": "zelle", "type": "pacs.008"}
    return document | {"end_to_end_id": "e1", "fields": AMOUNT} | different


def instruction(**different: Any) -> dict[str, Any]:
    row = {"end_to_end_id": "e1", "kind": "payment", "direction": "out", "message_id": "a"}
    return row | {"executed": 1, "amount_minor": 5, "currency": "USD"} | different


def rules(problems: Any) -> list[str]:
    return [problem.rule for problem in problems]


def test_a_payment_that_both_sides_know_is_no_problem() -> None:
    exchange = Exchange()

    assert exchange.message(sent()) == []
    assert exchange.receipt({"_id": "msg_a", "state": "TAKEN"}) == []
    assert exchange.known("zelle", [instruction()]) == []
    assert exchange.untold("zelle", [instruction()]) == []


def test_a_second_instruction_for_an_end_to_end_id_is_named() -> None:
    exchange = Exchange()
    exchange.message(sent())

    assert rules(exchange.message(sent("msg_b"))) == ["one_instruction"]
    assert exchange.message(sent("msg_c", type="pacs.028")) == []
    assert exchange.message(sent("msg_d", network="interfi")) == []


def test_a_receipt_of_nothing_is_named() -> None:
    assert rules(Exchange().receipt({"_id": "msg_a", "state": "TAKEN"})) == ["receipt_of_a_message"]


def test_what_a_network_executed_and_nobody_sent_is_named() -> None:
    exchange = Exchange()

    assert rules(exchange.known("zelle", [instruction()])) == ["executed_is_sent"]
    assert exchange.known("zelle", [instruction(executed=0)]) == []


def test_another_amount_is_named() -> None:
    exchange = Exchange()
    exchange.message(sent())

    assert rules(exchange.known("zelle", [instruction(amount_minor=6)])) == ["same_amount"]


def test_money_that_was_taken_and_never_came_is_named() -> None:
    exchange = Exchange()
    inbound = instruction(direction="in")

    assert rules(exchange.known("zelle", [inbound])) == ["answered_is_received"]
    exchange.message(sent(direction="in"))
    assert exchange.known("zelle", [inbound]) == []


def test_a_receipt_for_what_the_network_does_not_know_is_named() -> None:
    exchange = Exchange()
    exchange.message(sent())
    exchange.receipt({"_id": "msg_a", "state": "TAKEN"})

    assert rules(exchange.untold("zelle", [])) == ["taken_is_known"]
    assert exchange.untold("interfi", []) == []
