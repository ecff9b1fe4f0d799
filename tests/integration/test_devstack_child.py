"""A supervised process is kept running, dies with its parent, and takes its descendants with it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from devstack import child as children
from devstack import process
from devstack.child import Child
from devstack.failure import StackFailure
from devstack.parts import Part
from devstack.rundir import RunDirectory
from tests.support.waiting import wait_until

FOR_EVER = "import time; time.sleep(600)"
WITH_A_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {FOR_EVER!r}])"


def a_part(
    program: str = FOR_EVER, *, is_ready: Callable[[], bool] = lambda: True, seconds: float = 20
) -> Part:
    command = [sys.executable, "-c", program]
    return Part(name="thing", command=command, is_ready=is_ready, ready_seconds=seconds)


@pytest.fixture(autouse=True)
def short_back_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "BACK_OFF_SECONDS", (0.01, 0.01, 0.01))


@asynccontextmanager
async def supervised(part: Part, directory: Path, said: list[str]) -> AsyncIterator[Child]:
    environment = {**os.environ, process.MARK: str(directory)}
    child = Child(part, run=RunDirectory(directory), environment=environment, say=said.append)
    try:
        yield child
    finally:
        await child.stop()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


def run(work: Awaitable[None]) -> None:
    async def whole() -> None:
        await work

    asyncio.run(whole())


def test_is_started_again_when_it_dies_and_that_is_said(tmp_path: Path) -> None:
    async def scenario() -> None:
        said: list[str] = []
        async with supervised(a_part(), tmp_path, said) as child:
            await child.start()
            first = child.pid
            assert first is not None

            os.kill(first, signal.SIGKILL)
            await until(lambda: child.pid not in (None, first) and child.state == "running")

            assert child.restarts == 1
            assert said == ["thing ended (signal SIGKILL); starts again in 0.01 s"]

    run(scenario())


def test_takes_its_descendants_with_it_when_it_dies(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with supervised(a_part(WITH_A_CHILD), tmp_path, []) as child:
            await child.start()
            parent = psutil.Process(child.pid)
            await until(lambda: bool(parent.children()))
            (descendant,) = parent.children()

            parent.kill()

            await until(lambda: not descendant.is_running())

    run(scenario())


def test_that_never_lives_until_ready_is_given_up_with_its_log(tmp_path: Path) -> None:
    async def scenario() -> None:
        part = a_part("print('no memory left'); raise SystemExit(7)", is_ready=lambda: False)
        async with supervised(part, tmp_path, []) as child:
            with pytest.raises(
                StackFailure, match=r"thing: ended 3 times .* exit code 7"
            ) as failure:
                await child.start()

            assert failure.value.log is not None
            assert failure.value.log.read_text().splitlines() == ["no memory left"] * 3

    run(scenario())


def test_that_is_not_ready_in_time_is_given_up_with_the_reason(tmp_path: Path) -> None:
    def is_ready() -> bool:
        raise ConnectionRefusedError("nobody listens")

    async def scenario() -> None:
        async with supervised(a_part(is_ready=is_ready, seconds=0.5), tmp_path, []) as child:
            with pytest.raises(StackFailure, match=r"not ready after 0\.5 s; .*nobody listens"):
                await child.start()

    run(scenario())


def test_that_cannot_be_prepared_is_named(tmp_path: Path) -> None:
    def before_start() -> None:
        raise PermissionError("the disk is read-only")

    part = Part(name="thing", command=["unused"], is_ready=lambda: True, before_start=before_start)

    async def scenario() -> None:
        async with supervised(part, tmp_path, []) as child:
            with pytest.raises(StackFailure, match="thing: PermissionError: the disk is read-only"):
                await child.start()

    run(scenario())


def test_asked_to_restart_is_another_process_at_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        said: list[str] = []
        async with supervised(a_part(), tmp_path, said) as child:
            await child.start()
            first = child.pid

            child.restart()
            await until(lambda: child.pid not in (None, first) and child.state == "running")

            assert child.restarts == 1
            assert said == ["thing is started again, as asked"]

    run(scenario())


def test_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    stubborn = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1); {FOR_EVER}"
    log = RunDirectory(tmp_path).log("thing")
    part = Part(
        name="thing",
        command=[sys.executable, "-u", "-c", stubborn],
        is_ready=lambda: bool(log.read_text()),
        stop_seconds=0.2,
    )

    async def scenario() -> None:
        said: list[str] = []
        async with supervised(part, tmp_path, said) as child:
            await child.start()
            stubborn_process = psutil.Process(child.pid)

            await child.stop()

            assert not stubborn_process.is_running()
            assert child.state == "stopped"
            assert said == ["thing did not end in 0.2 s: killed"]

    run(scenario())


def test_dies_when_its_parent_is_killed() -> None:
    program = f"""
import asyncio, os
from pathlib import Path
from devstack import process
async def main():
    with open(os.devnull, "wb") as log:
        started = await process.start(
            [{sys.executable!r}, "-c", {FOR_EVER!r}], environment=os.environ, directory=Path("."), log=log
        )
    print(started.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""
    with psutil.Popen([sys.executable, "-c", program], stdout=-1, text=True) as parent:
        started = psutil.Process(int(parent.stdout.readline()))

        parent.kill()

    wait_until(lambda: not started.is_running(), 10, "the child is dead")


def test_left_over_from_a_dead_stack_is_found_by_its_directory_only(tmp_path: Path) -> None:
    def start(directory: Path) -> psutil.Popen:
        environment = {**os.environ, process.MARK: str(directory)}
        return psutil.Popen([sys.executable, "-c", FOR_EVER], env=environment)

    ours, other = start(tmp_path / "ours"), start(tmp_path / "other")
    try:
        ended = process.end_leftovers(tmp_path / "ours")

        assert [found.pid for found in ended] == [ours.pid]
        assert not ours.is_running()
        assert other.is_running()
    finally:
        ours.poll()
        other.kill()
        other.wait()
