"""`python -m devstack` starts, watches and ends what it is asked to, and leaves nothing behind.

The two parts that start within a second or two stand for all: the rest is the same code.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from pymongo import MongoClient

from devstack import process
from tests.support.waiting import wait_until

PROJECT = Path(__file__).resolve().parent.parent.parent
PARTS = ("--only", "mongod,valkey", "--skip", "migrate")


@dataclass(frozen=True)
class Commands:
    """The command line against one run directory."""

    directory: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._argv(*arguments),
            cwd=PROJECT,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def up(self) -> subprocess.CompletedProcess[str]:
        return self.run("up", "--detach", *PARTS)

    def foreground(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self._argv("up", *PARTS),
            cwd=PROJECT,
            env=self._environment(),
            stdout=subprocess.PIPE,
            text=True,
        )

    def status(self) -> dict[str, Any]:
        answer = self.run("status", "--json")
        found: dict[str, Any] = json.loads(answer.stdout)
        return found

    def component(self, name: str) -> dict[str, Any]:
        (found,) = [part for part in self.status()["components"] if part["name"] == name]
        return dict(found)

    def supervisor(self) -> psutil.Process:
        return psutil.Process(int((self.directory / "stack.lock").read_text()))

    def _argv(self, command: str, *arguments: str) -> list[str]:
        directory = str(self.directory)
        return [sys.executable, "-m", "devstack", command, "--dir", directory, *arguments]

    def _environment(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if not name.startswith("DPMS_")}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """A stack that is up, for tests after which it still is."""
    made = Commands(tmp_path_factory.mktemp("running"))
    up = made.up()
    assert up.returncode == 0, up.stdout
    yield made
    made.run("down")


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    # Deeper than the 107 bytes that the name of a socket may have.
    made = Commands(tmp_path / ("a-run-directory-far-down-" * 4))
    yield made
    made.run("down")


def test_up_answers_when_the_parts_serve(commands: Commands) -> None:
    up = commands.up()

    assert up.returncode == 0, up.stdout
    status = commands.status()
    assert {part["name"]: part["state"] for part in status["components"]} == {
        "mongod": "running",
        "valkey": "running",
    }
    with MongoClient[dict[str, Any]](status["mongodb"]) as client:
        assert client.admin.command("hello")["isWritablePrimary"]


def test_status_names_the_real_process_and_its_memory(running: Commands) -> None:

    mongod = running.component("mongod")

    assert psutil.Process(mongod["pid"]).name() == "mongod"
    assert mongod["rss_mb"] > 20
    assert set(mongod) == {"name", "pid", "state", "restarts", "rss_mb"}


def test_status_has_the_shape_that_outside_checks_rely_on(running: Commands) -> None:

    status = running.status()

    addresses = {"web", "mongodb", "audit_mongodb", "kafka", "connect", "flink", "valkey"}
    addresses |= {"rail_gateway", "zelle", "interfi"}
    assert set(status) == {*addresses, "dir", "phase", "components", "credentials"}
    assert status["dir"] == str(running.directory)
    assert set(status["credentials"]) == {"client_id", "client_secret", "staff"}
    assert set(status["credentials"]["staff"][0]) == {"username", "password", "role"}
    path = running.directory / "addresses.json"
    written = json.loads(path.read_text())
    # The owner's password is for `prepare` alone, and for nobody else's eyes.
    assert written.pop("owner_mongodb").startswith("mongodb://dpms_owner:")
    assert written == {name: status[name] for name in addresses}
    assert path.stat().st_mode & 0o077 == 0


def test_up_of_a_running_stack_says_so_and_starts_nothing(running: Commands) -> None:
    before = running.status()["components"]

    again = running.up()

    assert again.returncode == 0
    assert "runs in" in again.stdout
    pids = [part["pid"] for part in running.status()["components"]]
    assert pids == [part["pid"] for part in before]


def test_down_ends_every_process_and_leaves_no_lock(commands: Commands) -> None:
    commands.up()
    supervisor = commands.supervisor()

    down = commands.run("down")

    assert down.returncode == 0
    assert not supervisor.is_running()
    assert process.leftovers(commands.directory) == []
    assert not (commands.directory / "stack.lock").exists()
    assert not (commands.directory / "control.sock").exists()
    assert commands.run("status").returncode == 3


def test_data_and_addresses_survive_down_and_up(commands: Commands) -> None:
    commands.up()
    first = commands.status()
    with MongoClient[dict[str, Any]](first["mongodb"]) as client:
        client.dpms.things.insert_one({"_id": "kept"})
    commands.run("down")

    commands.up()

    second = commands.status()
    assert second["mongodb"] == first["mongodb"]
    assert second["credentials"] == first["credentials"]
    with MongoClient[dict[str, Any]](second["mongodb"]) as client:
        assert client.dpms.things.count_documents({"_id": "kept"}) == 1


def test_killed_part_comes_back_by_itself(running: Commands) -> None:
    before = running.component("valkey")

    os.kill(before["pid"], signal.SIGKILL)

    def is_back() -> bool:
        now = running.component("valkey")
        return bool(now["state"] == "running" and now["pid"] != before["pid"])

    wait_until(is_back, 30, "valkey runs again")
    assert running.component("valkey")["restarts"] == before["restarts"] + 1
    assert "valkey ended (signal SIGKILL)" in running.run("logs", "stack").stdout


def test_restart_gives_the_part_another_process(running: Commands) -> None:
    before = running.component("valkey")

    restart = running.run("restart", "valkey")

    assert restart.returncode == 0
    wait_until(
        lambda: running.component("valkey")["pid"] not in (None, before["pid"]), 30, "another pid"
    )


def test_restart_of_an_unknown_part_names_those_that_are_there(running: Commands) -> None:
    before = running.status()["components"]

    restart = running.run("restart", "oracle")

    assert restart.returncode == 1
    assert "mongod, valkey" in restart.stdout
    assert [part["pid"] for part in running.status()["components"]] == [p["pid"] for p in before]


def test_all_children_end_with_a_killed_supervisor(commands: Commands) -> None:
    commands.up()
    pids = [part["pid"] for part in commands.status()["components"]]

    commands.supervisor().kill()

    wait_until(lambda: not any(psutil.pid_exists(pid) for pid in pids), 10, "the children died")


def test_up_after_a_killed_supervisor_starts_as_if_nothing_happened(commands: Commands) -> None:
    commands.up()
    supervisor = commands.supervisor()
    supervisor.kill()
    wait_until(lambda: not supervisor.is_running(), 10, "the supervisor died")

    up = commands.up()

    assert up.returncode == 0, up.stdout
    assert len(commands.status()["components"]) == 2


def test_interrupt_ends_everything(commands: Commands) -> None:
    foreground = commands.foreground()
    assert foreground.stdout is not None
    for line in foreground.stdout:
        if line.endswith("  ready\n"):
            break
    pids = [part["pid"] for part in commands.status()["components"]]

    foreground.send_signal(signal.SIGINT)
    foreground.communicate(timeout=60)

    assert foreground.returncode == 0
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert not (commands.directory / "stack.lock").exists()


def test_two_stacks_live_side_by_side(commands: Commands, tmp_path: Path) -> None:
    other = Commands(tmp_path / "other")
    commands.up()
    try:
        up = other.up()

        assert up.returncode == 0, up.stdout
        assert other.status()["mongodb"] != commands.status()["mongodb"]
        other.run("down")
        assert commands.component("mongod")["state"] == "running"
    finally:
        other.run("down")


def test_failure_names_the_part_and_shows_the_end_of_its_log(commands: Commands) -> None:
    # A directory where mongod wants to write a file: it ends by itself, with a reason.
    (commands.directory / "data" / "mongod" / "mongod.lock").mkdir(parents=True)

    up = commands.up()

    assert up.returncode == 1
    assert "FAILED  mongod: ended 3 times before it was ready" in up.stdout
    assert "Shutting down" in up.stdout.splitlines()[-1]
    assert process.leftovers(commands.directory) == []
    assert not (commands.directory / "stack.lock").exists()


def test_port_taken_by_another_program_is_named(commands: Commands) -> None:
    commands.up()
    port = urlsplit(commands.status()["valkey"]).port
    commands.run("down")
    with socket.create_server(("127.0.0.1", port)):
        up = commands.up()

    assert up.returncode == 1
    assert f"FAILED  valkey: port {port} of this run directory is in use" in up.stdout
    assert process.leftovers(commands.directory) == []
