"""A simulated network without its server, and what a bank asks of it."""

from pathlib import Path
from typing import Any

from apps.rails.domain.messages import (
    CreditTransfer,
    Message,
    RecallRequest,
    StatusReport,
    StatusRequest,
)
from apps.rails.iso20022.codec import from_xml, original_of, to_xml
from apps.rails.iso20022.refused import RefusedXml
from apps.rails.serving import Request, Response
from apps.rails.simulators.control import Control
from apps.rails.simulators.doors import Doors
from apps.rails.simulators.far_side import DAY_SECONDS, FAR_SIDES
from apps.rails.simulators.network import SimulatedNetwork
from apps.rails.simulators.store import Store, text_of
from tests.support.rails import NOW, OURS, THEIRS


class Played:
    """What is asked of a network, and what it has put into its outbox by now."""

    def __init__(self, name: str, path: Path, *, day_seconds: int = DAY_SECONDS) -> None:
        self.store = Store(path)
        self.network = SimulatedNetwork(FAR_SIDES[name], self.store, day_seconds=day_seconds)
        self.doors = Doors(self.network, Control(self.network, our_bank=OURS))

    def ask(self, method: str, path: str, content: bytes = b"") -> Response:
        return self.doors.handle(Request(method, tuple(path.strip("/").split("/")), content))

    def takes(self, message: Message) -> int:
        return self.ask("POST", "messages", to_xml(message).encode()).status

    def said(self) -> list[Any]:
        """Messages that are due, in order; None for one that is no message."""
        found = self.store.all(
            "SELECT body FROM outbox WHERE due_at <= ? ORDER BY due_at, id",
            text_of(self.store.now()),
        )
        return [_read(row["body"]) for row in found]

    def statuses(self) -> list[tuple[str, str | None]]:
        return [
            (each.status, each.reason) for each in self.said() if isinstance(each, StatusReport)
        ]

    def instruction(self, number: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", "sandbox/instructions").content
        row: dict[str, Any] = found["instructions"][number]
        return row


def _read(body: str) -> Message | None:
    try:
        return from_xml(body.encode())
    except RefusedXml:
        return None


def asks_status(of: CreditTransfer) -> StatusRequest:
    return StatusRequest(f"ask{of.message_id}", NOW, original_of(of))


def a_recall(of: CreditTransfer) -> RecallRequest:
    return RecallRequest("rec1", NOW, OURS, THEIRS, "case1", original_of(of), of.amount, "FRAD")
