"""The audit job: every change of every captured collection → one entry in the AuditDB."""

from pyflink.common import Types
from pyflink.datastream import StreamExecutionEnvironment

from streaming.config import Config
from streaming.flows.audit.function import Record
from streaming.flows.kafka_tables import changes_gathered, dead_letter_sink
from streaming.flows.registry import Flow


def build(env: StreamExecutionEnvironment, flow: Flow, config: Config) -> None:
    """Adds the flow's operators to `env`; each has a uid, so that a later version finds its state."""
    dead_letters = (
        changes_gathered(env, flow, config, every_ms=config.audit_every_ms)
        .flat_map(Record(config, flow.name), output_type=Types.STRING())
        # One writer: the trail of a document is in the order in which its changes were captured.
        .set_parallelism(1)
        .uid("record_gathered")
        .name("record")
    )
    dead_letters.sink_to(dead_letter_sink(config)).uid("dead_letters").name("dead_letters")
