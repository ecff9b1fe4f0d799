"""Whoever starts or ends flow jobs does so alone."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from streaming.config import Config


@contextmanager
def one_at_a_time(config: Config) -> Iterator[None]:
    """Between looking for a job and submitting it nobody else submits; the kernel frees the lock of who dies."""
    with (config.dir / "submit.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
