"""The life of a customer as one table: statuses, and the only moves between them.

Services, API, tests and the docs page read this table; nothing else knows what may follow what.
"""

from dataclasses import dataclass
from enum import StrEnum

from apps.kernel.errors import Conflict


class Event(StrEnum):
    """What moves a customer from one status to another."""

    ACTIVATE = "activate"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    UNENROL = "unenrol"
    KEEP = "keep"
    LEAVE = "leave"


@dataclass(frozen=True)
class Status:
    """One status. Only where `pays` is true are orders taken from, and paid to, the customer."""

    name: str
    words: str
    pays: bool = False
    changes: bool = True
    final: bool = False


STATUSES = {
    status.name: status
    for status in (
        Status("PENDING", "Enrolled. Something is still missing: `awaits` names it."),
        Status("ACTIVE", "May send money and be paid.", pays=True),
        Status("SUSPENDED", "Neither sends nor is paid until reinstated."),
        Status(
            "UNENROLLING",
            "New orders are refused while orders under way are counted.",
            changes=False,
        ),
        Status(
            "UNENROLLED",
            "Left. Aliases are released, history stays.",
            changes=False,
            final=True,
        ),
    )
}


@dataclass(frozen=True)
class Move:
    """One allowed step. `keep` has one row for each status that un-enrolment may have begun in."""

    source: str
    event: Event
    target: str
    words: str


MOVES = (
    Move("PENDING", Event.ACTIVATE, "ACTIVE", "Nothing is missing any more."),
    Move("ACTIVE", Event.SUSPEND, "SUSPENDED", "Asked by the bank, or dormant."),
    Move("SUSPENDED", Event.REINSTATE, "ACTIVE", "Asked by the bank."),
    Move("PENDING", Event.UNENROL, "UNENROLLING", "Un-enrolment begins."),
    Move("ACTIVE", Event.UNENROL, "UNENROLLING", "Un-enrolment begins."),
    Move("SUSPENDED", Event.UNENROL, "UNENROLLING", "Un-enrolment begins."),
    Move("UNENROLLING", Event.KEEP, "PENDING", "Orders are under way: back to where it began."),
    Move("UNENROLLING", Event.KEEP, "ACTIVE", "Orders are under way: back to where it began."),
    Move("UNENROLLING", Event.KEEP, "SUSPENDED", "Orders are under way: back to where it began."),
    Move("UNENROLLING", Event.LEAVE, "UNENROLLED", "No order is under way."),
)


def after(status: str, event: Event, *, began_in: str | None = None) -> str:
    """The status that `event` leads to. `began_in`: where un-enrolment began, which `keep` leads back to.

    Raises Conflict (`customer_status_refuses`).
    """
    for move in MOVES:
        if (move.source, move.event) == (status, event) and (
            event is not Event.KEEP or move.target == began_in
        ):
            return move.target
    sources = ", ".join(dict.fromkeys(move.source for move in MOVES if move.event is event))
    detail = f"The customer is {status}; {event.value} is taken in {sources}."
    raise Conflict("customer_status_refuses", detail)


def unenrolment_ends(*, orders_under_way: int) -> Event:
    """How un-enrolment ends once the orders under way are counted."""
    return Event.KEEP if orders_under_way else Event.LEAVE


def check_may_change(status: str) -> None:
    """Whether data and preferences may be changed. Raises Conflict (`customer_status_refuses`)."""
    if not STATUSES[status].changes:
        detail = f"The customer is {status}; nothing is changed any more."
        raise Conflict("customer_status_refuses", detail)


def check_pays(status: str) -> None:
    """Whether the customer may enrol aliases and products. Raises Conflict (`customer_not_active`)."""
    if not STATUSES[status].pays:
        raise Conflict("customer_not_active", f"The customer is {status}.")
