"""Orders that wait for an alias that is nobody's here: a directory is asked, and where it knows a bank, they go.

Safe to repeat: of two answers about an alias the later stands, and a command's id derives from the order and its
version, so that an order is told once of what it waits for. What was asked when only saves asking again.
"""

import heapq
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import structlog
from pymongo.database import Database
from pymongo.errors import BulkWriteError, PyMongoError

from apps.kernel.clock import Clock
from apps.kernel.failpoint import failpoint
from apps.kernel.ids import derived_id
from apps.parties.domain.directory import NetworkAnswer, listed
from apps.rails.gateway.letters import DURABLE
from apps.rails.networks.adapter import Adapter, Served, Unreachable
from apps.transactions.domain.lifecycle import Driver

log = structlog.get_logger(__name__)

Document = dict[str, Any]
COMMAND = "resolved"
ROUND_SECONDS = 2.0
# So that a directory is asked a hundred times a second at most, and about one alias once a minute.
ALIASES_MAX = 200
ASKED_AGAIN_AFTER = timedelta(seconds=60)

_BATCH = 500
_DUPLICATE_KEY = 11000
_WAITING = {"status": "AWAITING_CLAIM"}


class Resolver:
    """Asks one network's directory in a thread of its own, from `start` to `stop`; two of them do no harm."""

    def __init__(
        self,
        database: Database[Document],
        adapter: Adapter,
        *,
        our_bank: str,
        clock: Clock,
    ) -> None:
        self._database = database
        self._entries = database.get_collection("directory_entries", write_concern=DURABLE)
        self._commands = database.get_collection("commands", write_concern=DURABLE)
        self._adapter = adapter
        self._network = adapter.network.name
        self._our_bank = our_bank
        self._clock = clock
        self._asked: dict[str, datetime] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"resolver {self._network}")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the question that is on its way has its answer."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(ROUND_SECONDS):
            try:
                self.resolve()
            except (Unreachable, PyMongoError) as error:
                log.warning("aliases_not_resolved", network=self._network, error=str(error))
            except Exception:
                log.exception("aliases_not_resolved", network=self._network)  # a defect; go on
        self._adapter.close()

    def resolve(self) -> None:
        """One round: the aliases that were not asked about lately, longest ago first. Raises Unreachable, PyMongoError.

        An alias counts as asked before its answer is there: one that the network can't digest holds up no other.
        """
        now = self._clock()
        for key in self._due(now):
            if self._stopping.is_set():
                return
            self._asked[key] = now
            served = self._adapter.look_up(key)
            if served is not None and served.bank != self._our_bank:
                self._goes_elsewhere(key, served)

    def _due(self, now: datetime) -> list[str]:
        waiting = set(self._waited_for())
        self._asked = {key: at for key, at in self._asked.items() if key in waiting}
        lately = {key for key, at in self._asked.items() if now < at + ASKED_AGAIN_AFTER}
        never = datetime.min.replace(tzinfo=now.tzinfo)
        due = heapq.nsmallest(
            ALIASES_MAX, waiting - lately, key=lambda key: (self._asked.get(key, never), key)
        )
        ours = self._database.aliases.find({"key": {"$in": due}, "status": "ACTIVE"}, {"key": 1})
        known_here = {alias["key"] for alias in ours}
        return [key for key in due if key not in known_here]

    def _waited_for(self) -> Iterator[str]:
        """Each alias once, from the index of the orders that wait."""
        wanted: list[Document] = [
            {"$match": _WAITING | {"alias_key": {"$gt": ""}}},
            {"$group": {"_id": "$alias_key"}},
        ]
        for row in self._database.orders.aggregate(wanted, hint="waiting_for_alias"):
            yield row["_id"]

    def _goes_elsewhere(self, key: str, served: Served) -> None:
        """The answer first, so that it is there when the flow decides about the orders."""
        now = self._clock()
        answer = NetworkAnswer(served.bank, served.bank_name)
        entry = {"alias_key": key, **asdict(listed(self._network, answer, at=now))}
        del entry["account"]
        failpoint("resolve.before_keep")
        self._entries.replace_one({"_id": f"{self._network}:{key}"}, entry, upsert=True)
        failpoint("resolve.after_keep")
        orders = self._database.orders.find(
            _WAITING | {"alias_key": key}, {"version": 1, "route": 1}
        )
        commands: list[Document] = []
        for order in orders:
            commands.append(self._command(order, now))
            if len(commands) == _BATCH:
                self._insert(commands)
                commands = []
        self._insert(commands)
        failpoint("resolve.after_insert")

    def _insert(self, commands: list[Document]) -> None:
        if not commands:
            return
        try:
            self._commands.insert_many(commands, ordered=False)
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if error.details["writeConcernErrors"] or any(
                failure["code"] != _DUPLICATE_KEY for failure in failures
            ):
                raise
            commands = commands[len(failures) :]
        log.info("resolved", network=self._network, orders=len(commands))

    def _command(self, order: Document, now: datetime) -> Document:
        return {
            "_id": derived_id("cmd", COMMAND, order["_id"], str(order["version"])),
            "type": COMMAND,
            "kind": "send",
            "order": order["_id"],
            "actor": {"kind": Driver.NETWORK.value, "id": self._network},
            "reason": "the alias is served at another bank",
            "client": None,
            "request_id": None,
            "created_at": now,
            "route": order["route"],
        }
