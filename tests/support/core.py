"""Builders for tests of the rules: orders at any status, accounts, facts and events, all plain values."""

from datetime import UTC, datetime, timedelta
from typing import Any

from apps.kernel.money import Money
from apps.ledger.domain.account import Account
from apps.ledger.domain.entry import holds_account
from apps.transactions.domain.event import (
    Answered,
    Asked,
    Assessed,
    Claimed,
    Due,
    Noted,
    Returned,
    Signal,
    Unprocessable,
)
from apps.transactions.domain.facts import Facts, Recipient
from apps.transactions.domain.lifecycle import STATUSES
from apps.transactions.domain.limits import PROFILES, Usage, day_of
from apps.transactions.domain.order import Actor, Order, Party, accepted, advance
from apps.transactions.products.zelle import ZELLE

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=15)

STREAM = Actor(kind="stream", id="send_money#1")
HOLDS = holds_account("USD", 7)
DUPLICATE = Signal("AM05", "same payee, amount and reference as ord_0 within 10 minutes")

_CHECKED = [("VALIDATED", "stream")]
_FUNDED = [*_CHECKED, ("FUNDED", "stream")]
_WAITING = [*_FUNDED, ("AWAITING_CLAIM", "stream")]
_SENT = [*_FUNDED, ("SUBMITTED", "stream")]
_HELD = [*_CHECKED, ("HELD", "stream")]

# One legal way to every status, with who drives each step.
WAYS: dict[str, list[tuple[str, str]]] = {
    "RECEIVED": [],
    "SCHEDULED": [("SCHEDULED", "stream")],
    "VALIDATED": _CHECKED,
    "HELD": _HELD,
    "FUNDED": _FUNDED,
    "AWAITING_CLAIM": _WAITING,
    "SUBMITTED": _SENT,
    "INVESTIGATE": [*_SENT, ("INVESTIGATE", "clock")],
    "COMPLETED": [*_FUNDED, ("COMPLETED", "stream")],
    "REJECTED": [("REJECTED", "stream")],
    "CANCELLED": [("CANCELLED", "customer")],
    "EXPIRED": [*_WAITING, ("EXPIRED", "clock")],
    "BLOCKED": [*_HELD, ("BLOCKED", "compliance")],
}
_REASONS = {"HELD": "AM05", "REJECTED": "AM04", "CANCELLED": "CUST", "EXPIRED": "NOAS"}
_DUE = {
    "SCHEDULED": "execute_on",
    "AWAITING_CLAIM": "claim_expired",
    "SUBMITTED": "network_silent",
    "INVESTIGATE": "enquiry_due",
}


def a_new_order(order_id: str = "ord_1", **fields: Any) -> Order:
    """An order as its acceptance writes it; `fields` are those of `accepted`, or `amount_minor`."""
    amount_minor = fields.pop("amount_minor", 1_000)
    given: dict[str, Any] = {
        "client": "cli_tests",
        "idempotency_key": "key-1",
        "body_hash": "0" * 64,
        "product": "zelle",
        "debtor_customer": "cus_ann",
        "debtor_account": "acc_ann",
        "payee": "pay_bob",
        "payee_name": "Bob Brown",
        "alias_key": "email:bob@example.com",
        "money": Money(amount_minor, "USD"),
        "reference": None,
        "memo": None,
        "request_id": "req_1",
        "now": NOW,
    }
    return accepted(order_id=order_id, **(given | fields))


def an_order(
    status: str = "RECEIVED", *, order_id: str = "ord_1", by_network: bool = False, **fields: Any
) -> Order:
    """An order that came to `status` by a legal way; `by_network`: by the answer of a network."""
    order = a_new_order(order_id, **fields)
    way = [*_SENT, (status, "network")] if by_network else WAYS[status]
    for number, (target, kind) in enumerate(way, start=1):
        order = advance(
            order,
            target,
            actor=Actor(kind=kind, id=f"{kind}_1"),
            cause=f"{order_id}@{number}",
            now=NOW,
            reason=_REASONS.get(target),
        )
    validated = any(step["status"] == "VALIDATED" for step in order["history"])
    if validated and (not order["final"] or status == "COMPLETED"):
        order["limit_day"] = day_of(NOW)
    if status == "COMPLETED" and not by_network:
        order["creditor"] = Party(customer="cus_bob", account="acc_bob")
    if status in _DUE:
        order["due_at"] = NOW + timedelta(days=14)
        order["due_event"] = _DUE[status]
    return order


