"""Kafka: one KRaft node on loopback that is broker and controller; topics only as declared."""

import socket
import struct
import subprocess
from pathlib import Path

from devstack import java
from devstack.failure import StackFailure
from devstack.parts import Part
from devstack.ports import check_free
from devstack.rundir import RunDirectory

OPTIONS = (
    *("-Xms128m", "-Xmx384m", "-XX:MaxMetaspaceSize=128m", "-XX:MaxDirectMemorySize=128m"),
    *java.LATE_OPTIMISATION,
)
RECORD_BYTES_MAX = 4 * 1024 * 1024

# Kafka protocol: ApiVersions (key 18) version 0 is a header only; the client id is null.
CORRELATION = 1
API_VERSIONS_REQUEST = struct.pack(">hhih", 18, 0, CORRELATION, -1)


def part(run: RunDirectory, *, port: int, controller_port: int) -> Part:
    properties = run.settings("kafka") / "server.properties"
    return Part(
        name="kafka",
        needs=("jars",),
        command=java.command(
            "kafka.Kafka", str(properties), run=run, classpath=_classpath(run), options=OPTIONS
        ),
        before_start=lambda: _prepare(run, port=port, controller_port=controller_port),
        is_ready=lambda: _answers(port),
        stop_seconds=15,
        keeps_data=True,
    )


def _classpath(run: RunDirectory) -> str:
    return str(run.settings("kafka") / "lib" / "*")


def _prepare(run: RunDirectory, *, port: int, controller_port: int) -> None:
    check_free("kafka", port)
    check_free("kafka", controller_port)
    properties = run.settings("kafka") / "server.properties"
    properties.write_text(_properties(run.data("kafka"), port, controller_port))
    if not (run.data("kafka") / "meta.properties").exists():
        _format(run, properties)


def _properties(data: Path, port: int, controller_port: int) -> str:
    return f"""\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
message.max.bytes={RECORD_BYTES_MAX}
replica.fetch.max.bytes={RECORD_BYTES_MAX}
log.message.timestamp.type=LogAppendTime
unclean.leader.election.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# One copy on one disk is small work: fewer threads, and no 128 MiB buffer for the cleaner.
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.dedupe.buffer.size=16777216
"""


def _format(run: RunDirectory, properties: Path) -> None:
    """Give the data directory its cluster id: once in its life."""
    identifier = _storage_tool(run, "random-uuid").strip().splitlines()[-1]
    _storage_tool(
        run, "format", "--standalone", "--cluster-id", identifier, "--config", str(properties)
    )


def _storage_tool(run: RunDirectory, *arguments: str) -> str:
    command = java.command(
        "kafka.tools.StorageTool",
        *arguments,
        run=run,
        classpath=_classpath(run),
        options=("-Xmx128m", *java.NO_OPTIMISATION),
    )
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        reason = f"its storage could not be formatted: {(done.stdout + done.stderr)[-600:]}"
        raise StackFailure("kafka", reason)
    return done.stdout


def _answers(port: int) -> bool:
    """Whether it answers the first question of every client, by its protocol's own bytes.

    The supervisor must outlive everything, so no native Kafka client runs inside it.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(struct.pack(">i", len(API_VERSIONS_REQUEST)) + API_VERSIONS_REQUEST)
        with connection.makefile("rb") as answer:
            length, correlation, error = struct.unpack(">iih", answer.read(10))
    return bool(length > 0 and correlation == CORRELATION and error == 0)
