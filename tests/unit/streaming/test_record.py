"""The audit job's function takes what Flink gathered: columns of records that came together."""

import json
from typing import Any

import pytest

from streaming.config import Config
from streaming.flows.audit import function
from streaming.flows.audit.function import Record

Gathered = tuple[tuple[Any, ...], ...]


class Trail:
    """Notes what it is to record, and buries the records without a key."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []

    def record(self, records: list[Any]) -> list[dict[str, Any]]:
        self.batches.append(records)
        return [{"_id": f"{topic}:{at}:{to}"} for key, _, topic, at, to in records if key is None]


@pytest.fixture
def trail() -> Trail:
    return Trail()


@pytest.fixture
def record(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> Record:
    made = Record(Config(), "audit")
    monkeypatch.setattr(made, "_recorder", trail, raising=False)
    return made


def gathered(*keys: bytes | None) -> Gathered:
    number = len(keys)
    return keys, (None,) * number, ("t",) * number, (3,) * number, tuple(range(number))


def test_what_came_together_is_recorded_together(record: Record, trail: Trail) -> None:
    told = list(record.flat_map(gathered(b"a", b"b")))

    assert trail.batches == [[(b"a", None, "t", 3, 0), (b"b", None, "t", 3, 1)]]
    assert told == []


def test_what_cannot_be_recorded_is_told(record: Record) -> None:
    told = list(record.flat_map(gathered(b"a", None)))

    assert [json.loads(letter) for letter in told] == [{"_id": "t:3:1"}]


def test_very_much_at_once_is_recorded_in_its_order_in_batches(
    record: Record, trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(function, "BATCH_MAX", 2)

    list(record.flat_map(gathered(b"a", b"b", b"c", b"d", b"e")))

    assert [[key for key, *_ in batch] for batch in trail.batches] == [
        [b"a", b"b"],
        [b"c", b"d"],
        [b"e"],
    ]
