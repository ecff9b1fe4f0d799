"""What a newcomer reads when the stack is up: where to look, how to log in, what to look at first."""

from collections.abc import Mapping
from typing import Any


def welcome_text(status: Mapping[str, Any], *, has_traffic: bool = True) -> str:
    """The text for the stack that `status` (the shape of `status --json`) describes."""
    web = str(status["web"]).rstrip("/")
    staff = status["credentials"]["staff"]
    logins = [f"    {s['username']:<12} {s['password']:<24} {s['role']}" for s in staff]
    first = (
        ["  Payments are coming in now. Watch them become final, then open one by its id."]
        if has_traffic
        else ["  Nothing is paid yet. `python -m devstack.traffic` sends invented payments."]
    )
    lines = [
        "",
        "  DPMS is up.",
        "",
        f"  Look at first   {web}/console/live",
        f"  API and docs    {web}/api/docs/",
        f"  Flink           {status['flink']}",
        "",
        "  Log in as (user name, password, role)",
        *logins,
        "",
        *first,
        "  An address nobody owns waits for its owner; a payment sent twice is held; a large one is refused.",
        "",
        f"  Everything of this stack is in {status['dir']}",
        "",
    ]
    return "\n".join(lines)
