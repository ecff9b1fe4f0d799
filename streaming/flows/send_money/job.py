"""The send-money job: changes → assess, by customer → settle, by account debited → the SOR."""

from pyflink.common import Types
from pyflink.datastream import StreamExecutionEnvironment

from streaming.config import Config
from streaming.flows.kafka_tables import changes, dead_letter_sink
from streaming.flows.registry import Flow
from streaming.flows.send_money.decide import SIEVE, route
from streaming.flows.send_money.function import Assess
from streaming.flows.settle import ELEMENT, ROUTED, Decode, Settle


def build(env: StreamExecutionEnvironment, flow: Flow, config: Config) -> None:
    """Adds the flow's operators to `env`; each has a uid, so that a later version finds its state."""
    dead_letters = (
        changes(env, flow, config, SIEVE)
        .flat_map(Decode(route), output_type=ROUTED)
        .uid("decode")
        .name("decode")
        .key_by(lambda row: row[0], key_type=Types.STRING())
        .process(Assess(config.settle_shards), output_type=ELEMENT)
        .uid("assess")
        .name("assess")
        .key_by(lambda row: row[0], key_type=Types.INT())
        .process(Settle(config, flow.name), output_type=Types.STRING())
        .uid("settle")
        .name("settle")
    )
    dead_letters.sink_to(dead_letter_sink(config)).uid("dead_letters").name("dead_letters")
