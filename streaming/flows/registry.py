"""The flows: which collections' changes each one reads, and where its job is built; the one wiring table."""

from dataclasses import dataclass

from streaming.contracts.collections import CAPTURED


@dataclass(frozen=True)
class Flow:
    """A flow is one Flink job with its own consumer group (its name), checkpoints and failures."""

    name: str
    collections: tuple[str, ...]
    job: str  # module with `build(env, flow, config)`


FLOWS = {
    flow.name: flow
    for flow in (
        Flow(
            name="send_money",
            collections=("orders", "commands", "aliases"),
            job="streaming.flows.send_money.job",
        ),
        Flow(name="audit", collections=CAPTURED, job="streaming.flows.audit.job"),
    )
}
