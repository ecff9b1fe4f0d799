"""What must hold of every stored order by itself: the rules that `verify_orders` checks.

Written apart from `advance` and `apply` on purpose: a checker that calls what it checks finds nothing.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from apps.kernel.findings import Problem
from apps.transactions.domain.lifecycle import LIFECYCLES, Driver
from apps.transactions.domain.states import Lifecycle

# What the clock must ask of an order that waits in this status; where it is not, nobody would ever ask.
_DEADLINES = {
    ("send", "SCHEDULED"): "execute_on",
    ("send", "AWAITING_CLAIM"): "claim_expired",
    ("send", "SUBMITTED"): "network_silent",
    ("receive", "ACCEPTED_NOT_POSTED"): "review_due",
    ("return", "RETURN_REVIEW"): "review_due",
    ("return", "RETURN_REQUESTED"): "recall_silent",
    ("request", "SUBMITTED"): "request_expired",
    ("request", "DELIVERED"): "request_expired",
    ("request", "PRESENTED"): "request_expired",
    ("request", "PENDING"): "request_expired",
    ("request", "CANCEL_PENDING"): "request_expired",
    ("request", "ACCEPTED"): "promise_due",
}
# Whom an order of this kind is routed for: lists of a customer's orders find it so.
_ROUTED_FOR = {"send": "debtor", "return": "account"}
_HEAD = ("status", "iso_status", "reason", "version")


def problems_of(order: Mapping[str, Any], *, all_final: bool = False) -> list[Problem]:
    """Every rule that the order breaks; with `all_final` also that it has not ended. Never raises on a bad document."""
    order_id = str(order.get("_id"))
    try:
        found = list(_broken(order, all_final=all_final))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        found = [("readable", f"{type(error).__name__}: {error}")]
    return [Problem(order_id, rule, detail) for rule, detail in found]


def _broken(order: Mapping[str, Any], *, all_final: bool) -> Iterator[tuple[str, str]]:
    amount_minor, history = order["amount_minor"], order["history"]
    lifecycle = LIFECYCLES.get(order["kind"])
    if lifecycle is None:
        yield "kind_known", f"the kind is {order['kind']!r}"
        return
    if not isinstance(amount_minor, int) or isinstance(amount_minor, bool) or amount_minor <= 0:
        yield "amount_positive", f"the amount is {amount_minor!r}"
    if not history:
        yield "first_step", "there is no history"
        return
    yield from _broken_versions(history)
    yield from _broken_first(history[0])
    for before, after in pairwise(history):
        yield from _broken_move(lifecycle, before, after)
    yield from _broken_causes(history)
    yield from _broken_head(lifecycle, order, history[-1])
    yield from _broken_route(order)
    if all_final and order["final"] is not True:
        yield "all_final", f"the order is {order['status']} and has not ended"


def _broken_versions(history: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    versions = [step["version"] for step in history]
    if versions != list(range(1, len(history) + 1)):
        yield "versions_gapless", f"the versions are {versions}"


def _broken_first(step: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if (step["status"], step["iso_status"], step["version"]) != ("RECEIVED", "RCVD", 1):
        found = f"{step['status']} [{step['iso_status']}] version {step['version']}"
        yield "first_step", f"it is {found}, not RECEIVED [RCVD] version 1"


def _broken_move(
    lifecycle: Lifecycle, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    source, target, kind = before["status"], after["status"], after["actor"]["kind"]
    at = f"version {after['version']}: {source} → {target} by {kind}"
    known = lifecycle.statuses.get(target)
    if source in lifecycle.final:
        yield "nothing_after_final", at
    elif kind not in set(Driver) or not lifecycle.may_move(source, target, Driver(kind)):
        yield "move_legal", at
    if known is not None and after["iso_status"] != known.iso_status:
        yield "step_iso_status", f"{at}: {after['iso_status']}, not {known.iso_status}"


def _broken_causes(history: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    ended: set[str] = set()
    last = None
    for step in history:
        cause = step["cause"]
        if cause != last and cause in ended:
            yield "cause_once", f"{cause} applied again at version {step['version']}"
        if last is not None:
            ended.add(last)
        last = cause


def _broken_route(order: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    side = _ROUTED_FOR.get(order["kind"])
    if side is not None and order["route"]["customer"] != order[side]["customer"]:
        yield (
            "routed_for_its_customer",
            f"it is routed for {order['route']['customer']}, and {side} is {order[side]['customer']}",
        )


def _broken_head(
    lifecycle: Lifecycle, order: Mapping[str, Any], step: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for name in _HEAD:
        if order[name] != step[name]:
            yield f"{name}_is_last_step", f"it is {order[name]!r}, the last step has {step[name]!r}"
    final = step["status"] in lifecycle.final
    if order["final"] is not final:
        yield "final_is_last_step", f"it is {order['final']!r} in {step['status']}"
    if final and (order["due_at"] is not None or order["due_event"] is not None):
        yield "final_waits_for_nothing", f"{order['due_event']} is due at {order['due_at']}"
    asked = _DEADLINES.get((lifecycle.kind, step["status"]))
    if asked is not None and (order["due_event"] != asked or order["due_at"] is None):
        yield (
            "waiting_has_a_deadline",
            f"in {step['status']} {order['due_event']!r} is due at {order['due_at']!r}, not {asked}",
        )
