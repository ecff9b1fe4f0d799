"""How many parallel tasks a flow is given, and for how long that is remembered."""

from pathlib import Path

from streaming.config import Config
from streaming.flows.parallelism import parallelism_of, remember


def test_is_the_configured_one_until_another_was_asked_for(tmp_path: Path) -> None:
    config = Config(dir=tmp_path, flink_parallelism=3)

    before = parallelism_of(config, "audit")
    remember(config, "audit", 5)

    assert (before, parallelism_of(config, "audit")) == (3, 5)


def test_of_one_flow_leaves_the_others_alone(tmp_path: Path) -> None:
    config = Config(dir=tmp_path, flink_parallelism=1)

    remember(config, "audit", 2)
    remember(config, "send_money", 4)
    remember(config, "audit", 3)

    assert [parallelism_of(config, flow) for flow in ("audit", "send_money")] == [3, 4]
    assert parallelism_of(config, "receive_money") == 1
