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
from streaming.flows.submit import start
from streaming.flows.turns import one_at_a_time

log = logging.getLogger("dpms.rescale")

RUNNING_SECONDS = 60.0


class NotRescaled(RuntimeError):
    """The flow runs as before, or is about to: nothing was lost."""


def rescale(config: Config, flow: str, parallelism: int) -> None:
    """Raises NotRescaled, and OSError when the cluster can't be reached. Safe to repeat.

    1. Nobody else may submit meanwhile. 2. The job stops with a savepoint. 3. The number is remembered. 4. The flow is
    submitted from the savepoint. Whoever dies between 2 and 4 leaves a flow without a job, which is submitted again
    from its newest checkpoint: older than the savepoint, so records come twice, which changes nothing.
    """
    if not 1 <= parallelism <= PARALLELISM_MAX:
        raise NotRescaled(f"the parallelism must be from 1 to {PARALLELISM_MAX}")
    with one_at_a_time(config):
        job = _running(config, flow)
        room = slots_available(config) + parallelism_of(config, flow)
        if parallelism > room:
            raise NotRescaled(f"the cluster has slots for {room} parallel tasks of {flow}")
        savepoint = stop_with_savepoint(config, job, savepoint_directory(config, flow))
        log.info("%s stopped with %s", flow, savepoint)
        remember(config, flow, parallelism)
        start(FLOWS[flow], config, from_savepoint=savepoint)
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
