"""Parts are killed with -9 while orders stream in. Many more faults: `make test-faults`."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.scenario import play
from tests.faults.scenarios import SCENARIOS
from tests.support.stack import Stack

ORDERS = 240
# The machine that runs the tests may be busy; `make test-faults` holds the targets as they are.
SLACK = 2.0


@pytest.mark.parametrize(
    "name",
    [
        "mongod killed",
        "jobmanager killed",
        "all behind the database killed",
        "all that shows orders killed",
    ],
)
def test_every_accepted_order_becomes_final_once(
    stack: Stack, name: str, record_property: Callable[[str, object], None]
) -> None:
    scenario = replace(SCENARIOS[name], orders=ORDERS, per_second=20.0)

    result = play(scenario, stack, seed=1, slack=SLACK)

    record_property("recovery", str(result))
