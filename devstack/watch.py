"""What nobody else restarts: a connector task that failed, and a flow whose job is gone."""

import asyncio
from collections.abc import Awaitable, Callable

from devstack.parts import Say
from devstack.plan import configuration
from devstack.rundir import RunDirectory
from streaming.capture import install
from streaming.flows.cluster import alive
from streaming.flows.registry import FLOWS

CONNECTOR_SECONDS = 2.0
JOBS_SECONDS = 3.0


async def connector(run: RunDirectory, *, say: Say) -> None:
    """Restart what Connect reports as FAILED. Connect being away is its own supervisor's matter."""
    config = configuration(run)

    async def look() -> None:
        try:
            failed = await asyncio.to_thread(install.restart_failed, config)
        except install.ConnectUnavailable:
            return
        for what in failed:
            say(f"the connector's {what} had failed and was restarted")

    await _forever(look, every_seconds=CONNECTOR_SECONDS, say=say)


async def jobs(run: RunDirectory, *, submit: Callable[[], Awaitable[None]], say: Say) -> None:
    """Submit again when the JobManager has no living job of a registered flow."""
    config = configuration(run)

    async def look() -> None:
        try:
            missing = FLOWS.keys() - await asyncio.to_thread(alive, config)
        except OSError:
            return  # The JobManager cannot be asked now; its own supervisor sees to that.
        if missing:
            names = ", ".join(sorted(missing))
            say(f"no job runs for {names}: submitting again, from the newest checkpoint")
            await submit()

    await _forever(look, every_seconds=JOBS_SECONDS, say=say)


async def _forever(look: Callable[[], Awaitable[None]], *, every_seconds: float, say: Say) -> None:
    told = ""
    while True:
        await asyncio.sleep(every_seconds)
        try:
            await look()
            told = ""
        except (
            Exception
        ) as error:  # A look that fails must not end the stack; the next one may succeed.
            trouble = f"{type(error).__name__}: {error}"
            if trouble != told:
                say(f"{trouble}; looking again every {every_seconds:g} s")
            told = trouble
