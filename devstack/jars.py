"""Java archives by Maven coordinates: locked by SHA-256, cached once for the user, linked where they are wanted."""

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack.failure import StackFailure

LOCK = Path(__file__).with_name("jars.lock")
DOWNLOADS_AT_ONCE = 8

# The set is also the name of the folder the archives are linked into.
SETS: dict[str, tuple[str, ...]] = {
    "kafka": (
        "org.apache.kafka:kafka_2.13:4.3.1",
        "org.apache.kafka:connect-runtime:4.3.1",
        "org.apache.kafka:connect-json:4.3.1",
        "org.apache.kafka:connect-transforms:4.3.1",
    ),
    "debezium": ("io.debezium:debezium-connector-mongodb:3.6.1.Final",),
    "flink": ("org.apache.flink:flink-sql-connector-kafka:5.0.0-2.2",),
}

# Kafka's slf4j 1.7 speaks through this to the log4j that comes with it. Resolved by itself, because
# the resolver takes the managed versions of every root for all of them.
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"

# A Connect plugin must not bring its own copy of what the worker already has on its class path.
PROVIDED_BY_CONNECT = {
    "org.apache.kafka:connect-api",
    "org.apache.kafka:kafka-clients",
    "org.slf4j:slf4j-api",
    "com.github.luben:zstd-jni",
    "at.yawk.lz4:lz4-java",
    "org.xerial.snappy:snappy-java",
}


@dataclass(frozen=True)
class Jar:
    """One archive of one set; `sha256` is what its bytes must hash to."""

    set: str
    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def filename(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    @property
    def cached(self) -> Path:
        folder = cache_directory() / "jars" / self.group.replace(".", "/")
        return folder / self.artifact / self.version / self.filename

    def __str__(self) -> str:
        return f"{self.set} {self.group}:{self.artifact}:{self.version} {self.sha256}"


def cache_directory() -> Path:
    configured = os.environ.get("DPMS_CACHE_DIR")
    if configured:
        return Path(configured)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dpms"


def read_lock(path: Path = LOCK) -> list[Jar]:
    jars = []
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            name, coordinates, sha256 = line.split()
            group, artifact, version = coordinates.split(":")
            jars.append(Jar(name, group, artifact, version, sha256))
    return jars


def link(name: str, folder: Path) -> None:
    """Make `folder` hold links to exactly the archives of one set."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {jar.filename: jar.cached for jar in read_lock() if jar.set == name}
    for present in folder.glob("*.jar"):
        if wanted.get(present.name) != present.readlink():
            present.unlink()
    for filename, target in wanted.items():
        if not (folder / filename).is_symlink():
            (folder / filename).symlink_to(target)


def fetch(say: Callable[[str], None]) -> None:
    """Have every locked archive in the cache with the right bytes; what is missing is downloaded."""
    distinct = {jar.cached: jar for jar in read_lock()}.values()
    missing = [jar for jar in distinct if not _is_right(jar)]
    if not missing:
        return
    say(f"downloading {len(missing)} Java archives, once for this user")
    done, received_bytes = 0, 0
    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
        for finished in as_completed([pool.submit(_download, jar) for jar in missing]):
            received_bytes += finished.result()
            done += 1
            if done % 10 == 0 or done == len(missing):
                say(f"downloaded {done} of {len(missing)} archives, {received_bytes / 1e6:.0f} MB")


def _is_right(jar: Jar) -> bool:
    return jar.cached.exists() and _sha256(jar.cached) == jar.sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(jar: Jar) -> int:
    """Bring one archive into the cache under its final name only after its hash was found right."""
    incoming = Path(tempfile.mkdtemp(prefix="incoming-", dir=_made(cache_directory())))
    try:
        received: Path = (
            _maven(incoming)
            .project(jar.group, jar.artifact)
            .at_version(jar.version)
            .artifact()
            .resolve()
        )
        found = _sha256(received)
        if found != jar.sha256:
            reason = f"{jar.filename} hashes to {found}, the lock says {jar.sha256}"
            raise StackFailure("jars", reason)
        _made(jar.cached.parent)
        received.replace(jar.cached)
        return jar.cached.stat().st_size
    except (OSError, RuntimeError) as error:
        raise StackFailure("jars", f"{jar.filename} could not be downloaded: {error}") from error
    finally:
        shutil.rmtree(incoming)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _maven(cache: Path) -> Any:
    # Imported late: a start with a full cache never needs the resolver.
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext

    repository = os.environ.get("DPMS_MAVEN_REPOSITORY") or MAVEN_CENTRAL_URL
    return MavenContext(repo_cache=cache, remote_repos={"repository": repository}, timeout=60)


def write_lock(say: Callable[[str], None], *, path: Path = LOCK) -> None:
    """Resolve SETS anew and write what they need, with the hashes of what was downloaded."""
    logging.getLogger("jgo").setLevel(logging.ERROR)
    context = _maven(_made(cache_directory() / "resolved"))
    lines = ["# Made by `python -m devstack lock-jars`: set group:artifact:version sha256"]
    for name, roots in SETS.items():
        say(f"resolving {name}")
        artifacts = [a for a in _resolve(context, roots) if not _left_out(name, a)]
        if name == "kafka":
            artifacts.append(_resolve(context, (LOGGING,))[0])
        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
            files = list(pool.map(lambda artifact: artifact.resolve(), artifacts))
        jars = [
            Jar(name, a.groupId, a.artifactId, a.version, _sha256(file))
            for a, file in zip(artifacts, files, strict=True)
        ]
        lines += sorted(str(jar) for jar in jars)
    path.write_text("\n".join(lines) + "\n")
    say(f"{path.name}: {len(lines) - 1} archives")


def _resolve(context: Any, roots: tuple[str, ...]) -> list[Any]:
    from jgo.parse import Coordinate

    dependencies = [context.create_dependency(Coordinate.parse(root)) for root in roots]
    for dependency in dependencies:
        dependency.scope = "compile"
    inputs, transitive = context.resolver.resolve(dependencies)
    needed = [*inputs, *(d for d in transitive if d.scope in ("compile", "runtime"))]
    return [dependency.artifact for dependency in needed]


def _left_out(name: str, artifact: Any) -> bool:
    return name == "debezium" and f"{artifact.groupId}:{artifact.artifactId}" in PROVIDED_BY_CONNECT
