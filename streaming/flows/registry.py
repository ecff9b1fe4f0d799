"""The flows: which collections' changes each one reads, and where its job is built; the one wiring table."""

from dataclasses import dataclass

from streaming.contracts.collections import CAPTURED


@dataclass(frozen=True)
class Flow:
    """A flow is one Flink job with its own consumer group (its name), checkpoints and failures."""

    name: str
    collections: tuple[str, ...]
    job: str  # module with `build(env, flow, config)`
    # Counts up when what the job keeps is kept otherwise than before: no earlier checkpoint is taken, and everything is
    # read once more from the first record that there is.
    shape: int = 1
    # Kafka answers a fetch when so many bytes are there, or after so long.
    fetch_bytes_min: int = 1
    fetch_wait_ms: int = 500


FLOWS = {
    flow.name: flow
    for flow in (
        Flow(
            name="send_money",
            collections=("orders", "commands", "aliases", "rail_messages"),
            job="streaming.flows.send_money.job",
        ),
        Flow(
            name="receive_money",
            collections=("rail_messages", "commands"),
            job="streaming.flows.receive_money.job",
        ),
        Flow(
            name="request_money",
            collections=("orders", "rail_messages", "commands"),
            job="streaming.flows.request_money.job",
            # Nearly all it reads is about payments: it need not be woken for each of them.
            fetch_bytes_min=16_384,
            fetch_wait_ms=100,
        ),
        Flow(
            name="audit",
            collections=CAPTURED,
            job="streaming.flows.audit.job",
            shape=2,
            # It records in batches anyway: one fetch for many changes instead of one for each.
            fetch_bytes_min=65_536,
            fetch_wait_ms=50,
        ),
    )
}
