"""ZooKeeper: who leads the Flink cluster and which jobs it has; the server inside the Flink wheel's own archive."""

import shutil
import socket

from devstack import java
from devstack.parts import Part
from devstack.ports import check_free
from devstack.rundir import RunDirectory

SERVER = "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.ZooKeeperServerMain"
OPTIONS = (
    *("-Xms16m", "-Xmx64m", "-XX:MaxMetaspaceSize=48m"),
    "-Dzookeeper.jmx.log4j.disable=true",
    *java.NO_OPTIMISATION,
)
# A session lives 2 to 20 ticks; Flink asks for SESSION_SECONDS (devstack/flink.py).
TICK_MS = 500


def address(port: int) -> str:
    return f"127.0.0.1:{port}"


def part(run: RunDirectory, *, port: int) -> Part:
    settings = run.settings("zookeeper") / "zookeeper.properties"
    return Part(
        name="zookeeper",
        needs=("flink settings",),
        command=java.command(
            SERVER,
            str(settings),
            run=run,
            classpath=str(run.settings("flink") / "lib" / "*"),
            options=OPTIONS,
        ),
        before_start=lambda: _prepare(run, port),
        is_ready=lambda: _answers(port),
        keeps_data=True,
    )


def _prepare(run: RunDirectory, port: int) -> None:
    """Begin empty: every start of a stack submits its jobs anew, as the code is now (docs/decisions/0009)."""
    check_free("zookeeper", port)
    data = run.path / "data" / "zookeeper"
    shutil.rmtree(data, ignore_errors=True)
    properties = run.settings("zookeeper") / "zookeeper.properties"
    properties.write_text(f"""\
tickTime={TICK_MS}
dataDir={run.data("zookeeper")}
clientPort={port}
clientPortAddress=127.0.0.1
admin.enableServer=false
autopurge.snapRetainCount=3
autopurge.purgeInterval=1
""")


def _answers(port: int) -> bool:
    """It answers `srvr` with its version once it serves."""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(b"srvr")
        return connection.recv(64).startswith(b"Zookeeper version")
