"""What hangs together with an order, as its page shows it: the orders that it caused or came of, shares, cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.access.roles import Sight
from apps.console import masking
from apps.console.marks import Mark, mark_of, mark_of_case
from apps.console.rows import ShownRow, grouped, shown_row, stored_row
from apps.transactions.domain.request_order import children_of

Document = Mapping[str, Any]


@dataclass(frozen=True)
class LinkedOrder:
    """Another order, and what it is to this one."""

    relation: str
    row: ShownRow
    mark: Mark


@dataclass(frozen=True)
class ShownShare:
    """What one payer of a split is asked for; `row` is None until the payer was asked."""

    payer: str
    amount: str
    row: ShownRow | None
    mark: Mark | None


@dataclass(frozen=True)
class ShownCase:
    """A case about the order."""

    id: str
    kind: str
    mark: Mark
    detail: str
    opened_at: datetime
    due_at: datetime
    latest_at: datetime
    actor_kind: str
    actor_id: str
    cause: str


# By kind of the later order: what it is to the one that caused it, and what that one is to it.
_EFFECTS = {
    "send": "Payment sent",
    "receive": "Payment received",
    "request": "Share",
    "return": "Return",
}
_CAUSES = {
    "send": "The request it pays",
    "receive": "The request it pays",
    "request": "The split it is a share of",
    "return": "The payment it returns",
}


def links(
    order: Document, cause: Document | None, caused: Sequence[Document], sight: Sight
) -> list[LinkedOrder]:
    """The order that caused this one first, then those that it caused, without a split's shares."""
    found = [_linked(_CAUSES, order["kind"], cause, sight)] if cause is not None else []
    after = [each for each in caused if not (order.get("shares") and each["kind"] == "request")]
    return found + [_linked(_EFFECTS, each["kind"], each, sight) for each in after]


def shares(order: Document, caused: Sequence[Document], sight: Sight) -> list[ShownShare]:
    """A split's shares in the order in which they were asked for; of other orders none."""
    if not order.get("shares"):
        return []
    by_id = {each["_id"]: each for each in caused}
    asked: Any = order
    ids = [child["_id"] for child in children_of(asked, order["created_at"])]
    return [
        _share(order, share, by_id.get(child_id), sight)
        for share, child_id in zip(order["shares"], ids, strict=True)
    ]


def shown_case(case: Document) -> ShownCase:
    return ShownCase(
        id=case["_id"],
        kind=str(case["kind"]).replace("_", " ").capitalize(),
        mark=mark_of_case(case["state"]),
        detail=masking.text(case.get("detail"), Sight.MASKED),
        opened_at=case["opened_at"],
        due_at=case["due_at"],
        latest_at=case["latest_at"],
        actor_kind=case["actor"]["kind"],
        actor_id=case["actor"]["id"],
        cause=case["cause"],
    )


def _share(order: Document, share: Document, child: Document | None, sight: Sight) -> ShownShare:
    alias = str(share["alias_key"]).partition(":")[2]
    row = shown_row(stored_row(child), sight=sight) if child is not None else None
    return ShownShare(
        payer=masking.text(share["payer_name"], sight, alias),
        amount=grouped(share["amount_minor"], order["currency"]),
        row=row,
        mark=mark_of(child["status"]) if child is not None else None,
    )


def _linked(relations: Mapping[str, str], kind: str, other: Document, sight: Sight) -> LinkedOrder:
    row = shown_row(stored_row(other), sight=sight)
    return LinkedOrder(relations.get(kind, "Linked"), row, mark_of(other["status"]))
