"""Kafka as the flows read and write it.

The source is a table because only the table connector hands a Python job each record's topic,
partition and offset, which a dead letter must name. Offsets: from the checkpoint, else from the
group's committed ones, else fail loudly (`submit` seeds them the first time).
"""

from pyflink.common.serialization import SimpleStringSchema
from pyflink.datastream import DataStream, StreamExecutionEnvironment
from pyflink.datastream.connectors.base import DeliveryGuarantee
from pyflink.datastream.connectors.kafka import KafkaRecordSerializationSchema, KafkaSink
from pyflink.table import StreamTableEnvironment

from streaming.config import Config
from streaming.contracts.topics import DEAD_LETTERS, topic_of
from streaming.flows.registry import Flow
from streaming.flows.sieve import Sieve

_COLUMNS = """
    `key` BYTES, `value` BYTES,
    `topic` STRING METADATA VIRTUAL, `partition` INT METADATA VIRTUAL, `offset` BIGINT METADATA VIRTUAL
"""


_NAMES = ("key", "value", "topic", "partition", "offset")
_FIELDS = ", ".join(f"`{name}`" for name in _NAMES)


def changes(
    env: StreamExecutionEnvironment, flow: Flow, config: Config, sieve: Sieve | None = None
) -> DataStream:
    """Rows of (key, value, topic, partition, offset) of every collection that the flow reads, as far as they pass."""
    tables = _with_table(env, flow, config)
    where = f"WHERE {sieve.passing()}" if sieve else ""
    return tables.to_data_stream(
        tables.sql_query(f"SELECT {_FIELDS} FROM {flow.name} {where}")  # noqa: S608
    )


def changes_gathered(
    env: StreamExecutionEnvironment, flow: Flow, config: Config, *, every_ms: int
) -> DataStream:
    """The same, what came within `every_ms` together: rows of five equally long tuples, a column of records each,
    and the window.

    All of them go one way, in the order in which they came from each partition. They wait in the JVM, in state of
    Flink's own: a record that waits in Python's crosses between the two three times.
    """
    # With it all that a window gathers is its last record: what waits there is the object that is used again.
    env.get_config().disable_object_reuse()
    tables = _with_table(env, flow, config)
    gathered = ", ".join(f"ARRAY_AGG(`{name}`)" for name in _NAMES)
    rows = f"SELECT {_FIELDS}, PROCTIME() AS `at` FROM {flow.name}"  # noqa: S608
    window = f"TUMBLE(TABLE `rows`, DESCRIPTOR(`at`), INTERVAL '{every_ms / 1000:.3f}' SECOND)"
    # Without the window's ends in the answer another step leaves them out, and has the uid of the first.
    select = f"SELECT {gathered}, window_start, window_end"
    query = (
        f"WITH `rows` AS ({rows}) {select} FROM TABLE({window}) GROUP BY window_start, window_end"
    )
    return tables.to_data_stream(tables.sql_query(query))


def _with_table(
    env: StreamExecutionEnvironment, flow: Flow, config: Config
) -> StreamTableEnvironment:
    """The tables of a job, among them one of the name of the flow: its topics."""
    tables = StreamTableEnvironment.create(env)
    # Generated uids are derived from the plan, so that the source's offsets are found again in a checkpoint. Without
    # its numbers: those count on through all flows that one client submits, and a flow submitted alone has others.
    tables.get_config().set("table.exec.uid.generation", "ALWAYS")
    tables.get_config().set("table.exec.uid.format", "<type>_<transformation>")
    options = {
        "connector": "kafka",
        "topic": ";".join(topic_of(name) for name in flow.collections),
        "properties.bootstrap.servers": config.kafka_bootstrap,
        "properties.group.id": flow.name,
        "properties.auto.offset.reset": "none",
        "properties.fetch.max.wait.ms": str(flow.fetch_wait_ms),
        "properties.fetch.min.bytes": str(flow.fetch_bytes_min),
        "properties.max.partition.fetch.bytes": "8388608",
        "scan.startup.mode": "group-offsets",
        "key.format": "raw",
        "key.fields": "key",
        "value.format": "raw",
        "value.fields-include": "EXCEPT_KEY",
    }
    written = ", ".join(f"'{name}' = '{value}'" for name, value in options.items())
    tables.execute_sql(f"CREATE TEMPORARY TABLE {flow.name} ({_COLUMNS}) WITH ({written})")
    return tables


def dead_letter_sink(config: Config) -> KafkaSink:
    """At least once: a dead letter carries its own id."""
    serializer = (
        KafkaRecordSerializationSchema.builder()
        .set_topic(DEAD_LETTERS)
        .set_value_serialization_schema(SimpleStringSchema())
        .build()
    )
    return (
        KafkaSink.builder()
        .set_bootstrap_servers(config.kafka_bootstrap)
        .set_record_serializer(serializer)
        .set_delivery_guarantee(DeliveryGuarantee.AT_LEAST_ONCE)
        .build()
    )
