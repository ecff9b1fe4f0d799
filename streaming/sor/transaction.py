"""The one MongoDB transaction that makes a batch final: the exactly-once boundary of the platform.

The steps are those of the architecture, section 3. Everything before this may repeat and nothing
may skip; what makes a repetition safe is that a cause that stands in an order's history, or a
command that has an outcome, is skipped (step 2), that each order is written by compare-and-set on
its version, and that entries and outcomes have ids derived from their cause (step 4).
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
)
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from apps.kernel.failpoint import failpoint
from apps.parties.domain.payee_limits import POLICIES
from apps.transactions.domain.limits import Limits
from apps.transactions.domain.order import Actor
from streaming.config import Config
from streaming.patience import Patience
from streaming.sor.element import (
    AliasElement,
    DeadElement,
    Element,
    OrderElement,
    WaitingElement,
    dump,
    element_id,
)
from streaming.sor.plan import Plan, Planner
from streaming.sor.reading import read
from streaming.sor.surroundings import WAITING_PER_ALIAS, Documents, waiting_for
from streaming.sor.write import VersionConflict, write

log = logging.getLogger("dpms.sor")

BATCH_MAX = 256
CONFLICTS_MAX = 3
# A batch works for at most 5 s; while MongoDB itself is away it waits longer, but well below half
# of the 60 s that a checkpoint may take.
DEADLINE_SECONDS = 5.0
OUTAGE_SECONDS = 25.0

_DUPLICATE_KEY = 11000


class SorUnavailable(RuntimeError):
    """MongoDB stayed away too long: the job fails, restarts and gets the same elements again."""


class _Conflict(Exception):
    """Somebody else changed what this batch read; it reads and decides again."""


class _Duplicate(_Conflict):
    """What this batch inserts exists already. When reading again does not help, it is damage, not a race."""


class _Defective(Exception):
    """MongoDB refuses what the batch wants to write, and will again: one of its elements is the culprit."""


@dataclass(frozen=True)
class _Settled:
    """What a batch that is final leaves behind: its dead letters, and elements that it is to be followed by."""

    dead_letters: list[dict[str, Any]]
    further: list[Element]

    def __add__(self, other: "_Settled") -> "_Settled":
        return _Settled(self.dead_letters + other.dead_letters, self.further + other.further)


class SystemOfRecord:
    """Makes batches of elements final. One per task; not shared between threads."""

    def __init__(
        self,
        *,
        client: MongoClient[dict[str, Any]],
        database: str,
        flow: str,
        actor: Actor,
        limits: Limits,
        clock: Callable[[], datetime],
        bank: str = Config.bank_routing_number,
        profile: str = "sandbox",
        patience: Patience | None = None,
    ) -> None:
        self._client = client
        self._db: Documents = client[database]
        self._flow = flow
        self._actor = actor
        self._limits = limits
        self._clock = clock
        self._bank = bank
        self._profile = profile
        self._patience = patience or Patience()

    def settle(self, elements: Sequence[Element]) -> list[dict[str, Any]]:
        """Makes `elements` final and returns the dead letters among them.

        Safe to repeat with the same elements, in any order and mix. Raises SorUnavailable when MongoDB stays away.
        """
        dead: list[dict[str, Any]] = []
        waiting = list(elements)
        while waiting:
            settled = self._settle_or_bisect(waiting[:BATCH_MAX])
            dead += settled.dead_letters
            waiting = waiting[BATCH_MAX:] + settled.further
        return dead

    def _settle_or_bisect(self, batch: Sequence[Element]) -> "_Settled":
        try:
            return self._settle_with_retries(batch)
        except (_Conflict, _Defective) as error:
            if len(batch) > 1:
                middle = len(batch) // 2
                first = self._settle_or_bisect(batch[:middle])
                return first + self._settle_or_bisect(batch[middle:])
            if isinstance(error, _Conflict) and not isinstance(error, _Duplicate):
                raise SorUnavailable(f"{element_id(batch[0])} conflicts for ever") from error
            return self._settle_apart_or_bury(batch[0], str(error))

    def _settle_apart_or_bury(self, element: Element, detail: str) -> "_Settled":
        """An alias brings many orders: each is tried for itself, so that one does not keep the others waiting."""
        if isinstance(element, AliasElement):
            found = self._db.orders.find(waiting_for(element), {"_id": 1}).sort("_id")
            ids = [order["_id"] for order in found.limit(WAITING_PER_ALIAS)]
            if ids:
                orders = [WaitingElement(order_id) for order_id in ids]
                return _Settled([], [*orders, AliasElement(element.key, after=ids[-1])])
        log.error("%s buries %s: %s", self._flow, element_id(element), detail)
        return self._bury(element, detail)

    def _bury(self, element: Element, detail: str) -> "_Settled":
        """A dead letter for the culprit; its order, if it is one and can be written at all, is held for a person."""
        letter = self._letter(element, detail)
        if isinstance(element, OrderElement):
            held = OrderElement(element.id, (("NARR", f"could not be written: {detail}"[:300]),))
            try:
                return self._settle_with_retries([held, letter])
            except (_Defective, _Duplicate):
                log.exception("%s cannot even hold %s", self._flow, element.id)
        return self._settle_with_retries([letter])

    def _settle_with_retries(self, batch: Sequence[Element]) -> "_Settled":
        conflicts = 0
        started = self._patience.monotonic()
        while True:
            try:
                return self._attempt(batch, started)
            except _Conflict as error:
                conflicts += 1
                hopeless = len(batch) > 1 or isinstance(error, _Duplicate)
                is_late = self._patience.is_over(started, DEADLINE_SECONDS)
                if is_late or (hopeless and conflicts >= CONFLICTS_MAX):
                    raise
                spread = self._patience.uniform(0.001, 0.01)
                self._patience.sleep(spread * 2 ** min(conflicts, 6))
            except ConnectionFailure as error:
                if self._patience.is_over(started, OUTAGE_SECONDS):
                    raise SorUnavailable(str(error)) from error
                log.warning("%s waits for MongoDB: %s", self._flow, type(error).__name__)
                self._patience.sleep(0.2)

    def _attempt(self, batch: Sequence[Element], started: float) -> "_Settled":
        failpoint("settle.before_begin")
        with self._client.start_session() as session:
            # 1. Begin: snapshot reads, majority and journaled writes.
            session.start_transaction(
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern("majority", j=True),
                read_preference=ReadPreference.PRIMARY,
            )
            try:
                plan = self._read_decide_write(session, batch)
            except Exception as error:
                # Documents that can't even be read or encoded raise anything; one must not stop the others for ever.
                _abort(session)
                raise _classified(error) from error
            # 5. Commit.
            if plan.is_empty():
                failpoint("settle.before_abort")
                _abort(session)
                failpoint("settle.after_abort")
            else:
                self._commit(session, started)
            return _Settled(plan.dead_letters, plan.further)

    def _letter(self, element: Element, detail: str) -> DeadElement:
        return DeadElement(
            topic="",
            partition=0,
            offset=0,
            key=None,
            value=dump(element),
            reason="unwritable",
            detail=detail,
            element=f"{self._flow}:{element_id(element)}",
        )

    def _read_decide_write(self, session: ClientSession, batch: Sequence[Element]) -> Plan:
        failpoint("settle.before_read")
        found = read(  # 2.
            self._db,
            session,
            batch,
            self._clock(),
            limits=self._limits,
            profile=self._profile,
        )
        failpoint("settle.after_read")
        planner = Planner(
            flow=self._flow,
            actor=self._actor,
            limits=self._limits,
            found=found,
            log=log,
            bank=self._bank,
            policy=POLICIES[self._profile],
            profile=self._profile,
        )
        plan = planner.decide(batch)  # 3.
        failpoint("settle.before_write")
        write(self._db, session, plan, found)  # 4.
        return plan

    def _commit(self, session: ClientSession, started: float) -> None:
        """Commits; an unknown result is asked again. What stays unknown is re-read by the caller's next attempt."""
        while True:
            failpoint("settle.before_commit")
            try:
                session.commit_transaction()
            except PyMongoError as error:
                if not error.has_error_label("UnknownTransactionCommitResult"):
                    raise _classified(error) from error
                if self._patience.is_over(started, OUTAGE_SECONDS):
                    raise SorUnavailable(f"commit of unknown result: {error}") from error
                log.warning("commit of unknown result, asked again: %s", type(error).__name__)
                self._patience.sleep(0.05)
            else:
                failpoint("settle.after_commit")
                return


def _abort(session: ClientSession) -> None:
    try:
        session.abort_transaction()
    except PyMongoError as error:
        log.info("abort not acknowledged, MongoDB drops the transaction itself: %s", error)


def _classified(error: Exception) -> Exception:
    """Whether to try again (conflict), to wait (connection), or to look for a culprit (everything else)."""
    if isinstance(error, VersionConflict):
        return _Conflict(str(error))
    if isinstance(error, AutoReconnect | ConnectionFailure):
        return error
    if isinstance(error, PyMongoError) and error.has_error_label("TransientTransactionError"):
        return _Conflict(str(error))
    if isinstance(error, DuplicateKeyError) or _is_duplicate_key(error):
        return _Duplicate(str(error)[:500])
    if isinstance(error, OperationFailure):
        return _Defective(f"MongoDB error {error.code}: {error}"[:500])
    return _Defective(f"{type(error).__name__}: {error}"[:500])


def _is_duplicate_key(error: Exception) -> bool:
    if not isinstance(error, BulkWriteError):
        return False
    errors = (error.details or {}).get("writeErrors", [])
    return bool(errors) and all(item.get("code") == _DUPLICATE_KEY for item in errors)
