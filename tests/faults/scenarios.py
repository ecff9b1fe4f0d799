"""Every fault scenario by its name; `make test` plays some of them, `make test-faults` all."""

from dataclasses import replace

from tests.faults.disks import disk_full
from tests.faults.drill import everything_derived_is_lost, everything_derived_is_lost_at_rest
from tests.faults.injections import (
    BEHIND_THE_DATABASE,
    SETTLING,
    cancelled,
    killed,
    killed_again_and_again,
    paused_while_orders_come,
    python_workers_killed,
)
from tests.faults.poison import poison
from tests.faults.redelivery import (
    capture_put_back,
    groups_put_back,
    place_forgotten,
    rescaled,
    token_lost,
)
from tests.faults.scenario import Scenario
from tests.faults.zombies import connect_wakes_replaced, taskmanager_wakes_replaced

PROCESS_MODE = frozenset({"process_mode"})
SMALL_DISKS = frozenset({"small_disks"})


def _flink_paused(seconds: int) -> Scenario:
    return Scenario(
        "flink paused",
        paused_while_orders_come("jobmanager", "taskmanager", seconds=seconds),
        orders=50 * (seconds + 10),
        per_second=50,
        begin=100 / (50 * (seconds + 10)),
    )


def _jobmanager_again_and_again(times: int) -> Scenario:
    return Scenario(
        "jobmanager killed again and again",
        killed_again_and_again("jobmanager", times),
        target_seconds=45,
        orders=240 * times,
        per_second=12,
        begin=0.02,
    )


_ALL = (
    Scenario("web killed", killed("web"), target_seconds=3),
    Scenario("all that shows orders killed", killed("web", "bridge", "valkey")),
    Scenario("bridge killed", killed("bridge")),
    Scenario("clock killed", killed("clock")),
    Scenario("rail gateway killed", killed("rail_gateway")),
    Scenario("network killed", killed("zelle")),
    Scenario("all that speaks with networks killed", killed("rail_gateway", "zelle", "clock")),
    *(Scenario(f"{flow} cancelled", cancelled(flow)) for flow in SETTLING),
    Scenario("valkey killed", killed("valkey")),
    Scenario("mongod killed", killed("mongod"), target_seconds=10),
    Scenario("kafka killed", killed("kafka")),
    Scenario("connect killed", killed("connect"), target_seconds=25),
    Scenario("taskmanager killed", killed("taskmanager"), target_seconds=30),
    Scenario("jobmanager killed", killed("jobmanager"), target_seconds=45),
    Scenario("zookeeper killed", killed("zookeeper")),
    Scenario("flink killed", killed("jobmanager", "taskmanager"), target_seconds=45),
    Scenario("all behind the database killed", killed(*BEHIND_THE_DATABASE)),
    _jobmanager_again_and_again(10),
    Scenario("python workers killed", python_workers_killed, target_seconds=30, needs=PROCESS_MODE),
    _flink_paused(300),
    Scenario("a taskmanager wakes replaced", taskmanager_wakes_replaced),
    Scenario("a connect worker wakes replaced", connect_wakes_replaced),
    Scenario("mongod's disk full", disk_full("mongod"), needs=SMALL_DISKS),
    Scenario("kafka's disk full", disk_full("kafka"), needs=SMALL_DISKS),
    Scenario("capture put back", capture_put_back),
    Scenario("groups put back", groups_put_back),
    Scenario("place forgotten", place_forgotten),
    Scenario("resume token lost", token_lost),
    Scenario("poison records", poison),
    Scenario("send_money rescaled", rescaled, per_second=20, begin=0.1),
    Scenario("everything derived lost", everything_derived_is_lost),
    Scenario("everything derived lost at rest", everything_derived_is_lost_at_rest),
)
SCENARIOS = {scenario.name: scenario for scenario in _ALL}
_SHORT = {each.name: each for each in (_flink_paused(45), _jobmanager_again_and_again(3))}
_SHORT_ORDERS = 240


def shortened(scenario: Scenario) -> Scenario:
    """For a quick look: a shorter fault where it is a long one, else fewer orders."""
    return _SHORT.get(scenario.name) or replace(
        scenario, orders=min(scenario.orders, _SHORT_ORDERS)
    )
