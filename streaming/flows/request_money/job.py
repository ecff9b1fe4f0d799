"""The request-money job: requests, what answers them and what was paid for them → settle, by account → the SOR."""

from pyflink.common import Types
from pyflink.datastream import StreamExecutionEnvironment

from streaming.config import Config
from streaming.flows.kafka_tables import changes, dead_letter_sink
from streaming.flows.registry import Flow
from streaming.flows.request_money.decide import SIEVE, route
from streaming.flows.settle import ELEMENT, Settle, Spread


def build(env: StreamExecutionEnvironment, flow: Flow, config: Config) -> None:
    """Adds the flow's operators to `env`; each has a uid, so that a later version finds its state."""
    dead_letters = (
        changes(env, flow, config, SIEVE)
        .flat_map(Spread(route, config.settle_shards), output_type=ELEMENT)
        .uid("spread")
        .name("spread")
        .key_by(lambda row: row[0], key_type=Types.INT())
        .process(Settle(config, flow.name), output_type=Types.STRING())
        .uid("settle")
        .name("settle")
    )
    dead_letters.sink_to(dead_letter_sink(config)).uid("dead_letters").name("dead_letters")
