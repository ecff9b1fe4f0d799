"""`manage.py run_clock` as a process: it follows a moved clock, and when its leader is killed another one goes on."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import AutoReconnect

from apps.transactions import clock as module
from apps.transactions.clock import ClockProcess
from dpms_site.clock import platform_clock
from dpms_site.mongodb import Document
from streaming.sor.element import CommandElement, Element
from tests.integration.sor.bank import Bank
from tests.support.platform_clock import SandboxClock
from tests.support.stack import PROJECT, _environment
from tests.support.waiting import wait_until


@contextmanager
def clock_process(mongod: str, database: str, directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    addresses = {"DPMS_MONGODB_URI": mongod, "DPMS_MONGODB_DATABASE": database}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_clock"],
        cwd=PROJECT,
        env=_environment(DPMS_DIR=str(directory), **addresses),
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _leader(database: Database[Document]) -> int:
    """The process that holds the lease now, 0 when none does."""
    held = {"_id": "clock", "$expr": {"$gt": ["$until", "$$NOW"]}}
    lease = database.leases.find_one(held) or {"holder": ":0"}
    return int(str(lease["holder"] or ":0").rpartition(":")[2])


def _settles(bank: Bank, *elements: Element) -> None:
    """As a flow of this sandbox does, by platform time."""
    bank.sor(clock=platform_clock).settle(elements)


def _settles_what_is_asked(bank: Bank) -> list[str]:
    """Every command, answered or not; the orders' statuses."""
    _settles(bank, *(CommandElement(command["_id"]) for command in bank.db.commands.find()))
    return [order["status"] for order in bank.db.orders.find().sort("_id")]


def test_payments_expire_14_days_later_and_a_killed_clock_is_followed(
    mongod: str, database: Database[Document], sandbox_clock: SandboxClock, tmp_path: Path
) -> None:
    bank = Bank(database.client, database)
    bank.enrols("ann")
    with ExitStack() as running:
        clocks = {
            process.pid: process
            for process in (
                running.enter_context(clock_process(mongod, database.name, tmp_path))
                for _ in range(2)
            )
        }
        first = wait_until(lambda: _leader(database), 20, "one leads")
        _settles(bank, bank.accepts("ord_1", to="nobody"))
        sandbox_clock.is_ahead(days=13)
        _settles(bank, bank.accepts("ord_2", to="nobody"))

        sandbox_clock.is_ahead(days=14)
        wait_until(lambda: _settles_what_is_asked(bank)[0] == "EXPIRED", 5, "the first expires")
        assert _settles_what_is_asked(bank) == ["EXPIRED", "AWAITING_CLAIM"]

        clocks[first].kill()
        sandbox_clock.is_ahead(days=27)
        wait_until(lambda: _settles_what_is_asked(bank)[1] == "EXPIRED", 10, "the other one asks")
        assert _leader(database) not in (0, first)

    assert _leader(database) == 0  # it stopped, and left the lease to whoever comes
    assert database.commands.count_documents({}) == 2
    assert bank.problems(all_final=True) == []


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(module, "BACKOFF_SECONDS_MAX", 0.01)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("error", [AutoReconnect("gone"), KeyError("due_event")])
def test_one_failing_task_keeps_no_other_from_its_turn(
    database: Database[Document], error: Exception
) -> None:
    turns: list[str] = []
    running: Any = None

    def fails() -> int:
        turns.append("fails")
        raise error

    def works() -> int:
        turns.append("works")
        if len(turns) >= 6:
            running.stop()
        return 1

    running = ClockProcess(database=database, tasks=[fails, works])
    running.run()

    assert turns == ["fails", "works"] * 3
    assert _leader(database) == 0
