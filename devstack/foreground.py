"""Being the parent of a stack: the lock, what a dead parent left behind, and the words at the end."""

import asyncio
import os
import sys
from typing import NoReturn

from devstack import plan, process
from devstack import status as statuses
from devstack.environment import is_sandbox
from devstack.exits import DONE, FAILED, INTERRUPTED
from devstack.failure import StackFailure
from devstack.rundir import RunDirectory, StackLock, write_json
from devstack.supervisor import Supervisor
from devstack.welcome import welcome_text

LOG_END_LINES = 40


def supervise(run: RunDirectory, choice: plan.Choice, *, in_terminal: bool) -> NoReturn:
    """Run the stack until it is asked to end, then exit. Whatever happens, no process and no lock stays."""
    code = _supervise(run, choice, in_terminal=in_terminal)
    sys.stdout.flush()
    # Not sys.exit: it would wait for a download or a check that blocks in a thread.
    os._exit(code)


def _supervise(run: RunDirectory, choice: plan.Choice, *, in_terminal: bool) -> int:
    lock = StackLock(run)
    if not lock.acquire():
        print(f"another stack starts in {run.path} just now")
        return FAILED
    try:
        for killed in process.end_leftovers(run.path):
            print(f"ended process {killed.pid}: the stack it belonged to had died", flush=True)
        known = {**plan.addresses(run), "owner_mongodb": plan.owner_address(run)}
        write_json(run.addresses, known, mode=0o600)  # addresses of MongoDB hold passwords
        # Not asyncio.run, for the reason above.
        return asyncio.new_event_loop().run_until_complete(
            _serve(run, choice, in_terminal=in_terminal)
        )
    except StackFailure as failure:
        _explain(failure)
        return FAILED
    finally:
        lock.release()


async def _serve(run: RunDirectory, choice: plan.Choice, *, in_terminal: bool) -> int:
    def show(text: str) -> None:
        print(text, flush=True)
        if in_terminal:  # Else the output is the log already.
            with run.open_log("stack") as log:
                log.write(f"{text}\n".encode())

    def greet() -> None:
        if in_terminal:
            welcome(run, demo=choice.demo)

    supervisor = Supervisor(run, choice, show=show, on_ready=greet)
    await supervisor.run()
    return DONE if supervisor.was_ready else INTERRUPTED


def welcome(run: RunDirectory, *, demo: bool) -> None:
    found = statuses.read(run)
    if is_sandbox() and any(part["name"] == "web" for part in found["components"]):
        print(welcome_text(found, has_traffic=demo), flush=True)


def _explain(failure: StackFailure) -> None:
    print(f"FAILED  {failure}")
    if failure.log is not None and failure.log.exists():
        print(f"the end of {failure.log}:")
        lines = failure.log.read_text(errors="replace").splitlines()
        print("\n".join(f"    {line}" for line in lines[-LOG_END_LINES:]), flush=True)
