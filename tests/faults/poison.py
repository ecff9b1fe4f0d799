"""Records that nobody can read, in every topic, while orders stream in."""

from streaming.contracts.topics import topic_of
from streaming.flows.registry import FLOWS
from tests.faults.scenario import Stage
from tests.support.topics import produce

VALUES = (
    b"\xff\xfe\x00 no json",
    b'{"neither": "an event"}',
    b'{"payload": {"op": "c", "after": "{\\"_id\\": 7, \\"status\\": [1]}"}}',
    b'{"payload": {"op": "c", "after": "{\\"_id\\""}}',
    b'{"payload": {"op": "?", "after": null}}',
    b"[" * 20_000,
    b"\xff" * 1_500_000,
    b"NaN",
)
DOSES = 24


def poison(stage: Stage) -> None:
    """Any value in any topic that a flow reads; each becomes one dead letter with its place and nothing else."""
    kafka = stage.stack.status()["kafka"]
    topics = sorted({topic_of(name) for flow in FLOWS.values() for name in flow.collections})
    doses = [(topic_of("orders"), value) for value in VALUES]
    doses += [(stage.random.choice(topics), stage.random.choice(VALUES)) for _ in range(DOSES)]
    stage.breaks()
    for topic, value in doses:
        stage.letters.add(str(produce(kafka, topic, key=b"poison", value=value)))
    stage.notes["poisoned"] = len(doses)
