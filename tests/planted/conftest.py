"""The runs of named tests in processes of their own, on a mongod of their own."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.planted.plugin import PLANT, REPORT
from tests.support.database import RUNNING_MONGOD
from tests.support.mongod import running_mongod
from tests.support.stack import PROJECT, _environment

_OPTIONS = (
    *("-q", "-p", "tests.planted.plugin", "-p", "no:randomly", "-p", "no:cacheprovider"),
    "--reuse-db",
)


@dataclass(frozen=True)
class Run:
    """Pytest's exit code, the result of each test by its id, and what was printed."""

    code: int
    results: dict[str, dict[str, str]]
    printed: str


Runs = Callable[..., Run]


@pytest.fixture(scope="session")
def nursery() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.planted.nursery"],
        cwd=PROJECT,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    yield process
    process.stdin.close()
    process.wait(60)
    process.stdout.close()


@pytest.fixture(scope="session")
def run_tests(
    nursery: subprocess.Popen[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runs]:
    directory = tmp_path_factory.mktemp("planted")
    with running_mongod(directory) as mongod:

        def run(*tests: str, plant: str = "") -> Run:
            report, output = directory / "report.json", directory / "output"
            report.unlink(missing_ok=True)
            environment = {PLANT: plant, REPORT: str(report), RUNNING_MONGOD: mongod}
            task = {"arguments": [*_OPTIONS, *tests], "environment": environment}
            assert nursery.stdin
            assert nursery.stdout
            nursery.stdin.write(json.dumps({**task, "output": str(output)}) + "\n")
            nursery.stdin.flush()
            code = int(nursery.stdout.readline())
            return Run(code, _results(report), output.read_text())

        yield run


def _results(report: Path) -> dict[str, dict[str, str]]:
    if not report.exists():
        return {}
    return {result["test"]: result for result in json.loads(report.read_text())}
