"""What a rebuild discards, and what it must leave alone."""

from pathlib import Path

import pytest

from devstack import derived
from devstack.__main__ import main
from devstack.rundir import RunDirectory


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunDirectory:
    for name in ("DPMS_KAFKA_BOOTSTRAP", "DPMS_CONNECT_URL", "DPMS_FLINK_URL", "DPMS_MONGODB_URI"):
        monkeypatch.delenv(name, raising=False)
    return RunDirectory(tmp_path)


def kept(run: RunDirectory, *names: str) -> list[Path]:
    files = [run.path / name / "deeper" / "file" for name in names]
    for file in files:
        file.parent.mkdir(parents=True)
        file.write_text("kept")
    return files


def test_kafka_and_flink_are_discarded_together_and_nothing_else(run: RunDirectory) -> None:
    gone = kept(run, "data/kafka", "data/zookeeper", "checkpoints", "savepoints", "jobs")
    stays = kept(run, "data/mongod", "logs", "settings")

    discarded = derived.discard(run)

    assert len(discarded) == len(gone)
    assert [file for file in gone if file.exists()] == []
    assert [file for file in stays if not file.exists()] == []
    assert derived.discard(run) == []


def test_records_of_an_outside_cluster_are_not_touched(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stays = kept(run, "data/mongod", "data/kafka", "checkpoints")
    monkeypatch.setenv("DPMS_KAFKA_BOOTSTRAP", "kafka.example:9092")

    code = main(["rebuild", "--dir", str(run.path)])

    assert code == 1
    assert "DPMS_KAFKA_BOOTSTRAP" in capsys.readouterr().out
    assert all(file.exists() for file in stays)


def test_without_the_truth_nothing_is_discarded(run: RunDirectory) -> None:
    stays = kept(run, "data/kafka", "checkpoints")

    code = main(["rebuild", "--dir", str(run.path)])

    assert code == 1
    assert all(file.exists() for file in stays)
