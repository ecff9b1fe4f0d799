"""The audit job: every change of every captured collection → one entry in the AuditDB."""

from pyflink.common import Types
from pyflink.datastream import StreamExecutionEnvironment

from streaming.config import Config
from streaming.flows.audit.function import Record
from streaming.flows.kafka_tables import changes_in_one, dead_letter_sink
from streaming.flows.registry import Flow


def build(env: StreamExecutionEnvironment, flow: Flow, config: Config) -> None:
    """Adds the flow's operators to `env`; each has a uid, so that a later version finds its state."""
    dead_letters = (
        # One key, one writer: the trail of a document is in the order in which its changes were captured.
        changes_in_one(env, flow, config)
        .process(Record(config, flow.name), output_type=Types.STRING())
        .uid("record")
        .name("record")
    )
    dead_letters.sink_to(dead_letter_sink(config)).uid("dead_letters").name("dead_letters")
