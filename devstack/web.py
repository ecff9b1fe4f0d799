"""The platform's own processes: the web server, the feed bridge and the clock."""

import sys
import urllib.request
from typing import Any

from pymongo import MongoClient

from devstack.parts import Part
from devstack.ports import check_free


def url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def web(port: int, *, needs: tuple[str, ...]) -> Part:
    return Part(
        name="web",
        needs=needs,
        command=[
            *(sys.executable, "-m", "uvicorn", "dpms_site.asgi:application"),
            *("--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--lifespan", "off"),
            "--no-proxy-headers",  # by default uvicorn believes what loopback writes there
        ],
        before_start=lambda: check_free("web", port),
        is_ready=lambda: _answers(port),
    )


def bridge(*, mongodb: str, database: str, needs: tuple[str, ...]) -> Part:
    return Part(
        name="bridge",
        needs=needs,
        command=[sys.executable, "manage.py", "bridge_feed"],
        is_ready=lambda: _leads("bridge", mongodb, database),
    )


def clock(*, mongodb: str, database: str, needs: tuple[str, ...]) -> Part:
    return Part(
        name="clock",
        needs=needs,
        command=[sys.executable, "manage.py", "run_clock"],
        is_ready=lambda: _leads("clock", mongodb, database),
    )


def traffic(*, needs: tuple[str, ...]) -> Part:
    return Part(
        name="traffic",
        needs=needs,
        command=[sys.executable, "-m", "devstack.traffic"],
        is_ready=lambda: True,
        is_listed=False,
    )


def _answers(port: int) -> bool:
    """Whether it could accept an order; it answers 503, an exception here, while it could not."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
        return bool(answer.status == 200)


def _leads(name: str, mongodb: str, database: str) -> bool:
    """It listens on no port, but a bridge or clock that works holds its lease."""
    held = {"_id": name, "$expr": {"$gt": ["$until", "$$NOW"]}}
    with MongoClient[dict[str, Any]](mongodb, serverSelectionTimeoutMS=2000) as client:
        return client[database]["leases"].find_one(held) is not None
