"""A process stops past its heartbeat, another takes its work over, and then it wakes and finds itself replaced."""

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from streaming.config import Config
from tests.faults.connect import ask_connect
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
    """A second worker takes capture over; the first wakes and must hand it back or leave it."""
    config = configuration(stage.stack)
    zombie = stage.stack.pid("connect")
    settings = stage.stack.directory / "settings" / "connect" / "connect.properties"
    port, own = free_port(), config.connect_url.rpartition(":")[2]
    other = settings.with_name("second.properties")
    other.write_text(settings.read_text().replace(f":{own}", f":{port}"))
    log = stage.stack.directory / "logs" / "second-connect.log"
    url = f"http://127.0.0.1:{port}"
    with second(zombie, log, instead={str(settings): str(other)}):
        wait_until(lambda: runs_at(url) != "", TAKEN_OVER_SECONDS, "the second worker answers")
        stopped_at = time.time()
        stage.breaks()
        with stopped(zombie):
            wait_until(
                lambda: runs_at(url) == f"127.0.0.1:{port}", TAKEN_OVER_SECONDS, "it took over"
            )
            stage.notes["taken over after"] = round(time.time() - stopped_at, 1)
            time.sleep(MEANWHILE_SECONDS)
        time.sleep(MEANWHILE_SECONDS)


def runs_at(url: str) -> str:
    """Which worker runs the task; empty while nobody can say."""
    try:
        task = ask_connect(url, "GET", "/connectors/dpms/status")["tasks"][0]
    except (OSError, LookupError, AssertionError):
        return ""
    return str(task["worker_id"]) if task["state"] == "RUNNING" else "nobody"


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
