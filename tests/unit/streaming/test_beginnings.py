"""Where reading begins that never began before: at the first record there is, so that nothing is passed by."""

from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import TopicPartition

from streaming.config import Config
from streaming.contracts.topics import topic_of
from streaming.flows import offsets, submit
from streaming.flows.cluster import (
    checkpoint_directory,
    has_checkpoint_of_earlier_shape,
    newest_checkpoint,
)
from streaming.flows.offsets import OffsetsMissing, seed_offsets
from streaming.flows.registry import FLOWS
from streaming.kafka import reader
from streaming.kafka.reader import Reader

FLOW = FLOWS["send_money"]
FIRST, LAST = 7, 4_711


class Broker:
    """A cluster in which every topic has two partitions that hold offsets 7 to 4,710, and what a group committed."""

    def __init__(self, committed: dict[tuple[str, int], int] | None = None) -> None:
        self.committed_by_group = committed or {}
        self.settings: dict[str, Any] = {}

    def __call__(self, settings: dict[str, Any], **_: Any) -> "Broker":
        self.settings = settings
        return self

    def list_topics(self, *_: Any, **__: Any) -> "Broker":
        return self

    @property
    def topics(self) -> dict[str, "Broker"]:
        return {topic_of(name): self for name in FLOW.collections}

    @property
    def partitions(self) -> list[int]:
        return [0, 1]

    def committed(self, asked: list[TopicPartition], **_: Any) -> list[TopicPartition]:
        known = self.committed_by_group
        return [
            TopicPartition(p.topic, p.partition, known.get((p.topic, p.partition), -1001))
            for p in asked
        ]

    def get_watermark_offsets(self, _partition: TopicPartition, _seconds: float) -> tuple[int, int]:
        return FIRST, LAST

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> None:
        assert not asynchronous
        self.committed_by_group |= {(p.topic, p.partition): p.offset for p in offsets}

    def close(self) -> None:
        return None


EVERY = [(topic_of(name), number) for name in FLOW.collections for number in (0, 1)]


def test_a_flow_that_never_read_begins_at_the_first_record(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker()
    monkeypatch.setattr(offsets, "Consumer", broker)

    assert seed_offsets(Config(), FLOW)

    assert broker.settings["group.id"] == "send_money"
    assert broker.committed_by_group == dict.fromkeys(EVERY, FIRST)


def test_a_flow_that_read_before_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(dict.fromkeys(EVERY, 99))
    monkeypatch.setattr(offsets, "Consumer", broker)

    assert not seed_offsets(Config(), FLOW)

    assert broker.committed_by_group == dict.fromkeys(EVERY, 99)


def test_a_flow_that_is_to_read_again_begins_at_the_first_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broker = Broker(dict.fromkeys(EVERY, 99))
    monkeypatch.setattr(offsets, "Consumer", broker)

    assert seed_offsets(Config(), FLOW, again=True)

    assert broker.committed_by_group == dict.fromkeys(EVERY, FIRST)


def _complete(directory: Path) -> Path:
    checkpoint = directory / "job" / "chk-7"
    checkpoint.mkdir(parents=True)
    (checkpoint / "_metadata").touch()
    return checkpoint


def test_a_checkpoint_of_an_earlier_shape_is_known_and_not_taken(tmp_path: Path) -> None:
    config = Config(dir=tmp_path)
    assert FLOWS["audit"].shape == 2
    _complete(tmp_path / "checkpoints" / "audit")

    assert newest_checkpoint(config, "audit") is None
    assert has_checkpoint_of_earlier_shape(config, "audit")


@pytest.mark.parametrize(("left_by", "again"), [("audit", True), ("audit.2", False)])
def test_a_flow_reads_again_exactly_when_it_has_a_checkpoint_of_an_earlier_shape_alone(
    left_by: str, again: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _complete(tmp_path / "checkpoints" / left_by)
    seeded: list[bool] = []
    monkeypatch.setattr(submit, "seed_offsets", lambda *_, again: seeded.append(again))
    monkeypatch.setattr(submit, "planned", lambda *_, **__: None)
    monkeypatch.setattr(submit, "execute", lambda *_: None)

    submit.start(FLOWS["audit"], Config(dir=tmp_path))

    assert seeded == [again]


def test_a_checkpoint_of_the_same_shape_is_taken(tmp_path: Path) -> None:
    config = Config(dir=tmp_path)
    own = _complete(checkpoint_directory(config, "send_money"))

    assert newest_checkpoint(config, "send_money") == own
    assert not has_checkpoint_of_earlier_shape(config, "send_money")


def test_a_flow_that_lost_some_of_its_places_does_not_guess(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broker = Broker({EVERY[0]: 99})
    monkeypatch.setattr(offsets, "Consumer", broker)

    with pytest.raises(OffsetsMissing):
        seed_offsets(Config(), FLOW)

    assert broker.committed_by_group == {EVERY[0]: 99}


def test_a_reader_without_offsets_begins_at_the_first_record_and_commits_only_when_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broker = Broker()
    monkeypatch.setattr(reader, "Consumer", broker)

    with Reader(bootstrap="kafka:9092", group="bridge", topics=["dpms.cdc.orders"]):
        pass

    assert broker.settings["auto.offset.reset"] == "earliest"
    assert broker.settings["enable.auto.commit"] is False
