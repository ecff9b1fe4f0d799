"""Who used the cores meanwhile: processor time of each part of the stack and of the load generator."""

import os
from collections.abc import Mapping
from typing import Any

import psutil


class Processor:
    """Counts from when it is made; a part that was started anew meanwhile counts from nothing."""

    def __init__(self, status: Mapping[str, Any]) -> None:
        self._pids = {part["name"]: int(part["pid"]) for part in status["components"]}
        self._pids["load generator"] = os.getpid()
        self._before = {name: _seconds(pid) for name, pid in self._pids.items()}

    def per_order(self, orders: int) -> dict[str, float]:
        """Milliseconds of processor time for each of `orders`, the largest first; parts below 0.01 are left out."""
        used = {name: _seconds(pid) - self._before[name] for name, pid in self._pids.items()}
        ranked = sorted(used.items(), key=lambda item: -item[1])
        shares = {name: round(1000 * seconds / max(1, orders), 2) for name, seconds in ranked}
        return {name: share for name, share in shares.items() if share >= 0.01}


def _seconds(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        # The load generator's own children are measured as parts where they are any.
        family = [process] if pid == os.getpid() else [process, *process.children(recursive=True)]
        times = [each.cpu_times() for each in family]
    except psutil.NoSuchProcess:
        return 0.0
    return sum(each.user + each.system for each in times)
