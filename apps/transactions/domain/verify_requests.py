"""What must hold between requests and what became of them: one order a key, one outcome a command, each in its history.

Written apart from `submission` and the flow on purpose, as the other rules of the checkers are.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.kernel.clock import rfc3339
from apps.kernel.findings import Problem
from apps.kernel.ids import derived_id, order_id

_BAD_DOCUMENT = (KeyError, TypeError, ValueError, AttributeError, IndexError)
_COMMAND = "cmd_"
# More payers than a split may have, and more versions than a request may come to before it is promised.
_PLACES_MAX = 100

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Applied:
    """The last step that a command made in an order's history."""

    order: str
    version: int
    actor: Document


@dataclass(frozen=True)
class Caused:
    """What a command made beside its order, which took no step itself: a recall's return, a dispute's case."""

    order: str
    actor: Document


@dataclass
class Requests:
    """Feed every order and case first, then each command with its outcome, `closing` last."""

    # Orders whose id does not come from their key: only these can be a second order of one key.
    astray: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    # What commands made, by their ids; what is left of it at the end has no outcome.
    applied: dict[str, Applied] = field(default_factory=dict)
    # What commands caused beside their orders, by their ids; recalls also by the order recalled.
    beside: dict[str, Caused] = field(default_factory=dict)
    recalled: dict[str, Caused] = field(default_factory=dict)

    def order(self, order: Document) -> list[Problem]:
        """Takes the order's causes and tells what is wrong with its own request."""
        order_id_ = str(order.get("_id"))
        try:
            found = list(self._of_order(order))
        except _BAD_DOCUMENT as error:
            found = [("readable", f"{type(error).__name__}: {error}")]
        return [Problem(order_id_, rule, detail) for rule, detail in found]

    def _of_order(self, order: Document) -> Iterator[tuple[str, str]]:
        if is_asked_by_client(order):
            yield from self._of_clients(order)
        elif not any(order["_id"] == each for each in _derived_ids(order)):
            yield "id_from_cause", f"it is not the id that its cause makes: {_cause_of(order)}"
        for step in order["history"]:
            cause = step["cause"]
            if not cause.startswith(_COMMAND):
                continue
            if step["version"] == 1:
                self.beside[cause] = Caused(order["caused_by"], step["actor"])
                continue
            known = self.applied.get(cause)
            if known is not None and known.order != order["_id"]:
                yield "cause_of_one_order", f"{cause} stands in {known.order} too"
            self.applied[cause] = Applied(order["_id"], step["version"], step["actor"])
        if order["kind"] == "return" and order["asked"] and order["direction"] == "inward":
            caused = Caused(order["caused_by"], order["history"][0]["actor"])
            self.recalled[order["caused_by"]] = caused

    def _of_clients(self, order: Document) -> Iterator[tuple[str, str]]:
        key = order.get("idempotency_key")
        if key is not None:
            derived = order_id(order["client"], key)
            if derived != order["_id"]:
                self.astray.setdefault((order["client"], key), []).append(order["_id"])
                yield "id_from_key", f"client and Idempotency-Key make the id {derived}"
        asked = body_hash_of(order)
        if order["body_hash"] != asked:
            yield "body_hash_fits", f"what the order says makes {asked}, not {order['body_hash']}"

    def case(self, case: Document) -> list[Problem]:
        """Takes the command that opened the case, if one did."""
        try:
            if case["cause"].startswith(_COMMAND):
                self.beside[case["cause"]] = Caused(case["order"], case["actor"])
        except _BAD_DOCUMENT as error:
            detail = f"{type(error).__name__}: {error}"
            return [Problem(str(case.get("_id")), "readable", detail)]
        return []

    def command(self, command: Document | None, outcome: Document | None) -> list[Problem]:
        """What is wrong between a command and its outcome; either may be missing, not both."""
        command_id = str((command or outcome or {}).get("_id"))
        applied = self.applied.pop(command_id, None)
        beside = self.beside.pop(command_id, None)
        if beside is None and command is not None and command.get("type") == "recall":
            beside = self._recall_of(command, outcome)
        try:
            found = list(_of_command(command, outcome, applied or beside))
        except _BAD_DOCUMENT as error:
            found = [("readable", f"{type(error).__name__}: {error}")]
        return [Problem(command_id, rule, detail) for rule, detail in found]

    def _recall_of(self, command: Document, outcome: Document | None) -> Caused | None:
        """An order is recalled once: its return is that of the one recall that was applied."""
        if outcome is None or outcome.get("state") != "APPLIED":
            return None
        return self.recalled.get(str(command.get("order")))

    def closing(self) -> list[Problem]:
        """Steps whose command is gone, and several orders of one key."""
        problems = [
            Problem(cause, "command_exists", f"it made version {made.version} of {made.order}")
            for cause, made in sorted(self.applied.items())
        ]
        problems += [
            Problem(cause, "command_exists", f"it made something beside {made.order}")
            for cause, made in sorted(self.beside.items())
        ]
        return problems + [
            Problem(ids[0], "one_order_a_key", f"{client} used the key {key} for {', '.join(ids)}")
            for (client, key), ids in sorted(self.astray.items())
            if len(ids) > 1
        ]

    def rivals(self) -> dict[str, list[str]]:
        """Orders astray, by the id that their key makes: is there an order of that id, the key has two."""
        return {order_id(client, key): ids for (client, key), ids in self.astray.items()}


