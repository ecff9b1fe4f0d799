"""How a flow sets itself up inside a Flink task."""

import logging
from collections.abc import Iterator

import pytest

from streaming.flows.runtime import quiet_logging


@pytest.fixture
def root_as_the_java_bridge_leaves_it() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    yield root
    root.setLevel(before)


def test_a_flow_does_not_write_every_mongodb_command_as_json(
    root_as_the_java_bridge_leaves_it: logging.Logger,
) -> None:
    assert root_as_the_java_bridge_leaves_it.level == logging.DEBUG

    quiet_logging()

    assert not logging.getLogger("pymongo.command").isEnabledFor(logging.DEBUG)
    assert logging.getLogger("dpms.flow").isEnabledFor(logging.INFO)
