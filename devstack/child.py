"""One supervised process: started, watched until ready, started again with back-off when it dies."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Mapping

from devstack import process
from devstack.failure import StackFailure
from devstack.parts import Part, Say
from devstack.rundir import PROJECT, RunDirectory

READY_POLL_SECONDS = 0.2
# The first is for a part that was healthy: it is wanted back at once.
BACK_OFF_SECONDS = (0.1, 1.0, 2.0, 5.0, 10.0)
# After this long without dying, the next death starts at the shortest back-off.
HEALTHY_SECONDS = 20.0
# A part that dies this often before it was ever ready will not become so by trying again.
DEATHS_BEFORE_READY_MAX = 3


class Child:
    """`state` is starting, running, restarting (waits for its back-off), stopping or stopped."""

    def __init__(
        self, part: Part, *, run: RunDirectory, environment: Mapping[str, str], say: Say
    ) -> None:
        self.part = part
        self.state = "starting"
        self.restarts = 0
        self.pid: int | None = None
        self._run = run
        self._environment = {**environment, **part.environment}
        self._say = say
        self._quick_deaths = 0
        self._restart_asked = False
        self._last_error = ""
        self._was_ready = asyncio.Event()
        self._stopping = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return once it is ready; it is kept running from then on. Raises StackFailure."""
        await in_thread(self.part.before_start, part=self.part.name)
        self._keeper = asyncio.create_task(self._keep_running())
        ready = asyncio.create_task(self._was_ready.wait())
        both: set[asyncio.Task[object]] = {ready, self._keeper}
        done, _ = await asyncio.wait(
            both, timeout=self.part.ready_seconds, return_when=asyncio.FIRST_COMPLETED
        )
        ready.cancel()
        if self._keeper in done:
            await self._keeper
        elif not done:
            reason = f"not ready after {self.part.ready_seconds:g} s; {self._last_error}"
            raise StackFailure(self.part.name, reason, self._run.log(self.part.name))

    def restart(self) -> None:
        """End the process as its operator would; its keeper starts it again at once."""
        if self.pid is not None:
            self._restart_asked = True
            process.end_group(self.pid, signal.SIGTERM)

    async def stop(self) -> None:
        """End it for good: politely, then by force when it takes longer than it may."""
        self._stopping.set()
        self.state = "stopping"
        if self._keeper is not None:
            if self.pid is not None:
                process.end_group(self.pid, signal.SIGTERM)
            done, _ = await asyncio.wait({self._keeper}, timeout=self.part.stop_seconds)
            if not done and self.pid is not None:
                self._say(f"{self.part.name} did not end in {self.part.stop_seconds:g} s: killed")
                process.end_group(self.pid, signal.SIGKILL)
                await asyncio.wait({self._keeper}, timeout=10)
        self.state = "stopped"

    async def _keep_running(self) -> None:
        while not self._stopping.is_set():
            started = time.monotonic()
            end = await self._run_once()
            if self._stopping.is_set():
                return
            lived_seconds = time.monotonic() - started
            self._quick_deaths = 0 if lived_seconds > HEALTHY_SECONDS else self._quick_deaths + 1
            if not self._was_ready.is_set() and self._quick_deaths >= DEATHS_BEFORE_READY_MAX:
                reason = f"ended {self._quick_deaths} times before it was ready: {end}"
                raise StackFailure(self.part.name, reason, self._run.log(self.part.name))
            await self._pause(end)

    async def _run_once(self) -> str:
        """Start the process and wait until it ended, and how; its descendants end with it."""
        self.state = "starting"
        try:
            with self._run.open_log(self.part.name) as log:
                started = await process.start(
                    self.part.command, environment=self._environment, directory=PROJECT, log=log
                )
        except OSError as error:
            return f"it could not be started: {error}"
        self.pid = started.pid
        watcher = asyncio.create_task(self._watch_ready())
        try:
            return _spoken(await started.wait())
        finally:
            watcher.cancel()
            self.pid = None
            process.end_group(started.pid, signal.SIGKILL)

    async def _watch_ready(self) -> None:
        while True:
            try:
                if await asyncio.to_thread(self.part.is_ready):
                    break
                self._last_error = "it answers that it is not ready"
            except (
                Exception
            ) as error:  # Whatever the reason, the next look decides; kept for the report.
                self._last_error = f"{type(error).__name__}: {error}"
            await asyncio.sleep(READY_POLL_SECONDS)
        self.state = "running"
        self._was_ready.set()

    async def _pause(self, end: str) -> None:
        self.state = "restarting"
        self.restarts += 1
        if self._restart_asked:
            self._restart_asked, self._quick_deaths = False, 0
            self._say(f"{self.part.name} is started again, as asked")
            return
        seconds = BACK_OFF_SECONDS[min(self._quick_deaths, len(BACK_OFF_SECONDS) - 1)]
        self._say(f"{self.part.name} ended ({end}); starts again in {seconds:g} s")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


async def in_thread(work: Callable[[], None], *, part: str) -> None:
    """Blocking work of a part; whatever it raises becomes a failure that names the part."""
    try:
        await asyncio.to_thread(work)
    except StackFailure:
        raise
    except Exception as error:
        raise StackFailure(part, f"{type(error).__name__}: {error}") from error


def _spoken(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
