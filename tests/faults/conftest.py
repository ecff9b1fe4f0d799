"""What the fault tests measured, printed when they end."""

import threading

import pytest

from devstack.traffic.patience import PatientClient
from tests.support.stack import Stack


@pytest.fixture(scope="session")
def patient(stack: Stack) -> PatientClient:
    """A client for looking at what came of it, which waits through the rest of a recovery."""
    client = PatientClient.of(stack.status())
    client.say, client.stopping = (lambda _: None), threading.Event()
    return client


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    measured = [
        value
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "recovery"
    ]
    if measured:
        terminalreporter.section("recovery from faults")
        for line in measured:
            terminalreporter.line(str(line))
