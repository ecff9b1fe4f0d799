"""The clock: finds what is due by platform time and asks for it, one leader at a time.

It decides nothing: an order's own rules look at the time again when they carry out what it asked. It looks twice a
second, so a sandbox's clock that was moved needs no other way to wake it.
"""

import os
import socket
import threading
from collections.abc import Callable, Sequence

import structlog
from pymongo.database import Database
from pymongo.errors import PyMongoError

from dpms_site.lease import CLOCK, Lease
from dpms_site.mongodb import Document

log = structlog.get_logger(__name__)

TICK_SECONDS = 0.5
BACKOFF_SECONDS_MAX = 2.0

# One look for what is due; answers how much it asked for.
Task = Callable[[], int]


def holder() -> str:
    """How this process is named in its lease and in what it asks for."""
    return f"{socket.gethostname()}:{os.getpid()}"


class ClockProcess:
    """Does its tasks again and again while it holds the lease. A failure ends a pass; the next one begins anew."""

    def __init__(self, *, database: Database[Document], tasks: Sequence[Task]) -> None:
        self._lease = Lease(database["leases"], name=CLOCK, holder=holder())
        self._tasks = tasks
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            pause_seconds = TICK_SECONDS
            try:
                if self._lease.hold():
                    self._pass()
                failures = 0
            except Exception as error:
                # Whatever it was, payments must not wait for a person to start the clock again.
                failures += 1
                pause_seconds = min(0.1 * 2**failures, BACKOFF_SECONDS_MAX)
                log.warning("clock_interrupted", error=repr(error), failures=failures)
            self._stopping.wait(pause_seconds)
        self._release()

    def _pass(self) -> None:
        """Each task once. One that fails keeps no other from its turn."""
        failed: Exception | None = None
        for task in self._tasks:
            try:
                asked = task()
            except Exception as error:
                failed = error
                continue
            if asked:
                log.info("asked", what=task.__qualname__, count=asked)
        if failed is not None:
            raise failed

    def _release(self) -> None:
        try:
            self._lease.release()
        except PyMongoError as error:
            # It runs out by itself.
            log.warning("lease_not_released", error=repr(error))
