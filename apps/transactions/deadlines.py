"""Deadlines of orders that have come: each is asked of its order by one clock command, whoever finds it and how often.

Safe to repeat: nothing is taken off a list. An order stays due until the step that answers its deadline is made, which
is the system of record's doing, and a command's id derives from the order, its version and the deadline's event. So a
process that dies here is followed by one that finds the same orders, and asks nothing twice. What is remembered from
pass to pass only saves asking again; losing it costs inserts that find their document there already.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from apps.kernel.clock import Clock
from apps.kernel.failpoint import failpoint
from apps.kernel.ids import derived_id
from apps.transactions.domain.lifecycle import Driver
from dpms_site.mongodb import Document

BATCH = 500
CLOCK_COMMAND = "clock"
# Asked again after a refusal that the flow's own clock was behind: 2 s, 4 s, 8 s, … later, and then every hour.
PAUSE_SECONDS_MAX = 3600

DUE_INDEX = "due"

_DUPLICATE_KEY = 11000


@dataclass(frozen=True)
class Deadline:
    """What an order waits for at one version; `event` is what the clock asks of it."""

    order: str
    version: int
    event: str
    kind: str = field(compare=False)
    route: Document = field(compare=False)

    def command_id(self, attempt: int) -> str:
        """Of the first attempt without a number, so that whoever asks first asks the same."""
        again = [str(attempt)] if attempt > 1 else []
        return derived_id("cmd", "clock", self.order, str(self.version), self.event, *again)


def due_by(now: datetime) -> Document:
    """The filter of the orders that are due. Their index holds dates only, and MongoDB uses it where the question says
    as much; otherwise each look would read every order there is."""
    return {"due_at": {"$type": "date", "$lte": now}}


class Deadlines:
    """Asks what is due; one that is leader at a time, and more of them do no harm."""

    def __init__(
        self, database: Callable[[], Database[Document]], *, clock: Clock, holder: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._holder = holder
        self._asked: dict[Deadline, int] = {}  # the last attempt of each that is still due

    def ask(self) -> int:
        """One pass over all that is due by now; how many commands it inserted."""
        now = self._clock()
        asked: dict[Deadline, int] = {}
        inserted = 0
        for deadlines in self._due(now):
            attempts = self._attempts(deadlines, now)
            inserted += self._insert(
                {each: n for each, n in attempts.items() if self._asked.get(each) != n}, now
            )
            asked |= attempts
        self._asked = asked
        return inserted

    def _due(self, now: datetime) -> Iterator[list[Deadline]]:
        """Oldest first, in batches. Whole, because orders that were asked before stay at its head for a moment."""
        fields = {"kind": 1, "version": 1, "due_event": 1, "route": 1}
        orders = self._database()["orders"]
        found = orders.find(due_by(now), fields, batch_size=BATCH).hint(DUE_INDEX)
        batch: list[Deadline] = []
        for order in found.sort("due_at", ASCENDING):
            batch.append(
                Deadline(
                    order["_id"],
                    order["version"],
                    str(order["due_event"]),
                    order["kind"],
                    order["route"],
                )
            )
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _attempts(self, deadlines: Sequence[Deadline], now: datetime) -> dict[Deadline, int]:
        """Which attempt each is at: the next one when the flow's clock refused the last one long enough ago."""
        attempts = {each: self._asked.get(each, 1) for each in deadlines}
        by_command = {
            each.command_id(attempts[each]): each for each in deadlines if each in self._asked
        }
        if by_command:
            refused = {"_id": {"$in": list(by_command)}, "state": "REFUSED", "reason": "not_due"}
            for outcome in self._database()["outcomes"].find(refused, {"at": 1}):
                deadline = by_command[outcome["_id"]]
                if now >= outcome["at"] + _pause(attempts[deadline]):
                    attempts[deadline] += 1
        return attempts

    def _insert(self, attempts: dict[Deadline, int], now: datetime) -> int:
        if not attempts:
            return 0
        documents = [self._command(each, attempt, now) for each, attempt in attempts.items()]
        failpoint("deadline.before_insert")
        try:
            self._database()["commands"].insert_many(documents, ordered=False)
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if error.details["writeConcernErrors"] or any(
                failure["code"] != _DUPLICATE_KEY for failure in failures
            ):
                raise
            return len(documents) - len(failures)
        failpoint("deadline.after_insert")
        return len(documents)

    def _command(self, deadline: Deadline, attempt: int, now: datetime) -> Document:
        return {
            "_id": deadline.command_id(attempt),
            "type": CLOCK_COMMAND,
            "kind": deadline.kind,
            "due_event": deadline.event,
            "order": deadline.order,
            "actor": {"kind": Driver.CLOCK.value, "id": self._holder},
            "reason": deadline.event,
            "client": None,
            "request_id": None,
            "created_at": now,
            "route": deadline.route,
        }


def _pause(attempt: int) -> timedelta:
    return timedelta(seconds=min(2.0**attempt, PAUSE_SECONDS_MAX))
