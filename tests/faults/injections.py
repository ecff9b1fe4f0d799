"""What breaks: processes killed or stopped where they stand, once or again and again."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from streaming.config import Config
from streaming.flows.cluster import ALIVE, alive, jobs
from streaming.flows.registry import FLOWS
from tests.faults.quiet import configuration, unrest
from tests.faults.redelivery import cancel
from tests.faults.scenario import Stage
from tests.support.waiting import wait_until

BEHIND_THE_DATABASE = ("kafka", "connect", "zookeeper", "jobmanager", "taskmanager", "valkey")
SETTLING = tuple(name for name in FLOWS if name != "audit")
RECOVERED_SECONDS = 120


def killed(*names: str) -> Callable[[Stage], None]:
    """kill -9, all at once; each is another process afterwards."""

    def inject(stage: Stage) -> None:
        known = stage.stack.components()
        before = {name: known[name] for name in names}
        stage.breaks()
        for component in before.values():
            os.kill(component["pid"], signal.SIGKILL)
        stage.wait_replaced(before)

    return inject


def killed_again_and_again(name: str, times: int) -> Callable[[Stage], None]:
    """Each time after the jobs run again."""

    def inject(stage: Stage) -> None:
        config = configuration(stage.stack)
        ids = {job.id for job in jobs(config) if job.state in ALIVE}
        recoveries = []
        for _ in range(times):
            killed_at = time.time()
            killed(name)(stage)
            wait_until(lambda: all_run(config), RECOVERED_SECONDS, "the jobs run again")
            recoveries.append(round(time.time() - killed_at, 1))
        assert {job.id for job in jobs(config) if job.state in ALIVE} == ids, "not the same jobs"
        stage.notes["jobs run again after"] = recoveries

    return inject


def cancelled(flow: str) -> Callable[[Stage], None]:
    """One flow's job ends without a savepoint; who watches the jobs submits it again, and the others never stop."""

    def inject(stage: Stage) -> None:
        config = configuration(stage.stack)
        others = {job.id for job in jobs(config) if job.state in ALIVE and job.name != flow}
        stage.breaks()
        cancel(config, alive(config)[flow])
        wait_until(lambda: all_run(config), RECOVERED_SECONDS, f"{flow} runs again")
        still = {job.id for job in jobs(config) if job.state in ALIVE and job.name != flow}
        assert still == others, "another flow's job was replaced"

    return inject


def all_run(config: Config) -> bool:
    try:
        living = [job for job in jobs(config) if job.state in ALIVE]
    except OSError:
        return False
    return {job.name for job in living} == set(FLOWS) and all(job.is_running for job in living)


def python_workers_killed(stage: Stage) -> None:
    """Process mode: Flink's own children that run the Python functions die; thread mode has none."""
    parent = psutil.Process(stage.stack.pid("taskmanager"))
    workers = [
        child
        for child in parent.children(recursive=True)
        if "pyflink.fn_execution" in " ".join(child.cmdline())
    ]
    assert workers, "the TaskManager has no Python worker"
    stage.breaks()
    for worker in workers:
        worker.kill()
    stage.notes["workers"] = len(workers)
    wait_until(lambda: not any(_lives(worker) for worker in workers), 10, "they are gone")


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def paused_while_orders_come(*names: str, seconds: float) -> Callable[[Stage], None]:
    """As long as `seconds`. Everything is accepted, no part grows without bound meanwhile or while what waits is worked
    off, and in the end nothing waits."""

    def inject(stage: Stage) -> None:
        config = configuration(stage.stack)
        memory_mb = [_memory_mb(stage)]
        pids = [part["pid"] for name, part in stage.stack.components().items() if name in names]
        assert len(pids) == len(names)
        stage.breaks()
        with stopped(*pids):
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                time.sleep(min(_LOOK_SECONDS, max(0.0, until - time.monotonic())))
                memory_mb.append(_memory_mb(stage))
        woken_at = time.time()
        stage.load.finish()
        assert all("ok" in a.tries for a in stage.load.attempts if a.is_patient), "not accepted"

        def is_worked_off() -> bool:
            memory_mb.append(_memory_mb(stage))
            return not unrest(stage.stack, config)

        wait_until(is_worked_off, WORKED_OFF_SECONDS, "it is worked off", pause_seconds=1.0)
        stage.notes["paused"] = seconds
        stage.notes["worked off after"] = round(time.time() - woken_at, 1)
        stage.notes["memory_mb"] = {"before": memory_mb[0], "most": max(memory_mb)}
        assert max(memory_mb) < MEMORY_MB_MAX, memory_mb

    return inject


def _memory_mb(stage: Stage) -> int:
    """Of all parts together, as `devstack status` tells it."""
    return sum(int(part["rss_mb"]) for part in stage.stack.components().values())


MEMORY_MB_MAX = 4500
WORKED_OFF_SECONDS = 600
_LOOK_SECONDS = 5.0


@contextmanager
def stopped(*pids: int) -> Iterator[None]:
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: all(_is_stopped(pid) for pid in pids), 5, "all are stopped")
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _is_stopped(pid: int) -> bool:
    """The state is the first field after the process name, which is in brackets and may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
