"""Who made a change, as the document itself says, and whether the platform's writers could have made it at all.

Each captured collection has one writer and one manner of writing (docs/reference/data-model.md). A change in another
manner was made out of band: by hand, by a script, or by a defect. Whatever the document says, its maker is unknown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from apps.audit.domain.difference import changed_paths, same

Document = Mapping[str, Any]
Operation = Literal["created", "updated", "deleted", "snapshot"]


@dataclass(frozen=True)
class Attribution:
    """Kind and id of the maker (`stream` `send_money#9f3c`); `out_of_band` says what no writer of ours ever does."""

    actor_kind: str
    actor_id: str
    reason: str | None = None
    request_id: str | None = None
    cause: str | None = None
    out_of_band: str | None = None


@dataclass(frozen=True)
class Written:
    """A change as it was captured."""

    operation: Operation
    before: Document | None
    after: Document | None
    in_transaction: bool


UNKNOWN = Attribution("unknown", "out of band")
_NOT_KNOWN = Attribution("unknown", "not stated")


def attribute(collection: str, written: Written) -> Attribution:
    """The maker of the change; UNKNOWN with the reason when no writer of the platform could have made it."""
    rule = _RULES[collection]
    try:
        fault = _fault(rule, written)
        stated = rule.stated(written.after) if written.after is not None else _NOT_KNOWN
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        # Fields are missing or of another kind than the collection's one writer leaves them.
        fault = (
            f"It is not as the writer of {collection} leaves it: {type(error).__name__} {error}."
        )
    return replace(UNKNOWN, out_of_band=fault) if fault else stated


def explains_itself(collection: str, before: Document | None, after: Document | None) -> bool:
    """Whether `after` itself tells, step by step, how it came to be from `before`: an order carries its whole history.

    Then nothing is unknown, though changes between the two were not captured.
    """
    if collection != "orders" or before is None or after is None:
        return False
    try:
        return _order_moved(before, after, in_transaction=True) is None
    except (KeyError, TypeError, IndexError, AttributeError, ValueError):
        return False


@dataclass(frozen=True)
class _Rule:
    """How the collection is written: what its documents say of their maker, and what its writer does and never does."""

    stated: Callable[[Document], Attribution]
    created_alone: bool | Callable[[Document], bool]  # an insert may stand outside a transaction
    updated: Callable[[Document, Document, bool], str | None]  # before, after, in a transaction


def _fault(rule: _Rule, written: Written) -> str | None:
    if written.operation == "deleted":
        return "It was deleted; the platform deletes nothing."
    if written.operation == "snapshot":
        return None  # a row as it stands now tells nothing of how it came to stand so
    if written.operation == "created":
        return None if written.in_transaction or _may_stand_alone(rule, written.after) else _ALONE
    if written.before is None or written.after is None:
        return None  # an image was lost: a gap, which is told as such
    return rule.updated(written.before, written.after, written.in_transaction)


def _may_stand_alone(rule: _Rule, created: Document | None) -> bool:
    if callable(rule.created_alone):
        return created is None or rule.created_alone(created)
    return rule.created_alone


def _never(_before: Document, _after: Document, _in_transaction: bool) -> str:
    return "It was changed; documents of this collection are only ever inserted."


def _next_version(before: Document, after: Document, _in_transaction: bool) -> str | None:
    if after["version"] == before["version"] + 1:
        return None
    return f"The version went from {before['version']} to {after['version']} and not one up."


def _next_version_by_transaction(
    before: Document, after: Document, in_transaction: bool
) -> str | None:
    return _OUTSIDE if not in_transaction else _next_version(before, after, in_transaction)


_ALONE = "It was inserted outside the transaction that inserts it."
_OUTSIDE = "It was changed outside the transaction that changes it."
_ORDER_CHANGES = frozenset(
    {"status", "iso_status", "reason", "final", "version", "creditor", "limit_day", "due_at"}
    | {"due_event", "updated_at", "history", "payer", "payment"}
)


def _order_moved(before: Document, after: Document, in_transaction: bool) -> str | None:
    if not in_transaction:
        return _OUTSIDE
    if after["version"] <= before["version"] or after["version"] != len(after["history"]):
        return f"The version went from {before['version']} to {after['version']} with {len(after['history'])} steps."
    if not same(after["history"][: before["version"]], before["history"]):
        return "Steps that stood in the history were changed."
    fixed = changed_paths(_without(_ORDER_CHANGES, before), _without(_ORDER_CHANGES, after))
    return f"Fields that never change were changed: {', '.join(fixed)}." if fixed else None


def _without(names: frozenset[str], document: Document) -> Document:
    return {name: value for name, value in document.items() if name not in names}


def _by_change_fields(document: Document) -> Attribution:
    kind, name = _parted(document["modified_by"])
    return Attribution(kind, name, document["reason"], document["request_id"])


def _by_last_step(order: Document) -> Attribution:
    step = order["history"][-1]
    actor = step["actor"]
    reason = step["reason"] or step["detail"]
    return Attribution(actor["kind"], actor["id"], reason, order["request_id"], step["cause"])


def _by_actor(command: Document) -> Attribution:
    actor = command["actor"]
    return Attribution(actor["kind"], actor["id"], command["reason"], command["request_id"])


def _by_subject(access: Document) -> Attribution:
    subject = access["subject"]
    return Attribution(subject["kind"], subject["id"], access["reason"], access["request_id"])


def _by_maker(document: Document) -> Attribution:
    kind, name = _parted(document["made_by"])
    return Attribution(kind, name, cause=document["order"])


def _by_case(case: Document) -> Attribution:
    actor = case["actor"]
    return Attribution(actor["kind"], actor["id"], case["detail"], cause=case["cause"])


def _by_account(account: Document) -> Attribution:
    """Whoever closed it said why; nothing changes it after that."""
    closed = account.get("closed") or {}
    made = _by_modifier(account)
    return replace(made, reason=closed.get("reason"), request_id=closed.get("request_id"))


def _by_modifier(document: Document) -> Attribution:
    return Attribution(*_parted(document["modified_by"]))


def _is_inbound(message: Document) -> bool:
    """What a network sent is inserted by the gateway; what goes out, beside the step of the order that sends it."""
    return bool(message["direction"] == "in")


def _parted(text: str) -> tuple[str, str]:
    kind, colon, name = text.partition(":")
    if not colon:
        raise ValueError(f"{text!r} names no kind of actor")
    return kind, name


_PARTY = _Rule(_by_change_fields, created_alone=True, updated=_next_version)

_RULES: dict[str, _Rule] = {
    "customers": _PARTY,
    "aliases": _PARTY,
    "payees": _PARTY,
    "schedules": _PARTY,
    "payee_stats": _Rule(_by_modifier, created_alone=False, updated=_next_version_by_transaction),
    "blocked_parties": _PARTY,
    "orders": _Rule(_by_last_step, created_alone=True, updated=_order_moved),
    "commands": _Rule(_by_actor, created_alone=True, updated=_never),
    "outcomes": _Rule(_by_maker, created_alone=False, updated=_never),
    "rail_messages": _Rule(_by_maker, created_alone=_is_inbound, updated=_never),
    "cases": _Rule(_by_case, created_alone=False, updated=_next_version),
    "rail_receipts": _Rule(_by_maker, created_alone=True, updated=_never),
    # An account without money is opened by one insert; everything after that is a transaction.
    "accounts": _Rule(_by_account, created_alone=True, updated=_next_version_by_transaction),
    "entries": _Rule(_by_maker, created_alone=False, updated=_never),
    "limit_usage": _Rule(_by_modifier, created_alone=False, updated=_next_version_by_transaction),
    "access_log": _Rule(_by_subject, created_alone=True, updated=_never),
}
COLLECTIONS = frozenset(_RULES)
