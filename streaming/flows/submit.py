"""Starts flow jobs from one client: each from its newest checkpoint, and only if it is not alive."""

import importlib
import logging
import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping

from pyflink.common import Configuration
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway

from streaming.config import PROJECT, Config
from streaming.flows.cluster import (
    alive,
    checkpoint_directory,
    has_checkpoint_of_earlier_shape,
    newest_checkpoint,
)
from streaming.flows.offsets import seed_offsets
from streaming.flows.parallelism import PARALLELISM_MAX, parallelism_of
from streaming.flows.registry import FLOWS, Flow
from streaming.flows.turns import one_at_a_time

log = logging.getLogger("dpms.submit")

# To a worker of its own records go in bundles, and how long one may stay open is latency. A thread takes each record
# by itself, yet every operator has a timer of this period: at 5 ms the timers of nine of them took 12 % of what the
# TaskManager did.
_BUNDLE_MS = {"process": "5", "thread": "1000"}


def submit(config: Config, names: Iterable[str]) -> list[str]:
    """Submits the flows named that are not alive and returns their names. Safe to repeat, and to run twice at once."""
    with one_at_a_time(config):
        living = alive(config)
        started = []
        for name in names:
            if name in living:
                log.info("%s is %s already", name, living[name].state)
                continue
            start(FLOWS[name], config)
            started.append(name)
        return started


def start(flow: Flow, config: Config) -> None:
    """Submits one flow, from its newest checkpoint."""
    checkpoint = newest_checkpoint(config, flow.name)
    # What waited in the state of an earlier shape is in no state of this one, and its group's place is behind it.
    again = checkpoint is None and has_checkpoint_of_earlier_shape(config, flow.name)
    if seed_offsets(config, flow, again=again):
        log.info("%s reads from the beginning", flow.name)
    settings = {}
    if checkpoint is not None:
        log.info("%s goes on from %s", flow.name, checkpoint.name)
        settings["execution.state-recovery.path"] = checkpoint.as_uri()
    number = parallelism_of(config, flow.name)
    execute(flow, planned(flow, config, parallelism=number, settings=settings))


def planned(
    flow: Flow, config: Config, *, parallelism: int, settings: Mapping[str, str]
) -> StreamExecutionEnvironment:
    """The job with these settings beside its own, ready to be executed; nothing outside this process has changed."""
    env = _remote_environment(config, configuration({**_settings(flow, config), **settings}))
    env.set_parallelism(parallelism)
    env.set_max_parallelism(PARALLELISM_MAX)
    importlib.import_module(flow.job).build(env, flow, config)
    return env


def execute(flow: Flow, env: StreamExecutionEnvironment) -> None:
    client = env.execute_async(flow.name)
    log.info("%s submitted as job %s", flow.name, client.get_job_id())


def _remote_environment(config: Config, configuration: Configuration) -> StreamExecutionEnvironment:
    # PyFlink offers no remote environment outside `flink run`, one client start for each job; the
    # Java one takes several.
    host, _, port = config.flink_url.removeprefix("http://").partition(":")
    gateway = get_gateway()
    no_jars = gateway.new_array(gateway.jvm.String, 0)
    remote = gateway.jvm.org.apache.flink.streaming.api.environment.RemoteStreamEnvironment
    return StreamExecutionEnvironment(
        remote(host, int(port), configuration._j_configuration, no_jars)
    )


def _settings(flow: Flow, config: Config) -> dict[str, str]:
    return {
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
        "python.execution-mode": config.flink_mode,
        # The project root makes the functions importable in the workers; thread mode needs site-packages named too.
        "python.pythonpath": os.pathsep.join([str(PROJECT), sysconfig.get_path("purelib")]),
        "python.fn-execution.bundle.time": _BUNDLE_MS[config.flink_mode],
        "python.fn-execution.bundle.size": "512",
        # Each record goes on at once. Any interval is a thread for each task that wakes so often, whether or not
        # there is anything to send.
        "execution.buffer-timeout.interval": "0 ms",
        "pipeline.object-reuse": "true",
        "state.backend.type": "hashmap",
        "execution.checkpointing.interval": f"{config.checkpoint_interval_ms} ms",
        "execution.checkpointing.timeout": "60 s",
        "execution.checkpointing.min-pause": "500 ms",
        "execution.checkpointing.tolerable-failed-checkpoints": "10",
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        "execution.checkpointing.dir": checkpoint_directory(config, flow.name).as_uri(),
        "execution.checkpointing.num-retained": "3",
        "restart-strategy.type": "exponential-delay",
        "restart-strategy.exponential-delay.initial-backoff": "200 ms",
        "restart-strategy.exponential-delay.max-backoff": "10 s",
    }


def configuration(settings: dict[str, str]) -> Configuration:
    built = Configuration()
    for name, value in settings.items():
        built.set_string(name, value)
    return built
