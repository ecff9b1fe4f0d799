"""The Flink cluster over its REST interface: which jobs run, and the newest checkpoint of a flow."""

import json
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from streaming.config import Config

# States in which a job is alive or comes back by itself.
ALIVE = frozenset({"INITIALIZING", "CREATED", "RUNNING", "FAILING", "RESTARTING", "RECONCILING"})


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
    with urllib.request.urlopen(f"{config.flink_url}/jobs/overview", timeout=5) as answer:  # noqa: S310
        overview = json.load(answer)["jobs"]
    return [
        Job(j["jid"], j["name"], j["state"], j["tasks"]["running"], j["tasks"]["total"])
        for j in overview
    ]


def alive(config: Config) -> dict[str, Job]:
    """Jobs that live, by flow name."""
    return {job.name: job for job in jobs(config) if job.state in ALIVE}


def checkpoint_directory(config: Config, flow: str) -> Path:
    return config.dir / "checkpoints" / flow


def newest_checkpoint(config: Config, flow: str) -> Path | None:
    """The newest complete checkpoint that the flow left, or None. A checkpoint is complete when it has metadata."""
    found = checkpoint_directory(config, flow).glob("*/chk-*/_metadata")
    newest = max(found, key=lambda path: path.stat().st_mtime_ns, default=None)
    return newest.parent if newest else None
