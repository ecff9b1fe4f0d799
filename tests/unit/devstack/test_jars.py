"""The lock of Java archives names each archive once, by hash, and only what its server may load."""

import re
from pathlib import Path

import pytest

from devstack import jars
from devstack.failure import StackFailure


def test_lock_has_every_root_of_every_set() -> None:
    locked = {(jar.set, f"{jar.group}:{jar.artifact}:{jar.version}") for jar in jars.read_lock()}

    roots = {(name, root) for name, roots in jars.SETS.items() for root in roots}

    assert roots
    assert roots <= locked


def test_lock_names_no_archive_of_a_set_twice() -> None:
    names = [(jar.set, jar.group, jar.artifact) for jar in jars.read_lock()]

    assert len(names) == len(set(names))


def test_lock_has_a_sha256_for_every_archive() -> None:
    hashes = [jar.sha256 for jar in jars.read_lock()]

    assert all(re.fullmatch(r"[0-9a-f]{64}", sha256) for sha256 in hashes)


def test_plugin_brings_nothing_that_connect_provides() -> None:
    plugin = {f"{jar.group}:{jar.artifact}" for jar in jars.read_lock() if jar.set == "debezium"}

    assert plugin
    assert not plugin & jars.PROVIDED_BY_CONNECT


def test_folder_ends_with_exactly_the_links_of_the_set(tmp_path: Path) -> None:
    (tmp_path / "of-an-older-version.jar").symlink_to(tmp_path / "nowhere")

    jars.link("flink", tmp_path)
    jars.link("flink", tmp_path)

    wanted = {jar.filename: jar.cached for jar in jars.read_lock() if jar.set == "flink"}
    assert {path.name: path.readlink() for path in tmp_path.iterdir()} == wanted


def test_cached_archive_with_other_bytes_is_not_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DPMS_CACHE_DIR", str(tmp_path))
    jar = jars.Jar("flink", "org.example", "thing", "1", "0" * 64)
    jar.cached.parent.mkdir(parents=True)
    jar.cached.write_bytes(b"not what was locked")

    assert not jars._is_right(jar)


def test_download_that_fails_names_the_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DPMS_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("DPMS_MAVEN_REPOSITORY", "http://127.0.0.1:1/nobody-listens")
    jar = jars.Jar("flink", "org.example", "thing", "1", "0" * 64)

    with pytest.raises(StackFailure, match=r"thing-1\.jar could not be downloaded"):
        jars._download(jar)

    assert not jar.cached.exists()
    assert list(tmp_path.iterdir()) == []
