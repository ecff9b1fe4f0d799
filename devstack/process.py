"""Operating-system processes: started so that they die with this one, and found again if they did not."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

# Every process of a stack carries this variable, whatever started it, so that leftovers can be found.
MARK = "DPMS_STACK_OF"

_TETHER = Path(__file__).with_name("tether.py")


async def start(
    argv: Sequence[str], *, environment: Mapping[str, str], directory: Path, log: IO[bytes]
) -> asyncio.subprocess.Process:
    """Start in a session of its own, tied to this process: it dies with us, however we die.

    Needs the main thread, because the kernel takes the end of the thread for the end of the parent.
    """
    tied = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), *argv]
    return await asyncio.create_subprocess_exec(
        *tied,
        env=dict(environment),
        cwd=directory,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=log,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )


def end_group(pid: int, number: signal.Signals) -> None:
    """Signal the process and every descendant that stayed in its session's group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def family_rss_mb(pid: int) -> int:
    """Resident memory of the process and its descendants."""
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        top = psutil.Process(pid)
        for member in [top, *top.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                total += member.memory_info().rss
    return round(total / 1e6)


def leftovers(directory: Path) -> list[psutil.Process]:
    """Living processes of a stack of this directory other than this process and its ancestors."""
    lineage = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for candidate in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if candidate.pid not in lineage and candidate.environ().get(MARK) == str(directory):
                found.append(candidate)
    return found


def end_leftovers(directory: Path) -> list[psutil.Process]:
    """Kill what a dead supervisor left behind and wait until it is gone; returns what was killed."""
    found = leftovers(directory)
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(found, timeout=10)
    return found
