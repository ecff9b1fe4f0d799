"""Ports of one run directory: free ones, chosen once and remembered, because servers store their own addresses."""

import json
import random
import socket

from devstack.failure import StackFailure
from devstack.rundir import RunDirectory, write_json

NAMES = (
    "web",
    "mongod",
    "kafka",
    "kafka_controller",
    "connect",
    "flink",
    "flink_rpc",
    "valkey",
    "zookeeper",
    "rail_gateway",
    "zelle",
    "interfi",
)

# Below the kernel's range for outgoing connections (from 32768), so that no connection of another
# program can sit on a remembered port while the stack is down.
LOWEST, HIGHEST = 20_000, 32_000


def remembered(run: RunDirectory) -> dict[str, int]:
    """The ports of this directory, chosen now for the names that have none yet."""
    ports: dict[str, int] = json.loads(run.ports.read_text()) if run.ports.exists() else {}
    missing = [name for name in NAMES if name not in ports]
    for name in missing:
        ports[name] = _free_port(taken=set(ports.values()))
    if missing:
        write_json(run.ports, ports)
    return ports


def check_free(name: str, port: int) -> None:
    if not _is_free(port):
        reason = f"port {port} of this run directory is in use by another program"
        raise StackFailure(name, reason)


def _free_port(*, taken: set[int]) -> int:
    for _ in range(1000):
        port = random.randrange(LOWEST, HIGHEST)
        if port not in taken and _is_free(port):
            return port
    raise StackFailure("ports", f"no free port between {LOWEST} and {HIGHEST}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # A port in TIME_WAIT from our own last run counts as free: the servers reuse it too.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
