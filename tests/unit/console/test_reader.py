"""The poll-handle-commit loop …"""

from collections.abc import Sequence
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from streaming.kafka import reader
from streaming.kafka.reader import Reader, Record, run


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


class Message:
    """A message as the client hands it out."""

    def __init__(self, offset: int) -> None:
        self._offset = offset

    def topic(self) -> str:
        return "t"

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return self._offset

    def key(self) -> None:
        return None

    def value(self) -> bytes:
        return b"{}"

    def error(self) -> None:
        return None


class AheadOfItself:
    """A client that sends a commit when it gets to it: one without offsets then covers what was read since."""

    def __init__(self, *batches: Sequence[int]) -> None:
        self._batches = [list(batch) for batch in batches]
        self._read_up_to = 0
        self._under_way: list[Any] = []

    def __call__(self, *_: Any, **__: Any) -> "AheadOfItself":
        return self

    def poll(self, _seconds: float) -> Message:
        return self._message(self._batches[0].pop(0))

    def consume(self, _most: int, *, timeout: float) -> list[Message]:  # noqa: ARG002 - all is there
        return [self._message(offset) for offset in self._batches.pop(0)]

    def _message(self, offset: int) -> Message:
        self._read_up_to = offset + 1
        return Message(offset)

    def commit(self, *, offsets: Any = None, asynchronous: bool) -> None:
        assert asynchronous
        self._under_way.append(offsets)

    def arrived(self) -> list[int]:
        """What the commits that are under way tell the group when they arrive."""
        return [
            self._read_up_to if offsets is None else offsets[0].offset
            for offsets in self._under_way
        ]

    def list_topics(self, *_: Any, **__: Any) -> "AheadOfItself":
        return self

    @property
    def topics(self) -> dict[str, "AheadOfItself"]:
        return {"t": self}

    error = None
    partitions = (0,)

    def incremental_assign(self, _places: Any) -> None:
        return None


def test_a_commit_never_covers_a_batch_that_is_read_but_not_handled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = AheadOfItself([0, 1], [2, 3])
    monkeypatch.setattr(reader, "Consumer", client)
    source = Reader(bootstrap="kafka:9092", group="bridge", topics=["t"])

    source.poll(seconds=1)
    source.commit()
    source.poll(seconds=1)

    assert client.arrived() == [2]


class Failed:
    """What librdkafka hands out in place of a record."""

    def __init__(self, code: int) -> None:
        self._code = code

    def error(self) -> KafkaError:
        return KafkaError(self._code)


def test_offsets_that_a_coordinator_refused_end_the_reader() -> None:
    """Nobody asks for them again: the partition would be read never more."""
    with pytest.raises(KafkaException):
        reader._is_record(Failed(KafkaError.NOT_COORDINATOR))  # type: ignore[arg-type]


def test_a_connection_that_is_lost_is_waited_for() -> None:
    assert not reader._is_record(Failed(KafkaError._ALL_BROKERS_DOWN))  # type: ignore[arg-type]
