"""A disk that is full: the part on it stops rather than lie, and goes on when there is room again."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.scenario import Stage
from tests.support.waiting import wait_until

NOTICED_SECONDS = 60
STAYS_FULL_SECONDS = 5.0
_CHUNK = bytes(1 << 20)
# What a server says of it; that it was said is the proof that the disk was full for it.
_SAID = ("No space left on device", "ENOSPC", "error: 28", "fault occurred in")


def disk_full(part: str) -> Callable[[Stage], None]:
    def inject(stage: Stage) -> None:
        ballast = stage.stack.directory / "data" / part / "ballast"
        log = stage.stack.directory / "logs" / f"{part}.log"
        read = log.stat().st_size
        stage.breaks()
        fill(ballast)
        try:
            wait_until(lambda: _says_so(log, read), NOTICED_SECONDS, f"{part} noticed")
            time.sleep(STAYS_FULL_SECONDS)
        finally:
            ballast.unlink()
        wait_until(
            lambda: stage.stack.component(part)["state"] == "running", 120, f"{part} runs again"
        )
        stage.notes["restarts"] = stage.stack.component(part)["restarts"]

    return inject


def fill(ballast: Path) -> None:
    """Takes all the room there is, also the last bytes."""
    with ballast.open("wb", buffering=0) as file:
        for size in (len(_CHUNK), 4096, 1):
            while _could_write(file.fileno(), _CHUNK[:size]):
                pass


def _could_write(descriptor: int, content: bytes) -> bool:
    try:
        os.write(descriptor, content)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False
    return True


def _says_so(log: Path, read: int) -> bool:
    with log.open(errors="replace") as file:
        file.seek(read)
        said = file.read()
    return any(words in said for words in _SAID)
