"""What is checked while a fault goes on, not only afterwards: the ledger in one snapshot after another."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apps.ledger.watch import LedgerWatch
from tests.support.stack import Stack
from tests.support.waiting import wait_until

DATABASE = "dpms"
# It shall look again and again and not be the load itself.
_PAUSE_SECONDS = 0.05
_FIRST_SECONDS = 30.0


@contextmanager
def ledger_watched(stack: Stack) -> Iterator[LedgerWatch]:
    """`verify_ledger --watch` as a thread, from before the fault until the end of the block. Raises AssertionError
    when a snapshot showed money made, lost or below nothing."""
    watch = LedgerWatch(stack.status()["mongodb"], DATABASE, pause_seconds=_PAUSE_SECONDS)
    with watch:
        wait_until(lambda: watch.reads, _FIRST_SECONDS, "a first snapshot of the ledger")
        yield watch
    assert not watch.wrong, f"{watch.wrong} snapshots: {watch.findings().problems[:5]}"


def as_note(watch: LedgerWatch, *, since: int) -> dict[str, Any]:
    """What it saw, for the record; `since` is how many snapshots were read before the fault."""
    assert watch.reads > since, "no snapshot of the ledger was read after the fault"
    return {
        "snapshots": watch.reads,
        "lost": watch.lost,
        "blind_seconds": round(watch.blind_seconds_max, 1),
    }
