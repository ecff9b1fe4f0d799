"""Where a stack is and how its parts do, for people and for programs."""

from typing import Any

from devstack import control, credentials, plan
from devstack.rundir import RunDirectory


def read(run: RunDirectory) -> dict[str, Any]:
    """The shape that outside checks rely on. Without a running stack `components` is empty."""
    found: dict[str, Any] = {**plan.addresses(run), "dir": str(run.path)}
    try:
        answer = control.ask(run, {"do": "status"})
    except OSError:
        answer = {"phase": "stopped", "components": []}
    found["phase"] = answer["phase"]
    found["components"] = answer["components"]
    if run.credentials.exists():
        known = credentials.read(run)
        found["credentials"] = {
            name: known[name] for name in ("client_id", "client_secret", "staff")
        }
    return found


def as_text(found: dict[str, Any]) -> str:
    lines = [f"{found['phase']}: {found['dir']}"]
    for part in found["components"]:
        pid, megabytes = part["pid"] or "-", f"{part['rss_mb']} MB"
        lines.append(
            f"  {part['name']:<12} {part['state']:<11} pid {pid:<8} {megabytes:>8}"
            f"  restarts {part['restarts']}"
        )
    total = sum(part["rss_mb"] for part in found["components"])
    lines.append(f"  {'together':<12} {'':<11}     {'':<8} {total:>5} MB")
    places = ("web", "mongodb", "kafka", "connect", "flink", "valkey")
    lines += [f"  {name:<12} {found[name]}" for name in places]
    return "\n".join(lines)
