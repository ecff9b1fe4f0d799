"""One full stack for all tests that need it: started when the first asks, taken down at the end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from devstack import control
from devstack.client import Client
from devstack.rundir import RunDirectory
from tests.support.waiting import wait_until

PROJECT = Path(__file__).resolve().parent.parent.parent

# A directory of a stack that runs already; it is used and left running. For work on the tests themselves.
RUNNING_STACK = "DPMS_TEST_STACK"
# Where archives come from says nothing about which servers are used.
_DOWNLOAD_SETTINGS = ("DPMS_CACHE_DIR", "DPMS_MAVEN_REPOSITORY", "DPMS_JAVA_HOME")
_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Stack:
    """A running stack, seen from outside: its command line and the processes it names."""

    directory: Path
    # Settings of the platform that its processes were started with, beside their defaults.
    settings: Mapping[str, str] = field(default_factory=dict)
    _places: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def status(self) -> dict[str, Any]:
        """Where everything is and who may sign in: asked once, since it stays so and a command takes a second.

        How the parts do now is not in it: that is `components`.
        """
        if not self._places:
            answer = self.run("-m", "devstack", "status", "--json", "--dir", str(self.directory))
            assert answer.returncode == 0, answer.stdout + answer.stderr
            told = json.loads(answer.stdout)
            self._places.update(
                {name: told[name] for name in told.keys() - {"components", "phase"}}
            )
        return dict(self._places)

    def components(self) -> dict[str, dict[str, Any]]:
        """The parts by name, asked of the supervisor itself: a command would take processor time from a recovery."""
        answer = control.ask(RunDirectory(self.directory), {"do": "status"})
        return {part["name"]: part for part in answer["components"]}

    def component(self, name: str) -> dict[str, Any]:
        return self.components()[name]

    def pid(self, name: str) -> int:
        return int(self.component(name)["pid"])

    def run(self, *arguments: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
        """A command of the project against this stack, such as `manage.py verify_orders`."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=_environment(DPMS_DIR=str(self.directory), **self.settings),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def kill(self, *names: str) -> None:
        """End processes as a crash does: at once, with no chance to tidy up."""
        for pid in [self.pid(name) for name in names]:
            os.kill(pid, signal.SIGKILL)

    def wait_replaced(self, name: str, *, before: dict[str, Any], seconds: float = 120) -> None:
        """Wait until the part runs again as another process, one restart later."""

        def is_replaced() -> bool:
            now = self.component(name)
            return bool(
                now["pid"]
                and now["pid"] != before["pid"]
                and now["restarts"] > before["restarts"]
                and now["state"] == before["state"]
            )

        wait_until(is_replaced, seconds, f"{name} is started again", pause_seconds=_LOOK_SECONDS)


def _environment(**settings: str) -> dict[str, str]:
    """Ours without any setting of the platform: a test stack takes no address of a developer's by accident.

    Nor the tests' own Django settings, which pytest-django puts into the environment.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("DPMS_") and name != "DJANGO_SETTINGS_MODULE"
    }
    downloads = {name: os.environ[name] for name in _DOWNLOAD_SETTINGS if name in os.environ}
    return {**inherited, **downloads, **settings}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The full stack in a directory of its own, ready to make an order final."""
    known = os.environ.get(RUNNING_STACK)
    if known:
        yield Stack(Path(known))
        return
    with running_stack(tmp_path_factory.mktemp("stack")) as started:
        yield started


@contextmanager
def running_stack(directory: Path, **settings: str) -> Iterator[Stack]:
    """A stack of its own, started with these settings of the platform and ended with what it is used for."""
    started = Stack(directory, settings)
    try:
        up = started.run("-m", "devstack", "up", "--detach", "--dir", str(directory), seconds=900)
        assert up.returncode == 0, f"the stack did not start:\n{up.stdout}\n{up.stderr}"
        yield started
    finally:
        started.run("-m", "devstack", "down", "--dir", str(directory))


@pytest.fixture(scope="session")
def client(stack: Stack) -> Client:
    """The bank-system client of the stack."""
    return Client.of(stack.status())
