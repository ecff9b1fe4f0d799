"""Deadlines on a real MongoDB: what is due is asked of its order once, and the order carries it out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from apps.kernel.errors import Invalid
from apps.transactions import deadlines as module
from apps.transactions.deadlines import DUE_INDEX, Deadlines, due_by
from apps.transactions.domain.limits import PROFILES
from apps.transactions.domain.order import Actor
from apps.transactions.services import request_command
from apps.transactions.submission import Requester
from streaming.sor.element import CommandElement
from tests.integration.sor.bank import Bank
from tests.support.core import NOW


def deadlines(bank: Bank, *, holder: str = "host:1") -> Deadlines:
    return Deadlines(lambda: bank.db, clock=lambda: bank.now, holder=holder)


def waiting(bank: Bank, count: int = 1) -> list[str]:
    """Orders to an address that nobody has; they wait for 14 days."""
    if not bank.db.accounts.count_documents({}):
        bank.enrols("ann")
    orders = [bank.accepts(f"ord_{number}", to="nobody") for number in range(count)]
    bank.settles(*orders)
    return [order.id for order in orders]


LATER_ONES = ("ord_1", "ord_2", "ord_3")


def order_of(bank: Bank) -> Callable[[CommandElement], str]:
    orders = {each["_id"]: each["order"] for each in bank.db.commands.find()}
    return lambda element: str(orders[element.id])


def asked(bank: Bank) -> list[CommandElement]:
    """What was asked and has no answer yet, as the flow gets it."""
    answered = {outcome["_id"] for outcome in bank.db.outcomes.find()}
    return [
        CommandElement(each["_id"])
        for each in bank.db.commands.find()
        if each["_id"] not in answered
    ]


def test_a_payment_that_nobody_claims_expires_after_14_days_and_frees_the_money(bank: Bank) -> None:
    (order,) = waiting(bank)
    clock = deadlines(bank)
    bank.now = NOW + timedelta(days=14) - timedelta(milliseconds=1)
    assert clock.ask() == 0

    bank.now = NOW + timedelta(days=14)
    assert clock.ask() == 1
    bank.settles(*asked(bank))

    assert bank.order(order)["history"][-1]["actor"] == {"kind": "clock", "id": "host:1"}
    assert bank.statuses([order]) == ["EXPIRED"]
    assert (bank.order(order)["reason"], bank.order(order)["due_at"]) == ("NOAS", None)
    assert bank.balance("ann") == (10_000, 0)
    (outcome,) = bank.db.outcomes.find()
    assert (outcome["state"], outcome["order_version"]) == ("APPLIED", 5)
    assert bank.problems(all_final=True) == []
    assert clock.ask() == 0


def test_asks_once_however_often_and_by_whomever_it_is_found(bank: Bank) -> None:
    waiting(bank, 3)
    bank.now += timedelta(days=15)
    first, second = deadlines(bank), deadlines(bank, holder="host:2")

    assert [first.ask(), first.ask(), second.ask(), deadlines(bank).ask()] == [3, 0, 0, 0]

    assert {each["actor"]["id"] for each in bank.db.commands.find()} == {"host:1"}
    assert [(each["type"], each["due_event"]) for each in bank.db.commands.find()] == [
        ("clock", "claim_expired")
    ] * 3


def test_a_look_reads_what_is_due_and_no_other_order(bank: Bank) -> None:
    """It is made every second; with 500,000 orders it must cost what it costs with ten."""
    bank.enrols("ann")
    bank.enrols("bob")
    final = [bank.accepts(f"ord_final_{number}", to="bob") for number in range(3)]
    bank.settles(*final)
    waiting(bank, 2)
    look = {"find": "orders", "filter": due_by(bank.now + timedelta(days=15)), "hint": DUE_INDEX}

    explained = bank.db.command("explain", look | {"sort": {"due_at": 1}})

    assert explained["executionStats"]["nReturned"] == 2
    assert explained["executionStats"]["totalDocsExamined"] == 2


def test_a_backlog_of_many_batches_is_asked_whole(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while a flow stands still, so that those asked before stay due at the head of the list."""
    monkeypatch.setattr(module, "BATCH", 2)
    orders = waiting(bank, 5)
    bank.now += timedelta(days=15)
    clock = deadlines(bank)

    assert [clock.ask(), clock.ask()] == [5, 0]
    bank.settles(*asked(bank))

    assert bank.statuses(orders) == ["EXPIRED"] * 5


def test_is_asked_again_later_when_the_flows_clock_was_behind(bank: Bank) -> None:
    """Machines' clocks differ; a deadline that was refused once must not be forgotten for ever."""
    (order,) = waiting(bank)
    due_at = bank.now + timedelta(days=14)
    clock = Deadlines(lambda: bank.db, clock=lambda: bank.now + timedelta(seconds=1), holder="h")
    bank.now = due_at - timedelta(seconds=1)
    clock.ask()
    bank.settles(*asked(bank))
    (outcome,) = bank.db.outcomes.find()
    assert (outcome["state"], outcome["reason"]) == ("REFUSED", "not_due")

    assert clock.ask() == 0  # it has just been refused
    bank.now = due_at + timedelta(seconds=1)
    assert [clock.ask(), clock.ask()] == [1, 0]
    bank.settles(*asked(bank))

    assert bank.statuses([order]) == ["EXPIRED"]
    assert bank.problems(all_final=True) == []


