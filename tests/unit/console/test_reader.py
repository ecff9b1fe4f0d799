"""The poll-handle-commit loop …"""

from collections.abc import Sequence

import pytest

from streaming.kafka.reader import Record, run


class Shelf:
    """A reader that hands out prepared batches and notes what was committed."""

    def __init__(self, *batches: Sequence[Record]) -> None:
        self._batches = list(batches)
        self.handed_out = 0
        self.committed = 0

    def poll(self, *, seconds: float) -> list[Record]:  # noqa: ARG002 - nothing to wait for
        batch = self._batches.pop(0) if self._batches else []
        self.handed_out += len(batch)
        return list(batch)

    def commit(self) -> None:
        self.committed = self.handed_out

    @property
    def has_more(self) -> bool:
        return bool(self._batches)


def a_record(offset: int) -> Record:
    return Record(topic="t", partition=0, offset=offset, key=None, value=b"{}")


def test_commits_what_was_handled_and_only_then() -> None:
    shelf = Shelf([a_record(0), a_record(1)], [], [a_record(2)])
    handled: list[tuple[int, int]] = []

    def handle(records: Sequence[Record]) -> None:
        handled.append((len(records), shelf.committed))

    run(shelf, handle, keep_going=lambda: shelf.has_more)  # type: ignore[arg-type]

    assert handled == [(2, 0), (1, 2)]
    assert shelf.committed == 3


def test_commits_nothing_of_a_batch_that_failed() -> None:
    shelf = Shelf([a_record(0)], [a_record(1)], [a_record(2)])

    def handle(records: Sequence[Record]) -> None:
        if records[0].offset == 1:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        run(shelf, handle, keep_going=lambda: shelf.has_more)  # type: ignore[arg-type]

    assert shelf.committed == 1


def test_stops_before_it_reads_when_it_may_not_go_on() -> None:
    shelf = Shelf([a_record(0)])

    run(shelf, lambda _: None, keep_going=lambda: False)  # type: ignore[arg-type]

    assert shelf.handed_out == 0


def test_names_the_place_of_a_record() -> None:
    assert a_record(7).place == "t:0:7"
