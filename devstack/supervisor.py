"""The parent of a stack: starts everything in order, keeps it running, and ends it all."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from devstack import plan, process, watch
from devstack.child import Child, in_thread
from devstack.control import serve
from devstack.environment import child_environment
from devstack.failure import StackFailure
from devstack.parts import Node, Part, Step
from devstack.rundir import PROJECT, RunDirectory

WAITING_SHOWN_SECONDS = 5.0
# Every part may have one blocking check under way, and every step one blocking call.
THREADS = 32


class Supervisor:
    """`phase` is starting, ready, failed or stopping."""

    def __init__(
        self,
        run: RunDirectory,
        choice: plan.Choice,
        *,
        show: Callable[[str], None],
        on_ready: Callable[[], None],
    ) -> None:
        self.phase = "starting"
        self.was_ready = False
        self.failure: StackFailure | None = None
        self.children: dict[str, Child] = {}
        self._run = run
        self._show = show
        self._on_ready = on_ready
        self._began = time.monotonic()
        self._stop = asyncio.Event()
        self._done: dict[str, asyncio.Event] = {}
        self._under_way: dict[str, float] = {}
        self._nodes = plan.nodes(run, choice, say=self.say)
        self._environment = child_environment(run)

    def say(self, text: str) -> None:
        self._show(f"{time.monotonic() - self._began:6.1f} s  {text}")

    def ask_to_stop(self) -> None:
        self._stop.set()

    async def run(self) -> None:
        """Bring everything up, keep it up until asked to stop, then end it. Raises StackFailure."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(THREADS))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.ask_to_stop)
        stopped = asyncio.create_task(self._stop.wait())
        try:
            async with serve(self._run, self):
                await _first_of(self._bring_up(), stopped)
                if not self._stop.is_set():
                    await _first_of(self._keep_up(), stopped)
        except StackFailure as failure:
            self.phase, self.failure = "failed", failure
            raise
        finally:
            stopped.cancel()
            await self._end_all()

    async def _bring_up(self) -> None:
        self._done = {node.name: asyncio.Event() for node in self._nodes}
        async with asyncio.TaskGroup() as group:
            reporter = group.create_task(self._report_waiting())
            starts = [group.create_task(self._start(node)) for node in self._nodes]
            await asyncio.gather(*starts)
            reporter.cancel()
        self.phase, self.was_ready = "ready", True
        self.say("ready")
        await asyncio.to_thread(self._on_ready)

    async def _start(self, node: Node) -> None:
        for name in node.needs:
            await self._done[name].wait()
        began = self._under_way[node.name] = time.monotonic()
        if isinstance(node, Part):
            child = Child(node, run=self._run, environment=self._environment, say=self.say)
            self.children[node.name] = child
            await child.start()
        else:
            await self.run_step(node)
        del self._under_way[node.name]
        self._done[node.name].set()
        self.say(
            f"{node.name} is {'ready' if isinstance(node, Part) else 'done'}"
            f" after {time.monotonic() - began:.1f} s"
        )

    async def run_step(self, step: Step) -> None:
        if not step.command:
            await in_thread(step.function, part=step.name)
            return
        with self._run.open_log(step.name) as log:
            started = await process.start(
                step.command, environment=self._environment, directory=PROJECT, log=log
            )
        try:
            code = await asyncio.wait_for(started.wait(), step.seconds)
        except TimeoutError:
            reason = f"did not finish in {step.seconds:g} s"
            raise StackFailure(step.name, reason, self._run.log(step.name)) from None
        except asyncio.CancelledError:
            if step.must_finish:
                self.say(f"letting {step.name} finish")
                await asyncio.wait({asyncio.create_task(started.wait())}, timeout=step.seconds)
            raise
        finally:
            process.end_group(started.pid, signal.SIGKILL)
        if code != 0:
            raise StackFailure(step.name, f"exit code {code}", self._run.log(step.name))

    async def _report_waiting(self) -> None:
        while True:
            await asyncio.sleep(WAITING_SHOWN_SECONDS)
            now = time.monotonic()
            waits = [f"{name} ({now - at:.0f} s)" for name, at in self._under_way.items()]
            if waits:
                self.say("waiting for " + ", ".join(waits))

    async def _keep_up(self) -> None:
        steps = {node.name: node for node in self._nodes if isinstance(node, Step)}
        async with asyncio.TaskGroup() as group:
            group.create_task(self._stop.wait())  # There may be nothing else to do.
            if "connector" in steps:
                group.create_task(watch.connector(self._run, say=self.say))
            if "submit" in steps:
                again = steps["submit"]
                group.create_task(
                    watch.jobs(self._run, submit=lambda: self.run_step(again), say=self.say)
                )

    async def _end_all(self) -> None:
        """Everything that asks others first, then the servers that hold data."""
        self.phase = "stopping" if self.failure is None else "failed"
        self.say("ending all parts")
        for keeps_data in (False, True):
            ending = [c for c in self.children.values() if c.part.keeps_data is keeps_data]
            await asyncio.gather(*(child.stop() for child in ending))


async def _first_of(work: Coroutine[Any, Any, None], stopped: asyncio.Task[Any]) -> None:
    """Do the work until it ends or the stack is asked to stop; a failure of the work comes out."""
    task = asyncio.create_task(work)
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        try:
            await task
        except BaseExceptionGroup as group:
            raise _first_failure(group) from None


def _first_failure(group: BaseExceptionGroup[BaseException]) -> BaseException:
    failures = group.subgroup(StackFailure)
    first: BaseException = failures or group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first
