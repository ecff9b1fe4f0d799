"""The plan of a start: everything after what it needs, and nothing that was not asked for."""

from pathlib import Path

import pytest

from devstack import plan
from devstack.parts import Node, Part, Step
from devstack.rundir import RunDirectory
from streaming.probe import LONGEST_SECONDS

LISTED = {
    *("web", "bridge", "clock", "mongod", "kafka", "connect", "valkey"),
    *("zookeeper", "jobmanager", "taskmanager"),
}
NETWORKS = {"rail_gateway", "zelle", "interfi"}


@pytest.fixture(autouse=True)
def no_addresses_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (*plan.REPLACED_BY.values(), "DPMS_PROFILE", "DPMS_AUDIT_MONGODB_URI"):
        monkeypatch.delenv(variable, raising=False)


def planned(directory: Path, choice: plan.Choice = plan.Choice()) -> list[Node]:  # noqa: B008
    return plan.nodes(RunDirectory(directory), choice, say=print)


def names(nodes: list[Node]) -> list[str]:
    return [node.name for node in nodes]


def test_has_exactly_the_components_that_outside_checks_know(tmp_path: Path) -> None:
    nodes = planned(tmp_path)

    assert {node.name for node in nodes if isinstance(node, Part) and node.is_listed} == (
        LISTED | NETWORKS
    )


def test_a_network_can_be_chosen_alone(tmp_path: Path) -> None:
    only = planned(tmp_path, plan.Choice(only=frozenset({"mongod", "zelle"})))

    assert NETWORKS & set(names(only)) == {"zelle"}


def test_lists_everything_after_what_it_needs(tmp_path: Path) -> None:
    seen: set[str] = set()

    for node in planned(tmp_path):
        assert set(node.needs) <= seen
        seen.add(node.name)


def test_adds_traffic_for_a_demo_only_and_does_not_list_it(tmp_path: Path) -> None:
    ordinary, demo = planned(tmp_path), planned(tmp_path, plan.Choice(demo=True))

    assert "traffic" not in names(ordinary)
    (traffic,) = [node for node in demo if node.name == "traffic"]
    assert isinstance(traffic, Part)
    assert not traffic.is_listed
    assert traffic.needs == ("probe",)


def test_waits_for_the_probe_as_long_as_the_probe_waits_in_line(tmp_path: Path) -> None:
    (step,) = [node for node in planned(tmp_path) if node.name == "probe"]

    assert isinstance(step, Step)
    assert step.seconds > LONGEST_SECONDS


def test_of_some_parts_leaves_out_what_needs_the_others(tmp_path: Path) -> None:
    only = plan.Choice(only=frozenset({"mongod", "kafka"}))

    nodes = planned(tmp_path, only)

    assert names(nodes) == ["jars", "mongod", "kafka", "migrate", "prepare", "sandbox"]


def test_without_a_java_server_needs_no_archives(tmp_path: Path) -> None:
    nodes = planned(tmp_path, plan.Choice(only=frozenset({"mongod", "valkey"})))

    assert names(nodes) == ["mongod", "valkey", "migrate"]


def test_counts_what_is_skipped_as_there(tmp_path: Path) -> None:
    nodes = planned(tmp_path, plan.Choice(skip=frozenset({"migrate"})))

    by_name = {node.name: node for node in nodes}
    assert "migrate" not in by_name
    assert by_name["prepare"].needs == ("kafka",)


def test_starts_nothing_that_an_address_replaces_and_still_prepares_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DPMS_KAFKA_BOOTSTRAP", "kafka.example:9092")

    nodes = planned(tmp_path)

    by_name = {node.name: node for node in nodes}
    assert "kafka" not in by_name
    assert by_name["prepare"].needs == ("migrate",)
    assert plan.addresses(RunDirectory(tmp_path))["kafka"] == "kafka.example:9092"


def test_makes_no_sandbox_users_in_production(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DPMS_PROFILE", "production")

    nodes = planned(tmp_path)

    assert not {"sandbox", "zelle", "interfi"} & set(names(nodes))
    assert "web" in names(nodes)


def test_addresses_are_those_of_the_remembered_ports(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)

    found = plan.addresses(run)

    assert found == plan.addresses(run)
    assert set(found) == {
        *("web", "mongodb", "audit_mongodb", "kafka", "connect", "flink", "valkey"),
        *("rail_gateway", "zelle", "interfi"),
    }
    assert "127.0.0.1" in found["kafka"]