# NOW is 22 November in Eastern time; the day begins there at 05:00 UTC.
A_LATER_DAY = "2026-12-05"  # a Saturday
ITS_BEGINNING = datetime(2026, 12, 5, 5, tzinfo=UTC)


def test_an_order_for_a_later_day_is_paid_when_its_day_begins_at_the_bank(bank: Bank) -> None:
    bank.enrols("ann", "bob")
    bank.settles(bank.accepts("ord_1", execute_on=A_LATER_DAY))
    clock = deadlines(bank)
    order = bank.order("ord_1")
    assert (order["status"], order["due_event"], order["due_at"]) == (
        *("SCHEDULED", "execute_on"),
        ITS_BEGINNING,
    )
    assert (bank.balance("ann"), bank.db.limit_usage.count_documents({})) == ((10_000, 0), 0)
    bank.now = ITS_BEGINNING - timedelta(milliseconds=1)
    assert clock.ask() == 0

    bank.now = ITS_BEGINNING
    assert clock.ask() == 1
    bank.settles(*asked(bank))

    assert bank.statuses(["ord_1"]) == ["COMPLETED"]
    assert bank.order("ord_1")["limit_day"] == A_LATER_DAY
    assert (bank.balance("ann"), bank.balance("bob")) == ((9_000, 0), (11_000, 0))
    assert bank.problems(all_final=True) == []
    assert clock.ask() == 0


def test_an_order_for_a_later_day_can_be_cancelled_and_is_never_due(bank: Bank) -> None:
    bank.enrols("ann", "bob")
    bank.settles(bank.accepts("ord_1", execute_on=A_LATER_DAY))
    bank.is_asked("cmd_cancel", "ord_1")
    bank.settles(CommandElement("cmd_cancel"))

    bank.now = ITS_BEGINNING

    assert bank.statuses(["ord_1"]) == ["CANCELLED"]
    assert deadlines(bank).ask() == 0
    assert bank.balance("ann") == (10_000, 0)
    assert bank.problems(all_final=True) == []


def test_funds_and_limits_are_looked_at_on_the_day_and_not_before(bank: Bank) -> None:
    """Today's money and today's limits are used up, the day's own decide: one payment is over each of them."""
    bank.enrols("ann", "bob", posted_minor=5_000)
    tight = replace(PROFILES["sandbox"], day_minor=5_000)
    later = [bank.accepts(f"ord_{n}", amount_minor=3_000, execute_on=A_LATER_DAY) for n in (1, 2)]
    bank.sor(limits=tight).settle([bank.accepts("ord_0", amount_minor=5_000), *later])
    assert bank.statuses(["ord_0", "ord_1", "ord_2"]) == ["COMPLETED", "SCHEDULED", "SCHEDULED"]
    bank.settles(bank.accepts("ord_back", debtor="bob", to="ann", amount_minor=4_000))
    bank.settles(bank.accepts("ord_3", amount_minor=2_000, execute_on=A_LATER_DAY))

    bank.now = ITS_BEGINNING
    deadlines(bank).ask()
    in_order = sorted(asked(bank), key=order_of(bank))
    bank.sor(limits=tight).settle(in_order)

    ends = [(each["status"], each["reason"]) for each in map(bank.order, LATER_ONES)]
    assert ends == [("COMPLETED", None), ("REJECTED", "AM14"), ("REJECTED", "AM04")]
    assert bank.problems(all_final=True) == []


def test_an_order_for_the_day_it_is_decided_on_goes_at_once(bank: Bank) -> None:
    """Its day may have been today, or have begun between its acceptance and the flow."""
    bank.enrols("ann", "bob")
    bank.now = ITS_BEGINNING - timedelta(milliseconds=1)
    order = bank.accepts("ord_1", execute_on=A_LATER_DAY)

    bank.now = ITS_BEGINNING
    bank.settles(order)

    assert bank.statuses(["ord_1"]) == ["COMPLETED"]


def test_an_order_that_was_claimed_meanwhile_refuses_its_former_deadline(bank: Bank) -> None:
    bank.enrols("ann", "bob", posted_minor=10_000)
    bank.db.aliases.delete_one({"_id": "als_bob"})
    bank.settles(bank.accepts("ord_1"))
    bank.now += timedelta(days=15)
    deadlines(bank).ask()
    bank.is_asked("cmd_cancel", "ord_1")
    bank.settles(CommandElement("cmd_cancel"))

    bank.settles(*asked(bank))

    assert bank.statuses(["ord_1"]) == ["CANCELLED"]
    assert bank.db.outcomes.count_documents({"state": "REFUSED", "reason": "not_due"}) == 1
    assert bank.problems(all_final=True) == []


def test_a_client_cannot_ask_as_the_clock(bank: Bank) -> None:
    waiting(bank)

    with pytest.raises(Invalid) as refused:
        request_command(
            order="ord_0",
            command="clock",
            reason="let it expire",
            actor=Actor(kind="customer", id="cli_tests"),
            requester=Requester(client="cli_tests", request_id="req_1"),
            idempotency_key="k1",
            now=NOW,
        )

    assert refused.value.code == "command_unknown"
    assert bank.db.commands.count_documents({}) == 0
