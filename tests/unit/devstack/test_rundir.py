"""A run directory belongs to one living supervisor at a time, and a dead one leaves nothing that blocks."""

import stat
from pathlib import Path

import pytest

from devstack import rundir
from devstack.rundir import RunDirectory, StackLock


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return RunDirectory(tmp_path)


def test_second_supervisor_does_not_get_the_lock(run: RunDirectory) -> None:
    first, second = StackLock(run), StackLock(run)
    assert first.acquire()

    acquired = second.acquire()

    assert not acquired
    assert rundir.holder(run) is not None
    first.release()


def test_released_lock_leaves_no_file_and_no_holder(run: RunDirectory) -> None:
    lock = StackLock(run)
    lock.acquire()

    lock.release()

    assert rundir.holder(run) is None
    assert list(run.path.iterdir()) == []


def test_file_of_a_dead_supervisor_is_not_a_holder(run: RunDirectory) -> None:
    run.lock.write_text("4194304")

    lock = StackLock(run)

    assert rundir.holder(run) is None
    assert lock.acquire()
    lock.release()


def test_option_wins_over_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DPMS_DIR", str(tmp_path / "environment"))

    assert rundir.resolve(None).path == tmp_path / "environment"
    assert rundir.resolve(str(tmp_path / "option")).path == tmp_path / "option"


def test_directory_is_the_projects_own_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DPMS_DIR", raising=False)

    assert rundir.resolve(None).path == rundir.PROJECT / ".dpms"


def test_json_is_replaced_whole_with_the_mode_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text("old and longer than what comes")

    rundir.write_json(path, {"a": 1}, mode=0o600)

    assert path.read_text() == '{\n  "a": 1\n}\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["secrets.json"]


def test_log_that_grew_large_is_set_aside(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rundir, "LOG_KEPT_BYTES_MAX", 10)
    run.log("kafka").write_text("more than ten bytes")

    with run.open_log("kafka") as log:
        log.write(b"begins anew")

    assert run.log("kafka").read_text() == "begins anew"
    assert run.log("kafka").with_suffix(".log.1").read_text() == "more than ten bytes"
