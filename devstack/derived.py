"""What a stack keeps that is only derived: Kafka's records and offsets, Flink's state; MongoDB has it all."""

import os
import shutil
from pathlib import Path

from devstack.rundir import RunDirectory

# With one of these the records, the offsets or the jobs lie elsewhere and are not ours to discard.
_OUTSIDE = ("DPMS_KAFKA_BOOTSTRAP", "DPMS_CONNECT_URL", "DPMS_FLINK_URL")


def outside() -> str | None:
    """The variable that puts a part of it out of this stack's hands, if one does."""
    return next((name for name in _OUTSIDE if os.environ.get(name)), None)


def has_truth(run: RunDirectory) -> bool:
    """Whether there is something to rebuild from."""
    data = run.path / "data" / "mongod"
    return bool(os.environ.get("DPMS_MONGODB_URI")) or (data.is_dir() and any(data.iterdir()))


def discard(run: RunDirectory) -> list[Path]:
    """Delete it and name what was deleted. No process of the stack may run. Safe to repeat.

    Topics, consumer offsets and the connector's place are in Kafka's data; checkpoints and savepoints are Flink's
    state; jobs and ZooKeeper's data are what it keeps for a new JobManager. All go together: a checkpoint without the
    topic that its offsets point into is worse than none.
    """
    data = run.path / "data"
    folders = [
        *(data / "kafka", data / "zookeeper", data / "flink-tmp"),
        *(run.checkpoints, run.path / "savepoints", run.jobs),
    ]
    present = [folder for folder in folders if folder.is_dir() and any(folder.iterdir())]
    for folder in present:
        for entry in folder.iterdir():  # The folder itself may be a disk of its own.
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    return present
