"""The rail gateway and the simulated networks that it speaks with."""

import sys
import urllib.request

from devstack.parts import Part
from devstack.ports import check_free

# Networks that a sandbox plays itself; a port and an address each.
NETWORKS = ("zelle", "interfi")


def gateway(port: int, *, needs: tuple[str, ...]) -> Part:
    return Part(
        name="rail_gateway",
        needs=needs,
        command=[sys.executable, "manage.py", "run_rail_gateway"],
        before_start=lambda: check_free("rail_gateway", port),
        is_ready=lambda: _answers(port),
    )


def network(name: str, port: int) -> Part:
    """It needs nobody: what it has to say waits until the gateway is there."""
    return Part(
        name=name,
        command=[
            sys.executable,
            "-m",
            "apps.rails.simulators",
            name,
        ],  # without Django: half the memory
        before_start=lambda: check_free(name, port),
        is_ready=lambda: _answers(port),
    )


def _answers(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
        return bool(answer.status == 200)
