"""Reads the whole ledger's balances again and again while money moves, each time in one snapshot."""

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any

from pymongo import MongoClient, ReadPreference
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from apps.kernel.clock import wall_clock
from apps.kernel.findings import Findings, Problem

Document = dict[str, Any]

# A moment that is wrong is wrong; after so many the rest is only counted.
MOMENTS_MAX = 1000
_AWAY_PAUSE_SECONDS = 0.1
_JOIN_SECONDS = 30.0

_AVAILABLE = {"$subtract": ["$posted_minor", "$held_minor"]}
_FORBIDDEN = {
    "$and": [
        {"$ne": ["$customer", None]},
        {"$or": [{"$lt": ["$held_minor", 0]}, {"$lt": [_AVAILABLE, 0]}]},
    ]
}
_SUMS = [
    {
        "$group": {
            "_id": "$currency",
            "posted": {"$sum": "$posted_minor"},
            "held": {"$sum": "$held_minor"},
            "below_zero": {"$push": {"$cond": [_FORBIDDEN, "$_id", "$$REMOVE"]}},
        }
    }
]


@dataclass(frozen=True)
class Moment:
    """A snapshot in which something did not hold; `at` is when it was read."""

    at: datetime
    problems: tuple[Problem, ...]


class LedgerWatch:
    """A thread with a client of its own that reads while the `with` block runs.

    Every read is one command with read concern "snapshot", so it sees all of a transaction or nothing. A lost
    connection is counted and the next read tries anew; it reads from a secondary while there is no primary. `stop`
    raises what ended the thread early, so that a watch that saw nothing is not taken for a ledger without a problem.
    """

    def __init__(self, uri: str, database: str, *, pause_seconds: float = 0.0) -> None:
        self.reads = 0
        self.lost = 0
        self.moments: list[Moment] = []
        self.wrong = 0
        # The longest time between two snapshots: what it could not have seen.
        self.blind_seconds_max = 0.0
        self._uri, self._database = uri, database
        self._pause_seconds = pause_seconds
        self._error: Exception | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="ledger-watch", daemon=True)

    def __enter__(self) -> "LedgerWatch":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the reading. Safe to repeat. Raises what ended it before."""
        self._ending.set()
        self._thread.join(_JOIN_SECONDS)
        if self._error is not None:
            raise self._error

    def findings(self) -> Findings:
        """Every problem of every wrong moment, and how much was read."""
        problems = [problem for moment in self.moments for problem in moment.problems]
        return Findings({"snapshots": self.reads, "lost connections": self.lost}, problems)

    def _watch(self) -> None:
        try:
            with _client(self._uri) as client:
                accounts = client[self._database].accounts.with_options(
                    read_concern=ReadConcern("snapshot"),
                    read_preference=ReadPreference.PRIMARY_PREFERRED,
                )
                self._read_on(accounts)
        except Exception as error:
            self._error = error

    def _read_on(self, accounts: Any) -> None:
        seen_at = time.monotonic()
        while not self._ending.is_set():
            try:
                sums = list(accounts.aggregate(_SUMS))
            except PyMongoError:
                self.lost += 1
                self._ending.wait(_AWAY_PAUSE_SECONDS)
                continue
            now = time.monotonic()
            self.blind_seconds_max = max(self.blind_seconds_max, now - seen_at)
            seen_at = now
            self._keep(sums)
            self.reads += 1
            if self._pause_seconds:
                self._ending.wait(self._pause_seconds)

    def _keep(self, sums: list[Document]) -> None:
        at = wall_clock()
        problems = tuple(problem for of_one in sums for problem in _problems(of_one, at))
        if problems:
            self.wrong += 1
            if len(self.moments) < MOMENTS_MAX:
                self.moments.append(Moment(at, problems))


def _client(uri: str) -> MongoClient[Document]:
    # A read that fails is not tried again behind the counter's back.
    return MongoClient(uri, timeoutMS=5000, retryReads=False, appname="dpms-watch")


def _problems(sums: Document, at: datetime) -> list[Problem]:
    when = at.isoformat(timespec="milliseconds")
    found = [
        Problem(
            f"{sums['_id']} {layer}", "sums_to_zero", f"{when}: all accounts have {sums[layer]}"
        )
        for layer in ("posted", "held")
        if sums[layer] != 0
    ]
    return found + [
        Problem(str(account), "not_below_zero", f"{when}: less than nothing is held or available")
        for account in sorted(sums["below_zero"], key=str)
    ]