def a_payee(payee_id: str = "pay_bob", **fields: Any) -> dict[str, Any]:
    """The document of a payee whom Ann pays by alias; known for a while, never paid."""
    name = payee_id.rpartition("_")[2]
    given: dict[str, Any] = {
        "_id": payee_id,
        "customer": "cus_ann",
        "name": name.title(),
        "alias": {"key": f"email:{name}@example.com"},
        "account": None,
        "iban": None,
        "bic": None,
        "target": f"email:{name}@example.com",
        "trust": "NEW",
        "name_check": "MATCH",
        "owner": None,
        "known_since": NOW - timedelta(days=2),
        "counted_from": None,
        "status": "ACTIVE",
        "created_at": NOW - timedelta(days=2),
        "version": 1,
    }
    return given | fields


def a_schedule(**fields: Any) -> dict[str, Any]:
    """The document of a weekly payment of Ann to Bob that goes on until it is cancelled; the first is to come."""
    given: dict[str, Any] = {
        "_id": "sch_1",
        "client": "cli_tests",
        "idempotency_key": "key-1",
        "body_hash": "0" * 64,
        "customer": "cus_ann",
        "account": "acc_ann",
        "product": "zelle",
        "payee": "pay_bob",
        "amount_minor": 1_000,
        "currency": "USD",
        "reference": None,
        "memo": None,
        "first_on": "2026-12-03",
        "frequency": "weekly",
        "roll": "next",
        "end_of_month": False,
        "last_on": None,
        "count": None,
        "status": "ACTIVE",
        "next_number": 1,
        "making": None,
        "due_at": datetime(2026, 12, 3, 11, tzinfo=UTC),
        "made_count": 0,
        "refused_count": 0,
        "last_order": None,
        "last_refusal": None,
        "created_at": NOW,
        "version": 1,
        "modified_by": "client:cli_tests",
        "modified_at": NOW,
        "reason": "set up",
        "request_id": "req_1",
    }
    return given | fields


def an_account(
    account_id: str = "acc_ann",
    *,
    customer: str | None = "cus_ann",
    posted_minor: int = 10_000,
    held_minor: int = 0,
    currency: str = "USD",
    status: str = "OPEN",
) -> Account:
    return Account(account_id, customer, currency, status, posted_minor, held_minor)


def a_recipient(*, status: str = "ACTIVE", **account: Any) -> Recipient:
    """Bob, who is on-us; `account` overrides his account's fields."""
    given: dict[str, Any] = {"account_id": "acc_bob", "customer": "cus_bob", "posted_minor": 0}
    return Recipient("cus_bob", status, an_account(**(given | account)))


# The alias is served by another bank on the network.
ELSEWHERE = Recipient(customer=None, customer_status=None, account=None)


def facts(**fields: Any) -> Facts:
    """Surroundings in which a payment of Ann to Bob goes through."""
    given: dict[str, Any] = {
        "product": ZELLE,
        "limits": PROFILES["sandbox"],
        "usage": Usage(),
        "customer_status": "ACTIVE",
        "debtor": an_account(),
        "payee_status": "ACTIVE",
        "recipient": a_recipient(),
        "holds_account": HOLDS,
    }
    return Facts(**(given | fields))


def facts_of(order: Order, **fields: Any) -> Facts:
    """The same, with the order's money set aside already if its status says so."""
    held = order["amount_minor"] if STATUSES[order["status"]].holds_money else 0
    return facts(**({"debtor": an_account(held_minor=held)} | fields))


def assessed(order_id: str = "ord_1", *signals: Signal) -> Assessed:
    return Assessed(f"{order_id}@assessed", STREAM, signals)


def asked(
    command: str, *, by: str = "customer", cause: str = "cmd_1", reason: str = "asked"
) -> Asked:
    return Asked(cause, Actor(kind=by, id=f"{by}_1"), command, reason)


def claimed(cause: str = "als_bob@2") -> Claimed:
    return Claimed(cause, Actor(kind="recipient", id="cus_bob"))


def due(due_event: str, cause: str = "cmd_due") -> Due:
    return Due(cause, Actor(kind="clock", id="clock"), due_event)


def answered(*, accepted: bool, reason: str | None = None, cause: str = "msg_1") -> Answered:
    return Answered(cause, Actor(kind="network", id="zelle"), accepted, reason)


def noted(what: str, *, cause: str = "msg_noted", by: str = "network") -> Noted:
    return Noted(cause, Actor(kind=by, id="zelle"), what)


def returned(
    *,
    amount_minor: int = 1_000,
    return_id: str = "ret_1",
    cause: str = "msg_ret",
    currency: str = "USD",
) -> Returned:
    by = Actor(kind="network", id="zelle")
    return Returned(cause, by, return_id, amount_minor, currency, "FOCR")


def unprocessable(order_id: str = "ord_1") -> Unprocessable:
    return Unprocessable(f"{order_id}@assessed", STREAM, "KeyError: 'payee'")


def statuses_of(order: Order) -> list[str]:
    """The statuses that the order passed, oldest first."""
    return [step["status"] for step in order["history"]]
