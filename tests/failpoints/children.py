"""Child processes that do a workload, as a test starts them, watches them and lets them go on or end."""

import itertools
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.stack import PROJECT, _environment


@dataclass(frozen=True)
class Fate:
    """How a child is: `killed`, `stopped`, or `ended` with an exit code; and what it wrote until then."""

    pid: int
    fate: str
    by: int | None
    code: int | None
    output: str
    passed: dict[str, int]

    def struck(self, name: str, action: str) -> bool:
        """Whether the child was really struck there, and is as the action leaves it."""
        if f"failpoint {name}: {action}\n" not in self.output:
            return False
        return {
            "kill": (self.fate, self.by) == ("killed", signal.SIGKILL),
            "hang": self.fate == "stopped",
            # Some code is made to go on after an error, so the child may have ended well.
            "raise": self.fate == "ended",
        }[action]


class Children:
    """One nursery and the children it forks, one at a time unless one stands still."""

    def __init__(self, nursery: subprocess.Popen[str], *, mongod: str, directory: Path) -> None:
        self._nursery = nursery
        self._mongod = mongod
        self._directory = directory
        self._numbers = itertools.count(1)
        self._outputs: dict[int, Path] = {}

    def run(self, workload: str, *, fail: str = "", watch: bool = False) -> Fate:
        """A child does the workload until it ends, dies or stands still."""
        output = self._directory / f"{workload}-{next(self._numbers)}"
        task = {"workload": workload, "fail": fail, "watch": watch}
        return self._ask(output, mongod=self._mongod, output=str(output), **task)

    def end(self, stopped: Fate) -> Fate:
        """Kills a child that stands still."""
        return self._ask(self._outputs[stopped.pid], pid=stopped.pid, signal=signal.SIGKILL)

    def let_go_on(self, stopped: Fate) -> Fate:
        """Wakes a child that stands still, and waits for its end."""
        return self._ask(self._outputs[stopped.pid], pid=stopped.pid, signal=signal.SIGCONT)

    def _ask(self, writes_to: Path, **task: Any) -> Fate:
        assert self._nursery.stdin
        assert self._nursery.stdout
        self._nursery.stdin.write(json.dumps(task) + "\n")
        self._nursery.stdin.flush()
        answer = json.loads(self._nursery.stdout.readline())
        self._outputs[answer["pid"]] = writes_to
        passed = Path(f"{writes_to}.passed")
        return Fate(
            pid=answer["pid"],
            fate=answer["fate"],
            by=answer.get("by"),
            code=answer.get("code"),
            output=writes_to.read_text(),
            passed=json.loads(passed.read_text()) if passed.exists() else {},
        )


@contextmanager
def nursery(mongod: str, directory: Path) -> Iterator[Children]:
    """A nursery that lives as long as the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.failpoints.nursery"],
        cwd=PROJECT,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Children(process, mongod=mongod, directory=directory)
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(30)
        assert process.stdout
        process.stdout.close()
