"""What one event makes of an order: a change and all that goes with it, a refusal, or nothing."""

from dataclasses import dataclass, field
from typing import Generic

from apps.ledger.domain.entry import Entry
from apps.transactions.domain.cases import CaseOpened
from apps.transactions.domain.limits import UsageChange
from apps.transactions.domain.order import AnyOrder, Kind
from apps.transactions.domain.outgoing import Outgoing


@dataclass(frozen=True)
class Change(Generic[Kind]):
    """The order after its steps, and all that must be written with it in one transaction.

    A final order may cause orders and cases and take no step itself: then `order` is what it was, at its old version.
    What is caused has derived ids, so the same once more is the same document.
    """

    order: Kind
    entries: list[Entry] = field(default_factory=list)
    usage: list[UsageChange] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)
    caused: list[AnyOrder] = field(default_factory=list)
    cases: list[CaseOpened] = field(default_factory=list)


@dataclass(frozen=True)
class Refused:
    """The order stays as it is. `reason` is a stable code, `detail` a sentence for the one who asked."""

    reason: str
    detail: str


@dataclass(frozen=True)
class Skipped:
    """Nothing to do: the cause was applied before, or the order has moved on."""

    why: str
