"""The Flink cluster over its REST interface: which jobs run, and the newest checkpoint of a flow."""

import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streaming.config import Config
from streaming.flows.registry import FLOWS

# States in which a job is alive or comes back by itself.
ALIVE = frozenset({"INITIALIZING", "CREATED", "RUNNING", "FAILING", "RESTARTING", "RECONCILING"})


SAVEPOINT_SECONDS = 90.0


class NotStopped(OSError):
    """The job could not be stopped with a savepoint; it goes on."""


@dataclass(frozen=True)
class Job:
    """One job of the cluster; `running` and `total` count its tasks."""

    id: str
    name: str
    state: str
    running: int
    total: int

    @property
    def is_running(self) -> bool:
        return self.state == "RUNNING" and self.running == self.total


def jobs(config: Config) -> list[Job]:
    """All jobs that the cluster knows. Raises OSError when it can't be reached."""
    overview = _ask(config, "/jobs/overview")["jobs"]
    return [
        Job(j["jid"], j["name"], j["state"], j["tasks"]["running"], j["tasks"]["total"])
        for j in overview
    ]


def alive(config: Config) -> dict[str, Job]:
    """Jobs that live, by flow name."""
    return {job.name: job for job in jobs(config) if job.state in ALIVE}


def slots_available(config: Config) -> int:
    """How many more parallel tasks the TaskManagers have room for."""
    return int(_ask(config, "/overview")["slots-available"])


def stop_with_savepoint(config: Config, job: Job, directory: Path) -> str:
    """Ends the job after a last checkpoint of its own and says where that is. Raises OSError; then the job goes on."""
    wanted = {"targetDirectory": directory.as_uri(), "drain": False}
    trigger = _ask(config, f"/jobs/{job.id}/stop", wanted)["request-id"]
    deadline = time.monotonic() + SAVEPOINT_SECONDS
    while time.monotonic() < deadline:
        answer = _ask(config, f"/jobs/{job.id}/savepoints/{trigger}")
        if answer["status"]["id"] == "COMPLETED":
            operation = answer["operation"]
            if "location" not in operation:
                raise NotStopped(f"{job.name}: {str(operation.get('failure-cause'))[:600]}")
            return str(operation["location"])
        time.sleep(0.1)
    raise NotStopped(f"{job.name}: no savepoint after {SAVEPOINT_SECONDS:g} s")


def _ask(config: Config, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(  # noqa: S310
        config.flink_url + path,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        return json.load(answer)


def savepoint_directory(config: Config, flow: str) -> Path:
    """Beside the checkpoints, where `newest_checkpoint` does not look: a savepoint that was taken may be deleted."""
    return config.dir / "savepoints" / flow


def checkpoint_directory(config: Config, flow: str) -> Path:
    return _checkpoints_of_shape(config, flow, FLOWS[flow].shape)


def _checkpoints_of_shape(config: Config, flow: str, shape: int) -> Path:
    return config.dir / "checkpoints" / (flow if shape == 1 else f"{flow}.{shape}")


def newest_checkpoint(config: Config, flow: str) -> Path | None:
    """The newest complete checkpoint that the flow left, or None. A checkpoint is complete when it has metadata."""
    newest = max(
        _complete(checkpoint_directory(config, flow)),
        key=lambda path: path.stat().st_mtime_ns,
        default=None,
    )
    return newest.parent if newest else None


def has_checkpoint_of_earlier_shape(config: Config, flow: str) -> bool:
    earlier = range(1, FLOWS[flow].shape)
    return any(any(_complete(_checkpoints_of_shape(config, flow, shape))) for shape in earlier)


def _complete(checkpoints: Path) -> Iterator[Path]:
    return checkpoints.glob("*/chk-*/_metadata")
