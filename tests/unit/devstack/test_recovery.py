"""What Flink keeps for a new JobManager: it is configured, and every start of a stack begins without it."""

from pathlib import Path

import pytest
import yaml

from devstack import flink, ports, zookeeper
from devstack.rundir import RunDirectory

PORTS = flink.Ports(rest=20_001, rpc=20_002, zookeeper=20_003)


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return RunDirectory(tmp_path)


def test_a_start_forgets_the_jobs_of_the_last_one(run: RunDirectory) -> None:
    kept = [run.jobs / "dpms" / "plan", run.data("zookeeper") / "version-2" / "log.1"]
    for file in kept:
        file.parent.mkdir(parents=True)
        file.write_text("as the code was then")
    checkpoint = run.checkpoints / "audit" / "1" / "chk-7" / "_metadata"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.touch()

    flink.prepare(run, PORTS)
    before_start = zookeeper.part(run, port=ports.remembered(run)["zookeeper"]).before_start
    before_start()

    assert [file for file in kept if file.exists()] == []
    assert checkpoint.exists()


def test_the_cluster_is_told_where_its_jobs_are_kept(run: RunDirectory) -> None:
    flink.prepare(run, PORTS)

    told = yaml.safe_load((run.settings("flink") / "conf" / "config.yaml").read_text())
    assert told["high-availability.type"] == "zookeeper"
    assert told["high-availability.zookeeper.quorum"] == "127.0.0.1:20003"
    assert told["high-availability.jobmanager.port"] == PORTS.rpc
    assert told["high-availability.storageDir"] == run.jobs.as_uri()
