"""The run directory: where one stack keeps its data, logs, ports, addresses and its lock."""

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PROJECT = Path(__file__).resolve().parent.parent
LOG_KEPT_BYTES_MAX = 20_000_000


@dataclass(frozen=True)
class RunDirectory:
    """Paths below one `--dir`; nothing of a stack lies outside it."""

    path: Path

    @property
    def addresses(self) -> Path:
        return self.path / "addresses.json"

    @property
    def credentials(self) -> Path:
        return self.path / "credentials.json"

    @property
    def ports(self) -> Path:
        return self.path / "ports.json"

    @property
    def socket(self) -> Path:
        return self.path / "control.sock"

    @property
    def lock(self) -> Path:
        return self.path / "stack.lock"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def jobs(self) -> Path:
        """Where Flink keeps what a new JobManager needs to take up its jobs."""
        return self.path / "jobs"

    def data(self, name: str) -> Path:
        return _made(self.path / "data" / name)

    def settings(self, name: str) -> Path:
        return _made(self.path / "settings" / name)

    def log(self, name: str) -> Path:
        return _made(self.path / "logs") / f"{name}.log"

    def open_log(self, name: str) -> IO[bytes]:
        """The part's log, for appending; one that grew large is set aside once."""
        path = self.log(name)
        if path.exists() and path.stat().st_size > LOG_KEPT_BYTES_MAX:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def resolve(directory: str | None) -> RunDirectory:
    """The directory of `--dir`, else of DPMS_DIR, else the project's own."""
    chosen = directory or os.environ.get("DPMS_DIR")
    return RunDirectory(Path(chosen).resolve() if chosen else PROJECT / ".dpms")


class StackLock:
    """Held by the process that supervises the directory; the kernel frees it when that process dies."""

    def __init__(self, run: RunDirectory) -> None:
        self._path = run.lock
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        """Whether the lock is ours now. False means that a living process has it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            self._file.close()
            self._file = None


def holder(run: RunDirectory) -> int | None:
    """The pid of the living process that supervises this directory, or None."""
    try:
        with run.lock.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read() or 0) or None
    except FileNotFoundError:
        return None
    return None


def write_json(path: Path, document: Any, *, mode: int = 0o644) -> None:
    """Replace the file in one step, so that a reader sees the old or the new one, never half."""
    draft = _made(path.parent) / f".{path.name}.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as file:
        json.dump(document, file, indent=2)
        file.write("\n")
    draft.replace(path)
