"""Gives a running flow another number of parallel tasks while the other flows go on."""

import logging
import time

from streaming.config import Config
from streaming.flows.cluster import (
    Job,
    alive,
    savepoint_directory,
    slots_available,
    stop_with_savepoint,
)
from streaming.flows.parallelism import PARALLELISM_MAX, parallelism_of, remember
from streaming.flows.registry import FLOWS
from streaming.flows.submit import configuration, execute, planned
from streaming.flows.turns import one_at_a_time

log = logging.getLogger("dpms.rescale")

RUNNING_SECONDS = 60.0


class NotRescaled(RuntimeError):
    """The flow runs as before, or is about to: nothing was lost."""


def rescale(config: Config, flow: str, parallelism: int) -> None:
    """Raises NotRescaled, and OSError when the cluster can't be reached. Safe to repeat.

    1. Nobody else may submit meanwhile. 2. The new job is planned: what goes wrong there leaves the old one running.
    3. The job stops with a savepoint. 4. The number is remembered. 5. The new job begins from the savepoint. Whoever
    dies between 3 and 5 leaves a flow without a job, which is submitted again from its newest checkpoint: older than
    the savepoint, so records come twice, which changes nothing.
    """
    if not 1 <= parallelism <= PARALLELISM_MAX:
        raise NotRescaled(f"the parallelism must be from 1 to {PARALLELISM_MAX}")
    with one_at_a_time(config):
        job = _running(config, flow)
        room = slots_available(config) + parallelism_of(config, flow)
        if parallelism > room:
            raise NotRescaled(f"the cluster has slots for {room} parallel tasks of {flow}")
        env = planned(FLOWS[flow], config, parallelism=parallelism, settings={})
        savepoint = stop_with_savepoint(config, job, savepoint_directory(config, flow))
        log.info("%s stopped with %s", flow, savepoint)
        remember(config, flow, parallelism)
        # Flink deletes the savepoint when checkpoints have taken its place.
        recovery = {"path": savepoint, "claim-mode": "CLAIM"}
        env.configure(
            configuration({f"execution.state-recovery.{name}": at for name, at in recovery.items()})
        )
        execute(FLOWS[flow], env)
        _running(config, flow)


def _running(config: Config, flow: str) -> Job:
    deadline = time.monotonic() + RUNNING_SECONDS
    while True:
        job = alive(config).get(flow)
        if job is not None and job.is_running:
            return job
        if time.monotonic() > deadline:
            raise NotRescaled(f"{flow} is {job.state if job else 'not there'}")
        time.sleep(0.2)
