"""The platform's own processes: the web server and the feed bridge."""

import sys
import urllib.request

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
        ],
        before_start=lambda: check_free("web", port),
        is_ready=lambda: _answers(port),
    )


def bridge(*, needs: tuple[str, ...]) -> Part:
    return Part(
        name="bridge",
        needs=needs,
        command=[sys.executable, "manage.py", "bridge_feed"],
        # It listens on no port; that it still runs after its imports is what can be seen from here.
        is_ready=lambda: True,
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
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5) as answer:
        return bool(answer.status == 200)
