"""Bank staff, the clock and the resolver: what they ask of orders that wait for them."""

from typing import TYPE_CHECKING

from apps.kernel.ids import derived_id
from apps.transactions.deadlines import CLOCK_COMMAND, Deadline
from tests.histories.bank import SERVED, alias_key, directory_entry
from tests.histories.store import Document

if TYPE_CHECKING:
    from tests.histories.history import History


class Staff:
    """They know what networks did with a payment, once it was brought there."""

    def __init__(self, history: "History") -> None:
        self.history = history
        self._attempts: dict[Deadline, int] = {}

    def decide(self, order: Document) -> str | None:
        """What they ask of the order; None when it waits for no person."""
        rng = self.history.rng
        match order["kind"], order["status"]:
            case "send", "HELD":
                command = rng.choice(("release", "release", "release", "reject", "block"))
            case "send", "INVESTIGATE":
                command = self._learned(order)
            case "receive", "ACCEPTED_NOT_POSTED" | "PENDING":
                command = rng.choice(("release", "release", "return", "block"))
            case "return", "RETURN_REVIEW":
                command = rng.choice(("return", "return", "refuse"))
            case _:
                return None
        kind = "operator" if command == "enquire" else "compliance"
        return self.history.ask(order, command, kind)

    def _learned(self, order: Document) -> str:
        row = self.history.row_of(order)
        if row is None or (order["due_at"] and self.history.rng.random() < 0.5):
            return "enquire"
        return "confirm_paid" if row.taken_minor else "confirm_unpaid"

    def recall(self, order: Document) -> str:
        return self.history.ask(order, "recall", "operator")

    def ask_due(self) -> int:
        """The clock: one command for each deadline that has come, again after a refusal."""
        store, now, asked = self.history.store, self.history.now, 0
        for order in list(store.orders.values()):
            if order["due_at"] is None or order["due_at"] > now:
                continue
            deadline = Deadline(
                order["_id"],
                order["version"],
                order["due_event"],
                kind=order["kind"],
                route=order["route"],
            )
            asked += self._ask_of(deadline)
        return asked

    def _ask_of(self, deadline: Deadline) -> bool:
        store = self.history.store
        attempt = self._attempts.get(deadline, 1)
        outcome = store.outcomes.get(deadline.command_id(attempt))
        if outcome is not None:
            attempt += 1
        self._attempts[deadline] = attempt
        return store.insert(
            "commands",
            {
                "_id": deadline.command_id(attempt),
                "type": CLOCK_COMMAND,
                "kind": deadline.kind,
                "due_event": deadline.event,
                "order": deadline.order,
                "actor": {"kind": "clock", "id": "clock"},
                "reason": deadline.event,
                "client": None,
                "request_id": None,
                "created_at": self.history.now,
                "route": deadline.route,
            },
        )

    def resolve(self) -> int:
        """The directory is asked about aliases that payments wait for."""
        store, asked = self.history.store, 0
        key = alias_key(SERVED)
        for order in list(store.orders.values()):
            if order["status"] != "AWAITING_CLAIM" or order["alias_key"] != key:
                continue
            store.insert("directory_entries", directory_entry(SERVED))
            asked += store.insert(
                "commands",
                {
                    "_id": derived_id("cmd", "resolved", order["_id"], str(order["version"])),
                    "type": "resolved",
                    "kind": "send",
                    "order": order["_id"],
                    "actor": {"kind": "network", "id": "zelle"},
                    "reason": "the alias is served at another bank",
                    "client": None,
                    "request_id": None,
                    "created_at": self.history.now,
                    "route": order["route"],
                },
            )
        return asked
