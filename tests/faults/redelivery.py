"""Readers put back to an older place, or without any: everything comes twice, or from a new snapshot."""

import shutil
import sys
import time
import urllib.request

from confluent_kafka import Consumer, TopicPartition
from pymongo.errors import OperationFailure

from streaming.config import Config
from streaming.contracts.topics import topic_of
from streaming.flows.cluster import (
    Job,
    alive,
    checkpoint_directory,
    jobs,
    savepoint_directory,
)
from streaming.flows.registry import FLOWS, Flow
from streaming.flows.turns import one_at_a_time
from tests.faults import connect
from tests.faults.quiet import configuration
from tests.faults.scenario import Stage
from tests.support.audit import live_of
from tests.support.stack import Stack
from tests.support.waiting import wait_until

# What flows write while capture has no place is in no stream; the trail names it. (What an order went through all the
# same stands in its own history, which the proof reads.)
WRITTEN_BY_FLOWS = frozenset({"accounts", "entries", "limit_usage", "outcomes", "payee_stats"})
_HEALED_SECONDS = 120
# The flow works so long with each number of tasks.
_AT_WORK_SECONDS = 10.0
# Flink deletes a savepoint that a job began from when three checkpoints (`num-retained`) have taken its place.
_CLEANED_SECONDS = 120


def capture_put_back(stage: Stage) -> None:
    """Capture goes back to where it was some hundred orders ago."""
    url = stage.stack.status()["connect"]
    earlier = connect.offsets(url)
    stage.load.wait_accepted(len(stage.load.attempts) * 2 // 5)
    stage.breaks()
    connect.stop_capture(url)
    connect.move_to(url, earlier)
    connect.resume_capture(url)


def place_forgotten(stage: Stage) -> None:
    """Capture has no place at all: it reads every collection anew."""
    url = stage.stack.status()["connect"]
    stage.may_have_gaps = WRITTEN_BY_FLOWS
    stage.breaks()
    connect.stop_capture(url)
    connect.forget_place(url)
    connect.resume_capture(url)


def token_lost(stage: Stage) -> None:
    """Capture's place is of an event that the database does not have: it refuses, and a new snapshot heals it."""
    url = stage.stack.status()["connect"]
    log = stage.stack.directory / "logs" / "connect.log"
    stage.may_have_gaps = WRITTEN_BY_FLOWS
    stage.breaks()
    connect.stop_capture(url)
    said = log.stat().st_size
    place = connect.offsets(url)
    lost = _token_of_no_event(stage.stack)
    for each in place["offsets"]:
        each["offset"] = {**each["offset"], "resume_token": lost}
    connect.move_to(url, place)
    connect.resume_capture(url)
    wait_until(
        lambda: "Snapshot completed" in log.read_bytes()[said:].decode(errors="replace"),
        _HEALED_SECONDS,
        "a new snapshot is complete",
    )


def _token_of_no_event(stack: Stack) -> str:
    """The token of a real event, moved back by an hour: nothing happened there.

    A token's first byte is its type; seconds of the cluster's time follow as four bytes. One that only tells a time
    would not do: the database goes on from wherever its oplog begins.
    """
    with live_of(stack) as live, live.orders.watch() as stream:
        token = str(next(stream)["_id"]["_data"])
    seconds = int(token[2:10], 16) - 3600
    moved = f"{token[:2]}{seconds:08X}{token[10:]}"
    with live_of(stack) as live:
        try:
            with live.orders.watch(resume_after={"_data": moved}) as stream:
                stream.try_next()
        except OperationFailure:
            return moved
    raise AssertionError(f"the database knows {moved}")


def groups_put_back(stage: Stage) -> None:
    """Every flow loses its state and its checkpoints, and its group goes back to an older place in each partition."""
    config = configuration(stage.stack)
    stage.breaks()
    for flow in FLOWS.values():
        with one_at_a_time(config):
            job = alive(config)[flow.name]
            cancel(config, job)
            shutil.rmtree(checkpoint_directory(config, flow.name))
            again = _put_back(config, flow, stage)
        stage.notes[f"{flow.name} reads again"] = again
    wait_until(lambda: alive(config).keys() == FLOWS.keys(), _HEALED_SECONDS, "flows are submitted")


def cancel(config: Config, job: Job) -> None:
    request = urllib.request.Request(  # noqa: S310
        f"{config.flink_url}/jobs/{job.id}?mode=cancel", method="PATCH"
    )
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310
    wait_until(
        lambda: any(each.id == job.id and each.state == "CANCELED" for each in jobs(config)),
        60,
        f"{job.name} is cancelled",
    )


def _put_back(config: Config, flow: Flow, stage: Stage) -> int:
    """How many records come again."""
    consumer = Consumer({"bootstrap.servers": config.kafka_bootstrap, "group.id": flow.name})
    try:
        known = consumer.list_topics(timeout=10).topics
        topics = [topic_of(name) for name in flow.collections]
        places = [TopicPartition(topic, p) for topic in topics for p in known[topic].partitions]
        older, again = [], 0
        for place in consumer.committed(places, timeout=10):
            low, high = consumer.get_watermark_offsets(place, timeout=10)
            offset = stage.random.randint(low, max(low, place.offset))
            older.append(TopicPartition(place.topic, place.partition, offset))
            again += high - offset
        consumer.commit(offsets=older, asynchronous=False)
        return again
    finally:
        consumer.close()


def rescaled(stage: Stage) -> None:
    """One flow gets another number of tasks, and later the old one, while the other flow goes on."""
    config = configuration(stage.stack)
    other = alive(config)["audit"]
    stage.breaks()
    for parallelism in (2, 1):
        began = time.time()
        asked = ["rescale", "send_money", "--parallelism", str(parallelism)]
        here = ["-m", "devstack", "run", "--dir", str(stage.stack.directory), "--"]
        answer = stage.stack.run(*here, sys.executable, "-m", "streaming", *asked)
        assert answer.returncode == 0, answer.stderr[-3000:]
        stage.notes[f"to {parallelism} within"] = round(time.time() - began, 1)
        time.sleep(_AT_WORK_SECONDS)
    assert alive(config)["audit"].id == other.id
    assert alive(config)["audit"].is_running
    left = savepoint_directory(config, "send_money")
    wait_until(
        lambda: not list(left.glob("*")), _CLEANED_SECONDS, f"no savepoint is left in {left}"
    )
    stage.notes["orders meanwhile"] = sum(a.sent_at > stage.broken_at for a in stage.load.attempts)
