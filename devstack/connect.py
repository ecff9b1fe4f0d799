"""Kafka Connect in distributed mode, with Debezium's MongoDB connector as its only plugin folder."""

import json
import urllib.request

from devstack import java
from devstack.parts import Part
from devstack.ports import check_free
from devstack.rundir import RunDirectory

OPTIONS = ("-Xms128m", "-Xmx512m", "-XX:MaxMetaspaceSize=192m", *java.LATE_OPTIMISATION)


def part(run: RunDirectory, *, port: int, kafka: str, needs: tuple[str, ...]) -> Part:
    properties = run.settings("connect") / "connect.properties"
    return Part(
        name="connect",
        needs=("jars", *needs),
        command=java.command(
            "org.apache.kafka.connect.cli.ConnectDistributed",
            str(properties),
            run=run,
            classpath=str(run.settings("kafka") / "lib" / "*"),
            options=OPTIONS,
        ),
        before_start=lambda: _prepare(run, port=port, kafka=kafka),
        is_ready=lambda: _answers(port),
    )


def _prepare(run: RunDirectory, *, port: int, kafka: str) -> None:
    check_free("connect", port)
    plugins = run.settings("connect") / "plugins"
    path = run.settings("connect") / "connect.properties"
    path.write_text(f"""\
bootstrap.servers={kafka}
group.id=dpms-connect
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
config.storage.topic=_connect_configs
offset.storage.topic=_connect_offsets
status.storage.topic=_connect_status
config.storage.replication.factor=1
offset.storage.replication.factor=1
status.storage.replication.factor=1
offset.storage.partitions=1
status.storage.partitions=1
offset.flush.interval.ms=1000
# A worker that was killed stays a member until this ends, and its tasks run nowhere so long.
session.timeout.ms=6000
heartbeat.interval.ms=1500
scheduled.rebalance.max.delay.ms=0
# The connector overrides its producer: linger, request size.
connector.client.config.override.policy=All
listeners=http://127.0.0.1:{port}
rest.advertised.host.name=127.0.0.1
plugin.path={plugins}
# Scanning every class of every archive costs seconds; the service files name all plugins.
plugin.discovery=service_load
""")


def _answers(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/connectors", timeout=2) as answer:
        return isinstance(json.load(answer), list)
