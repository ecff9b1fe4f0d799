"""What must hold between requests and what became of them: one order a key, one outcome a command, each in its history.

Written apart from `submission` and the flow on purpose, as the other rules of the checkers are.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.kernel.findings import Problem
from apps.kernel.ids import order_id

_BAD_DOCUMENT = (KeyError, TypeError, ValueError, AttributeError, IndexError)
_COMMAND = "cmd_"

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Applied:
    """The last step that a command made in an order's history."""

    order: str
    version: int
    actor: Document


@dataclass
class Requests:
    """Feed every order first, then each command with its outcome, `closing` last."""

    # Orders whose id does not come from their key: only these can be a second order of one key.
    astray: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    # What commands made, by their ids; what is left of it at the end has no outcome.
    applied: dict[str, Applied] = field(default_factory=dict)

    def order(self, order: Document) -> list[Problem]:
        """Takes the order's causes and tells what is wrong with its own request."""
        order_id_ = str(order.get("_id"))
        try:
            found = list(self._of_order(order))
        except _BAD_DOCUMENT as error:
            found = [("readable", f"{type(error).__name__}: {error}")]
        return [Problem(order_id_, rule, detail) for rule, detail in found]

    def _of_order(self, order: Document) -> Iterator[tuple[str, str]]:
        key = order.get("idempotency_key")
        if key is not None:
            derived = order_id(order["client"], key)
            if derived != order["_id"]:
                self.astray.setdefault((order["client"], key), []).append(order["_id"])
                yield "id_from_key", f"client and Idempotency-Key make the id {derived}"
        asked = body_hash_of(order)
        if order["body_hash"] != asked:
            yield "body_hash_fits", f"what the order says makes {asked}, not {order['body_hash']}"
        for step in order["history"]:
            cause = step["cause"]
            if not cause.startswith(_COMMAND):
                continue
            known = self.applied.get(cause)
            if known is not None and known.order != order["_id"]:
                yield "cause_of_one_order", f"{cause} stands in {known.order} too"
            self.applied[cause] = Applied(order["_id"], step["version"], step["actor"])

    def command(self, command: Document | None, outcome: Document | None) -> list[Problem]:
        """What is wrong between a command and its outcome; either may be missing, not both."""
        command_id = str((command or outcome or {}).get("_id"))
        applied = self.applied.pop(command_id, None)
        try:
            found = list(_of_command(command, outcome, applied))
        except _BAD_DOCUMENT as error:
            found = [("readable", f"{type(error).__name__}: {error}")]
        return [Problem(command_id, rule, detail) for rule, detail in found]

    def closing(self) -> list[Problem]:
        """Steps whose command is gone, and several orders of one key."""
        problems = [
            Problem(cause, "command_exists", f"it made version {made.version} of {made.order}")
            for cause, made in sorted(self.applied.items())
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
    command: Document | None, outcome: Document | None, applied: Applied | None
) -> Iterator[tuple[str, str]]:
    if command is None:
        yield "command_exists", "there is an outcome and no command"
        return
    if outcome is None:
        if applied is not None:
            yield "outcome_exists", f"it made version {applied.version} of {applied.order}"
        return
    state = outcome["state"]
    if outcome["order"] != command["order"]:
        yield "outcome_of_its_order", f"{command['order']} was asked, {outcome['order']} answered"
    if state not in ("APPLIED", "REFUSED"):
        yield "outcome_state", f"it is {state!r}"
    elif state == "REFUSED":
        if applied is not None:
            yield "refused_is_no_cause", f"it made version {applied.version} of {applied.order}"
    elif command["order"] is not None:
        yield from _of_applied(command, outcome, applied)


def _of_applied(
    command: Document, outcome: Document, applied: Applied | None
) -> Iterator[tuple[str, str]]:
    """A probe names no order and leaves nothing but its outcome; every other command must have made a step."""
    if applied is None:
        yield "applied_is_a_cause", f"no step of {command['order']} has it as its cause"
        return
    if (applied.order, applied.version) != (outcome["order"], outcome["order_version"]):
        said = f"version {outcome['order_version']} of {outcome['order']}"
        yield (
            "outcome_names_its_step",
            f"it says {said}, it made {applied.version} of {applied.order}",
        )
    if dict(applied.actor) != dict(command["actor"]):
        yield "step_by_its_asker", f"{command['actor']} asked, {applied.actor} stands in the step"


def body_hash_of(order: Document) -> str:
    """SHA-256 of what was asked, from what the order says."""
    asked = {
        "amount_minor": order["amount_minor"],
        "currency": order["currency"],
        "debtor": {
            "account": order["debtor"]["account"],
            "customer": order["debtor"]["customer"],
        },
        "kind": order["kind"],
        "memo": order["memo"],
        "payee": order["payee"],
        "product": order["product"],
        "reference": order["reference"],
    }
    if "execute_on" in order:
        asked["execute_on"] = order["execute_on"]
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
