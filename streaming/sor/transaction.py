"""The one MongoDB transaction that makes a batch final: the exactly-once boundary of the platform.

The steps are those of the architecture, section 3. Everything before this may repeat and nothing may skip; what makes a repetition safe
is that a cause that stands in an order's history, or a command that has an outcome, is skipped (step 2), that each order is written by
compare-and-set on its version, and that entries and outcomes have ids derived from their cause (step 4).
"""

import logging
import random
import time
from collections.abc import Callable, Sequence
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

from apps.transactions.domain.limits import Limits
from apps.transactions.domain.order import Actor
from streaming.sor.element import DeadElement, Element, OrderElement, dump, element_id
from streaming.sor.plan import Plan, Planner
from streaming.sor.surroundings import Documents, read
from streaming.sor.write import VersionConflict, write

log = logging.getLogger("dpms.sor")

BATCH_MAX = 256
CONFLICTS_MAX = 3
# A batch works for at most 5 s; while MongoDB itself is away it waits longer, but well below half of the 60 s that a checkpoint may take.
DEADLINE_SECONDS = 5.0
OUTAGE_SECONDS = 25.0

_DUPLICATE_KEY = 11000


class SorUnavailable(RuntimeError):
    """MongoDB stayed away too long: the job fails, restarts and gets the same elements again."""


class _Conflict(Exception):
    """Somebody else changed what this batch read; it reads and decides again."""


class _Defective(Exception):
    """MongoDB refuses what the batch wants to write, and will again: one of its elements is the culprit."""


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
    ) -> None:
        self._client = client
        self._db: Documents = client[database]
        self._flow = flow
        self._actor = actor
        self._limits = limits
        self._clock = clock

    def settle(self, elements: Sequence[Element]) -> list[dict[str, Any]]:
        """Makes `elements` final and returns the dead letters among them.

        Safe to repeat with the same elements, in any order and mix. Raises SorUnavailable when MongoDB stays away.
        """
        dead: list[dict[str, Any]] = []
        for start in range(0, len(elements), BATCH_MAX):
            dead += self._settle_or_bisect(elements[start : start + BATCH_MAX])
        return dead

    def _settle_or_bisect(self, batch: Sequence[Element]) -> list[dict[str, Any]]:
        try:
            return self._settle_with_retries(batch)
        except (_Conflict, _Defective) as error:
            if len(batch) > 1:
                middle = len(batch) // 2
                first = self._settle_or_bisect(batch[:middle])
                return first + self._settle_or_bisect(batch[middle:])
            if isinstance(error, _Conflict):
                raise SorUnavailable(f"{element_id(batch[0])} conflicts for ever") from error
            log.error("%s buries %s: %s", self._flow, element_id(batch[0]), error)
            return self._bury(batch[0], str(error))

    def _bury(self, element: Element, detail: str) -> list[dict[str, Any]]:
        """A dead letter for the culprit; its order, if it is one and can be written at all, is held for a person."""
        letter = _letter(element, detail)
        if isinstance(element, OrderElement):
            held = OrderElement(element.id, (("NARR", f"could not be written: {detail}"[:300]),))
            try:
                return self._settle_with_retries([held, letter])
            except _Defective:
                log.exception("%s cannot even hold %s", self._flow, element.id)
        return self._settle_with_retries([letter])

    def _settle_with_retries(self, batch: Sequence[Element]) -> list[dict[str, Any]]:
        conflicts = 0
        started = time.monotonic()
        while True:
            try:
                return self._attempt(batch, started)
            except _Conflict:
                conflicts += 1
                tired = conflicts >= CONFLICTS_MAX and len(batch) > 1
                if tired or time.monotonic() - started > DEADLINE_SECONDS:
                    raise
                time.sleep(random.uniform(0.001, 0.01) * 2 ** min(conflicts, 6))  # noqa: S311
            except ConnectionFailure as error:
                if time.monotonic() - started > OUTAGE_SECONDS:
                    raise SorUnavailable(str(error)) from error
                log.warning("%s waits for MongoDB: %s", self._flow, type(error).__name__)
                time.sleep(0.2)

    def _attempt(self, batch: Sequence[Element], started: float) -> list[dict[str, Any]]:
        with self._client.start_session() as session:
            # 1. Begin: snapshot reads, majority and journaled writes.
            session.start_transaction(
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern("majority", j=True),
                read_preference=ReadPreference.PRIMARY,
            )
            try:
                plan = self._read_decide_write(session, batch)
            except (PyMongoError, VersionConflict) as error:
                _abort(session)
                raise _classified(error) from error
            # 5. Commit.
            if plan.is_empty():
                _abort(session)
            else:
                _commit(session, started)
            return plan.dead_letters

    def _read_decide_write(self, session: ClientSession, batch: Sequence[Element]) -> Plan:
        found = read(self._db, session, batch, self._clock())  # 2.
        planner = Planner(
            flow=self._flow, actor=self._actor, limits=self._limits, found=found, log=log
        )
        plan = planner.decide(batch)  # 3.
        write(self._db, session, plan, found)  # 4.
        return plan


def _commit(session: ClientSession, started: float) -> None:
    """Commits; an unknown result is asked again. What stays unknown is re-read by the caller's next attempt."""
    while True:
        try:
            session.commit_transaction()
            return
        except PyMongoError as error:
            unknown = error.has_error_label("UnknownTransactionCommitResult")
            if unknown and time.monotonic() - started < OUTAGE_SECONDS:
                log.warning("commit of unknown result, asked again: %s", type(error).__name__)
                time.sleep(0.05)
                continue
            raise _classified(error) from error


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
        return _Conflict(str(error))
    if isinstance(error, OperationFailure):
        return _Defective(f"MongoDB error {error.code}: {error}"[:500])
    return _Defective(f"{type(error).__name__}: {error}"[:500])


def _is_duplicate_key(error: Exception) -> bool:
    if not isinstance(error, BulkWriteError):
        return False
    errors = (error.details or {}).get("writeErrors", [])
    return bool(errors) and all(item.get("code") == _DUPLICATE_KEY for item in errors)


def _letter(element: Element, detail: str) -> DeadElement:
    return DeadElement(
        topic="",
        partition=0,
        offset=0,
        key=None,
        value=dump(element),
        reason="unwritable",
        detail=detail,
        element=element_id(element),
    )
