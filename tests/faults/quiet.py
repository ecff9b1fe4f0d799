"""When a stack is at rest: every part runs, everything that was written has been read, and no dead letter is new."""

from collections import Counter
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

from apps.console.bridge import GROUP_ID as BRIDGE
from streaming.capture import install
from streaming.config import Config, load
from streaming.contracts.topics import topic_of
from streaming.flows.cluster import ALIVE, jobs
from streaming.flows.registry import FLOWS
from tests.support.audit import live_of
from tests.support.stack import Stack
from tests.support.waiting import wait_until

# Longer than any recovery and than a backlog of the largest load takes.
QUIET_SECONDS = 240.0
_LOOK_SECONDS = 0.2


def configuration(stack: Stack) -> Config:
    return load({"DPMS_DIR": str(stack.directory)})


def wait_quiet(stack: Stack, *, seconds: float = QUIET_SECONDS) -> None:
    """Wait until all parts run, one job of each flow runs, capture runs, and no group lags behind its topics."""
    config = configuration(stack)
    last: list[str] = []

    def is_quiet() -> bool:
        last[:] = unrest(stack, config)
        return not last

    try:
        wait_until(is_quiet, seconds, "the stack is at rest", pause_seconds=_LOOK_SECONDS)
    except AssertionError as error:
        raise AssertionError(f"after {seconds:g} s: {'; '.join(last)}") from error


def unrest(stack: Stack, config: Config) -> list[str]:
    """What is not at rest, cheapest question first: a later one is asked only when the earlier ones are answered."""
    try:
        parts = stack.components()
        found = [
            f"{n} is {part['state']}" for n, part in parts.items() if part["state"] != "running"
        ]
        found = found or _of_jobs(config) or _of_capture(config) or _lags(config)
    except (OSError, install.ConnectUnavailable, KafkaException) as error:
        found = [f"{type(error).__name__}: {error}"]
    return found


def _of_jobs(config: Config) -> list[str]:
    living = [job for job in jobs(config) if job.state in ALIVE]
    names = Counter(job.name for job in living)
    wrong = [f"{names[name]} jobs run for {name}" for name in FLOWS if names[name] != 1]
    return wrong + [f"{job.name} is {job.state}" for job in living if not job.is_running]


def _of_capture(config: Config) -> list[str]:
    state = install.check(config)
    return [] if state is not None and state.is_running else [f"capture is {state}"]


def _lags(config: Config) -> list[str]:
    reads = {name: flow.collections for name, flow in FLOWS.items()} | {BRIDGE: ("orders",)}
    found = []
    for group, collections in reads.items():
        behind = lag(config, group, [topic_of(name) for name in collections])
        found += [f"{group} is {behind} behind"] if behind else []
    return found


def lag(config: Config, group: str, topics: list[str]) -> int:
    """Records that the group has not committed yet. Raises KafkaException."""
    consumer = Consumer({"bootstrap.servers": config.kafka_bootstrap, "group.id": group})
    try:
        known = consumer.list_topics(timeout=10).topics
        places = [TopicPartition(name, p) for name in topics for p in known[name].partitions]
        behind = 0
        for place in consumer.committed(places, timeout=10):
            low, high = consumer.get_watermark_offsets(place, timeout=10)
            behind += high - max(low, place.offset)
        return behind
    finally:
        consumer.close()


def dead_letters(stack: Stack) -> set[Any]:
    with live_of(stack) as live:
        return set(live.dead_letters.distinct("_id"))
