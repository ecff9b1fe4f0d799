"""The bridge as a process, on a real Kafka: one leads, another takes over, and every change has one number."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from streaming.config import Config, load
from streaming.contracts.topics import DEAD_LETTERS, topic_of
from tests.integration.console.builders import an_order, completed, record_of
from tests.support.stack import _environment
from tests.support.topics import produce, read
from tests.support.waiting import wait_until

PROJECT = Path(__file__).resolve().parent.parent.parent
ORDERS = topic_of("orders")


@dataclass(frozen=True)
class Streams:
    """MongoDB and Kafka of a stack without the rest."""

    config: Config
    db: Database[dict[str, Any]]

    def happen(self, count: int) -> list[tuple[str, int]]:
        """So many orders come and complete; the keys of their changes."""
        keys = []
        for _ in range(count):
            order = an_order()
            for moment in (order, completed(order)):
                value = record_of(moment).value
                produce(self.config.kafka_bootstrap, ORDERS, key=order["_id"].encode(), value=value)
                keys.append((moment["_id"], moment["version"]))
        return keys

    def numbered(self) -> list[tuple[int, tuple[str, int]]]:
        events = self.db.feed_events.find(sort=[("_id", 1)])
        return [(event["_id"], (event["order"], event["version"])) for event in events]

    def leader(self) -> int:
        """The process that holds the lease now, 0 when none does."""
        held = {"_id": "bridge", "$expr": {"$gt": ["$until", "$$NOW"]}}
        lease = self.db.leases.find_one(held) or {"holder": ":0"}
        return int(str(lease["holder"] or ":0").rpartition(":")[2])

    @contextmanager
    def bridge(self) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "bridge_feed"],
            cwd=PROJECT,
            env=_environment(DPMS_DIR=str(self.config.dir)),
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(20)


def devstack(command: str, directory: Path, *arguments: str) -> None:
    argv = [sys.executable, "-m", "devstack", command, "--dir", str(directory), *arguments]
    done = subprocess.run(
        argv,
        cwd=PROJECT,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streams]:
    directory = tmp_path_factory.mktemp("bridge")
    devstack("up", directory, "--detach", "--only", "mongod,kafka", "--skip", "migrate,sandbox")
    config = load({"DPMS_DIR": str(directory)})
    try:
        with MongoClient[dict[str, Any]](config.mongodb_uri, tz_aware=True) as client:
            yield Streams(config, client[config.mongodb_database])
    finally:
        devstack("down", directory)


def test_a_leader_that_was_paused_finds_that_another_leads(streams: Streams) -> None:
    already = len(streams.numbered())
    happened: list[tuple[str, int]] = []
    stopping = threading.Event()

    def numbered() -> list[tuple[int, tuple[str, int]]]:
        return streams.numbered()[already:]

    def keep_happening() -> None:
        while not stopping.is_set():
            happened.extend(streams.happen(1))

    traffic = threading.Thread(target=keep_happening)
    with streams.bridge() as first:
        wait_until(lambda: streams.leader() == first.pid, 30, "the first leads")
        with streams.bridge() as second:
            traffic.start()
            wait_until(lambda: len(numbered()) > 20, 30, "the first numbers")
            for paused, other in ((first, second), (second, first)):
                os.kill(paused.pid, signal.SIGSTOP)
                wait_until(lambda other=other: streams.leader() == other.pid, 15, "taken over")  # type: ignore[misc]
                seen = len(numbered())
                wait_until(lambda seen=seen: len(numbered()) > seen + 20, 30, "goes on")  # type: ignore[misc]
                os.kill(paused.pid, signal.SIGCONT)
                seen = len(numbered())
                wait_until(lambda seen=seen: len(numbered()) > seen + 20, 30, "goes on")  # type: ignore[misc]
                assert streams.leader() == other.pid
            stopping.set()
            traffic.join()
            wait_until(lambda: len(numbered()) >= len(happened), 30, "all are numbered")
            assert first.poll() is None
            assert second.poll() is None

    numbers = [number - already for number, _ in numbered()]
    assert numbers == list(range(1, len(happened) + 1))
    assert sorted(key for _, key in numbered()) == sorted(happened)


def test_a_record_that_nobody_can_read_lies_in_collection_and_topic(streams: Streams) -> None:
    kafka = streams.config.kafka_bootstrap
    with streams.bridge():
        place = produce(kafka, ORDERS, key=b"bad", value=b"\xff\xfe no json")
        letter = wait_until(
            lambda: streams.db.dead_letters.find_one({"_id": str(place)}), 30, "the letter is kept"
        )
        (key,) = streams.happen(1)[-1:]
        wait_until(lambda: key in dict(streams.numbered()).values(), 30, "goes on behind it")

    told = read(
        kafka, DEAD_LETTERS, lambda message: str(place).encode() in (message.value() or b"")
    )
    assert letter["flow"] == "bridge"
    assert letter["value"] == b"\xff\xfe no json"
    assert len(told) == 1
