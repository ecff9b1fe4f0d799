"""What a decision leaves beside orders and entries, as stored: outcomes, cases, dead letters; pure."""

from datetime import datetime

from apps.transactions.domain.cases import CaseOpened
from apps.transactions.domain.order import AnyOrder
from apps.transactions.domain.results import Refused
from streaming.sor.element import DeadElement, Element, dump, element_id
from streaming.sor.surroundings import Document


def outcome_of(
    command: Document,
    refusal: Refused | None,
    *,
    order_version: int | None,
    by: str,
    now: datetime,
) -> Document:
    return {
        "_id": command["_id"],
        "order": command["order"],
        "state": "REFUSED" if refusal else "APPLIED",
        "reason": refusal.reason if refusal else None,
        "detail": refusal.detail if refusal else None,
        "order_version": order_version,
        "at": now,
        "made_by": by,
    }


def case_of(case: CaseOpened, order: AnyOrder, *, by: str) -> Document:
    return {
        "_id": case.id,
        "kind": case.kind,
        "order": case.order,
        "cause": case.cause,
        "actor": dict(case.actor),
        "detail": case.detail,
        "state": "OPEN",
        "opened_at": case.opened_at,
        "due_at": case.due_at,
        "latest_at": case.latest_at,
        "route": dict(order["route"]),
        "version": 1,
        "made_by": by,
    }


def letter_of(element: Element, *, flow: str, reason: str, detail: str, now: datetime) -> Document:
    """Its id is the element's place in a topic, or the flow and what the element is about."""
    letter: Document = {
        "_id": f"{flow}:{element_id(element)}",
        "flow": flow,
        "topic": None,
        "partition": None,
        "offset": None,
        "key": None,
        "value": dump(element),
        "reason": reason,
        "detail": detail,
        "at": now,
    }
    if isinstance(element, DeadElement):
        letter |= {"_id": element.id, "key": element.key, "value": element.value}
        if element.element is None:
            letter |= {"topic": element.topic, "partition": element.partition}
            letter |= {"offset": element.offset}
    return letter
