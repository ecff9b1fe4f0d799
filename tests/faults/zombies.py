"""A process stops past its heartbeat, another takes its work over, and then it wakes and finds itself replaced."""

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import psutil

from streaming.config import Config
from tests.faults.connect import CONNECTOR, ask_connect
from tests.faults.injections import all_run, stopped
from tests.faults.quiet import configuration
from tests.faults.scenario import Stage
from tests.support.mongod import free_port
from tests.support.waiting import wait_until

TAKEN_OVER_SECONDS = 90
# The load goes on for so long while the successor works, and again after the zombie woke.
MEANWHILE_SECONDS = 5.0


def taskmanager_wakes_replaced(stage: Stage) -> None:
    """A second TaskManager takes the jobs over; the first wakes amid its transactions and changes nothing."""
    config = configuration(stage.stack)
    zombie = stage.stack.pid("taskmanager")
    with second(zombie, stage.stack.directory / "logs" / "second-taskmanager.log"):
        wait_until(lambda: taskmanagers(config) == 2, TAKEN_OVER_SECONDS, "two TaskManagers")
        stopped_at = time.time()
        stage.breaks()
        with stopped(zombie):
            wait_until(lambda: taskmanagers(config) == 1, TAKEN_OVER_SECONDS, "one is given up")
            wait_until(lambda: all_run(config), TAKEN_OVER_SECONDS, "the other has the jobs")
            stage.notes["taken over after"] = round(time.time() - stopped_at, 1)
            time.sleep(MEANWHILE_SECONDS)
        wait_until(lambda: taskmanagers(config) == 2, TAKEN_OVER_SECONDS, "it is back")
        time.sleep(MEANWHILE_SECONDS)
    wait_until(lambda: taskmanagers(config) == 1, TAKEN_OVER_SECONDS, "the second is gone")


def taskmanagers(config: Config) -> int:
    """How many the JobManager counts on; -1 while it cannot be asked."""
    try:
        with urllib.request.urlopen(f"{config.flink_url}/overview", timeout=5) as answer:  # noqa: S310
            return int(json.load(answer)["taskmanagers"])
    except OSError:
        return -1


def connect_wakes_replaced(stage: Stage) -> None:
    """Two workers; the one that captures stands still, the other takes capture over; the first wakes and must leave it.

    Which of them has the task is Kafka Connect's choice when the second joins.
    """
    config = configuration(stage.stack)
    first = stage.stack.pid("connect")
    settings = stage.stack.directory / "settings" / "connect" / "connect.properties"
    port, own = free_port(), int(config.connect_url.rpartition(":")[2])
    other = settings.with_name("second.properties")
    other.write_text(settings.read_text().replace(f":{own}", f":{port}"))
    log = stage.stack.directory / "logs" / "second-connect.log"
    with second(first, log, instead={str(settings): str(other)}) as process:
        pids = {worker(own): first, worker(port): process.pid}
        wait_until(lambda: runs_at(port) in pids, TAKEN_OVER_SECONDS, "the second has joined")
        time.sleep(MEANWHILE_SECONDS)  # The group is formed anew when a worker joins.
        zombie = wait_until(lambda: runs_at(port), TAKEN_OVER_SECONDS, "one of them captures")
        successor = next(name for name in pids if name != zombie)
        looked_at = int(successor.rpartition(":")[2])
        stopped_at = time.time()
        stage.breaks()
        with stopped(pids[zombie]):
            wait_until(lambda: runs_at(looked_at) == successor, TAKEN_OVER_SECONDS, "it took over")
            stage.notes["taken over after"] = round(time.time() - stopped_at, 1)
            time.sleep(MEANWHILE_SECONDS)
        time.sleep(MEANWHILE_SECONDS)
        wait_until(lambda: runs_at(own) == runs_at(port) != "", TAKEN_OVER_SECONDS, "they agree")
        stage.notes["captures afterwards"] = "zombie" if runs_at(own) == zombie else "successor"
    wait_until(lambda: runs_at(own) == worker(own), TAKEN_OVER_SECONDS, "the first has capture")


def worker(port: int) -> str:
    return f"127.0.0.1:{port}"


def runs_at(port: int) -> str:
    """Which worker runs the task, as the one on this port says; empty while nobody does or it cannot say."""
    try:
        status = ask_connect(f"http://{worker(port)}", "GET", f"{CONNECTOR}/status")
        task = status["tasks"][0]
    except (OSError, HTTPException, LookupError, AssertionError):
        return ""
    return str(task["worker_id"]) if task["state"] == "RUNNING" else ""


@contextmanager
def second(
    pid: int, log: Path, *, instead: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The same program once more, beside the one that the stack supervises; killed in the end."""
    first = psutil.Process(pid)
    words = [(instead or {}).get(word, word) for word in first.cmdline()]
    with log.open("ab") as file:
        process = subprocess.Popen(
            words, env=first.environ(), cwd=first.cwd(), stdout=file, stderr=file
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)