def rival_problem(derived: str, ids: list[str]) -> Problem:
    return Problem(derived, "one_order_a_key", f"its key made {', '.join(ids)} too")


def _of_command(
    command: Document | None, outcome: Document | None, applied: Applied | Caused | None
) -> Iterator[tuple[str, str]]:
    if command is None:
        yield "command_exists", "there is an outcome and no command"
        return
    if outcome is None:
        if applied is not None:
            yield "outcome_exists", f"it made {_told(applied)}"
        return
    state = outcome["state"]
    if outcome["order"] != command["order"]:
        yield "outcome_of_its_order", f"{command['order']} was asked, {outcome['order']} answered"
    if state not in ("APPLIED", "REFUSED"):
        yield "outcome_state", f"it is {state!r}"
    elif state == "REFUSED":
        if applied is not None:
            yield "refused_is_no_cause", f"it made {_told(applied)}"
    elif command["order"] is not None:
        yield from _of_applied(command, outcome, applied)


def _of_applied(
    command: Document, outcome: Document, applied: Applied | Caused | None
) -> Iterator[tuple[str, str]]:
    """A probe names no order and leaves nothing but its outcome; every other command must have made a step."""
    if applied is None:
        yield "applied_is_a_cause", f"no step of {command['order']} has it as its cause"
        return
    # What a command made beside an order says nothing of the version at which it found it.
    version = applied.version if isinstance(applied, Applied) else outcome["order_version"]
    if (applied.order, version) != (outcome["order"], outcome["order_version"]):
        said = f"version {outcome['order_version']} of {outcome['order']}"
        yield "outcome_names_its_step", f"it says {said}, it made {_told(applied)}"
    if dict(applied.actor) != dict(command["actor"]):
        yield "step_by_its_asker", f"{command['actor']} asked, {applied.actor} stands in the step"


def _told(made: Applied | Caused) -> str:
    if isinstance(made, Applied):
        return f"version {made.version} of {made.order}"
    return f"something beside {made.order}"


def is_asked_by_client(order: Document) -> bool:
    """Whether a client asked for it; else a network brought it, or another order caused it."""
    if order["kind"] == "send":
        return bool(order["body_hash"]) or "caused_by" not in order
    return order["kind"] == "request" and not {"caused_by", "end_to_end_id"} & order.keys()


def _derived_ids(order: Document) -> Iterator[str]:
    """The ids that its cause may have given it."""
    cause = str(order.get("caused_by"))
    match order["kind"]:
        case "send":
            for version in range(1, _PLACES_MAX):
                yield derived_id("ord", "pay", cause, str(version))
        case "request" if "caused_by" in order:
            for place in range(_PLACES_MAX):
                yield derived_id("ord", "share", cause, str(place))
        case "return" if order["asked"]:
            yield derived_id("ord", "return", cause, "recall")
        case "return":
            # Which of the network's returns it is, stands in that message alone.
            yield order["_id"]
        case _:
            network = order["client"].removeprefix("network:")
            yield derived_id("ord", "in", network, order["end_to_end_id"])


def _cause_of(order: Document) -> str:
    return str(order.get("caused_by") or f"{order['client']} {order['end_to_end_id']}")


def body_hash_of(order: Document) -> str:
    """SHA-256 of what was asked, from what the order says."""
    asked = {
        "amount_minor": order["amount_minor"],
        "currency": order["currency"],
        "kind": order["kind"],
        "memo": order["memo"],
        "product": order["product"],
        "reference": order["reference"],
    }
    asked |= _asked_of_request(order) if order["kind"] == "request" else _asked_of_send(order)
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _asked_of_send(order: Document) -> dict[str, Any]:
    asked = {"debtor": _party(order["debtor"]), "payee": order["payee"]}
    return asked | ({"execute_on": order["execute_on"]} if "execute_on" in order else {})


def _asked_of_request(order: Document) -> dict[str, Any]:
    """The payer in the one way in which it was told, and an end only when one was asked for."""
    asked: dict[str, Any] = {"creditor": _party(order["creditor"])}
    if "payee" in order:
        asked["payee"] = order["payee"]
    elif "shares" in order:
        names = ("payer_name", "alias_key", "amount_minor")
        asked["shares"] = [{name: share[name] for name in names} for share in order["shares"]]
    else:
        asked["payer"] = {"name": order["payee_name"], "alias_key": order["alias_key"]}
    if order.get("is_expiry_asked"):
        asked["expires_at"] = rfc3339(order["expires_at"])
    return asked


def _party(party: Document) -> dict[str, str]:
    return {"account": party["account"], "customer": party["customer"]}
