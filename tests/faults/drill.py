"""All Kafka data and all Flink state are lost together, and made again from MongoDB by one command."""

import contextlib
import os
import signal
import time

from confluent_kafka import Consumer, TopicPartition

from streaming.config import Config
from streaming.contracts.topics import topic_of
from streaming.flows.cluster import alive
from streaming.flows.registry import FLOWS
from streaming.flows.turns import one_at_a_time
from tests.faults.injections import BEHIND_THE_DATABASE
from tests.faults.quiet import configuration
from tests.faults.redelivery import WRITTEN_BY_FLOWS, cancel
from tests.faults.scenario import Stage
from tests.support.topics import Place, wait_consumed


def everything_derived_is_lost(stage: Stage) -> None:
    """In the middle of the work: what flows wrote in the last moments was captured nowhere, and the trail says so."""
    stage.may_have_gaps = WRITTEN_BY_FLOWS
    _lose_and_rebuild(stage)


def everything_derived_is_lost_at_rest(stage: Stage) -> None:
    """While no flow writes but orders still come: the trail stays whole to the last change."""
    config = configuration(stage.stack)
    with one_at_a_time(config):
        stage.breaks()
        cancel(config, alive(config)["send_money"])
        for place in _ends(config):
            wait_consumed(config.kafka_bootstrap, "audit", place)
        _kill(stage)
    _lose_and_rebuild(stage)


def _kill(stage: Stage) -> None:
    parts = stage.stack.components()
    stage.breaks()
    for pid in [parts[name]["pid"] for name in BEHIND_THE_DATABASE]:
        if pid:
            # One that was killed a moment ago may still be listed.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _lose_and_rebuild(stage: Stage) -> None:
    began = time.time()
    _kill(stage)
    directory = str(stage.stack.directory)
    answer = stage.stack.run("-m", "devstack", "rebuild", "--dir", directory, seconds=600)
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    assert "data/kafka" in answer.stdout
    assert "checkpoints" in answer.stdout
    stage.notes["rebuilt within"] = round(time.time() - began, 1)


def _ends(config: Config) -> list[Place]:
    """The last record of every partition that the audit reads."""
    consumer = Consumer({"bootstrap.servers": config.kafka_bootstrap, "group.id": "tests.ends"})
    try:
        known = consumer.list_topics(timeout=10).topics
        places = []
        for topic in (topic_of(name) for name in FLOWS["audit"].collections):
            for number in known[topic].partitions:
                low, high = consumer.get_watermark_offsets(TopicPartition(topic, number), 10)
                if high > low:
                    places.append(Place(topic, number, high - 1))
        return places
    finally:
        consumer.close()
