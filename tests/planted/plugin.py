"""A pytest plugin that plants one bug, named by `DPMS_PLANT`, and reports what became of each test.

Used as `-p tests.planted.plugin`; no production code knows of it.
"""

import json
import os
from pathlib import Path

import pytest

PLANT = "DPMS_PLANT"
REPORT = "DPMS_PLANT_REPORT"

_results: list[dict[str, str]] = []


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:  # noqa: ARG001 - pytest's name for it
    """After Django is set up, before any test is collected."""
    from tests.planted.bugs import BUGS

    name = os.environ.get(PLANT)
    if name and name not in BUGS:
        raise pytest.UsageError(f"There is no bug {name}; there are {', '.join(sorted(BUGS))}")
    if name:
        BUGS[name].plant()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or report.failed:
        _results.append(
            {
                "test": report.nodeid,
                "when": str(report.when),
                "outcome": report.outcome,
                "says": report.longreprtext,
            }
        )


def pytest_sessionfinish() -> None:
    if place := os.environ.get(REPORT):
        Path(place).write_text(json.dumps(_results))
