"""The wiring of a stack: which parts and steps there are, in which order, and at which addresses."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

from devstack import (
    connect,
    flink,
    jars,
    kafka,
    mongod,
    mongod_users,
    ports,
    rails,
    valkey,
    web,
    zookeeper,
)
from devstack.environment import is_sandbox
from devstack.mongod_users import AUDIT, OWNER, PLATFORM
from devstack.parts import Node, Part, Say, Step
from devstack.rundir import RunDirectory
from streaming.capture.install import install
from streaming.config import Config, load
from streaming.probe import LONGEST_SECONDS

# The probe itself gives up when nothing moves; as long as a large bank's snapshot does, it waits behind it.
PROBE_SECONDS = LONGEST_SECONDS + 60.0

# A part that is replaced by an address from the environment, and the variable that gives it.
REPLACED_BY = {
    "mongod": "DPMS_MONGODB_URI",
    "kafka": "DPMS_KAFKA_BOOTSTRAP",
    "connect": "DPMS_CONNECT_URL",
    "zookeeper": "DPMS_FLINK_URL",
    "jobmanager": "DPMS_FLINK_URL",
    "taskmanager": "DPMS_FLINK_URL",
    "valkey": "DPMS_VALKEY_URL",
    "web": "DPMS_WEB_URL",
    "rail_gateway": "DPMS_RAIL_GATEWAY_URL",
    "zelle": "DPMS_ZELLE_URL",
    "interfi": "DPMS_INTERFI_URL",
}


@dataclass(frozen=True)
class Choice:
    """What this start is asked to run; no `only` means everything. What is in `skip` counts as there."""

    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    demo: bool = False


def addresses(run: RunDirectory) -> dict[str, str]:
    """Where every part is or will be: known before anything runs, because the ports are remembered."""
    port = ports.remembered(run)
    config = configuration(run)
    own = {
        "web": web.url(port["web"]),
        "mongodb": _mongodb(run, PLATFORM, config.mongodb_database),
        "audit_mongodb": _mongodb(run, AUDIT, config.audit_mongodb_database),
        "kafka": f"127.0.0.1:{port['kafka']}",
        "connect": f"http://127.0.0.1:{port['connect']}",
        "flink": f"http://127.0.0.1:{port['flink']}",
        "valkey": valkey.url(port["valkey"]),
        **{name: web.url(port[name]) for name in ("rail_gateway", *rails.NETWORKS)},
    }
    variables = {"kafka": "DPMS_KAFKA_BOOTSTRAP", "mongodb": "DPMS_MONGODB_URI"}
    variables["audit_mongodb"] = "DPMS_AUDIT_MONGODB_URI"
    for name in own:
        variable = variables.get(name, f"DPMS_{name.upper()}_URL")
        own[name] = os.environ.get(variable) or own[name]
    return own


def owner_address(run: RunDirectory) -> str:
    """Of MongoDB as who may make collections and indexes there; `prepare` alone uses it."""
    own = _mongodb(run, OWNER, configuration(run).mongodb_database)
    replaced = os.environ.get("DPMS_OWNER_MONGODB_URI") or os.environ.get("DPMS_MONGODB_URI")
    return replaced or own


def _mongodb(run: RunDirectory, user: str, database: str) -> str:
    port = ports.remembered(run)["mongod"]
    return mongod.uri(port, database, user=user, password=mongod_users.passwords(run)[user])


def nodes(run: RunDirectory, choice: Choice, *, say: Say) -> list[Node]:
    """Every part and step of this start, needs before what needs them.

    A part that an address replaces counts as there; what needs a part that was not chosen is left out too.
    """
    present: dict[str, Node] = {}
    replaced: set[str] = set()
    for node in _all(run, say):
        if _counts_as_there(node.name, choice):
            replaced.add(node.name)
        elif _is_chosen(node, choice) and all(n in present or n in replaced for n in node.needs):
            needs = tuple(name for name in node.needs if name in present)
            present[node.name] = replace(node, needs=needs)
    return _without_idle(list(present.values()))


def _without_idle(nodes: list[Node]) -> list[Node]:
    kept: list[Node] = []
    for node in reversed(nodes):
        is_needed = any(node.name in other.needs for other in kept)
        if is_needed or isinstance(node, Part) or not node.serves:
            kept.insert(0, node)
    return kept


def _all(run: RunDirectory, say: Say) -> list[Node]:
    port = ports.remembered(run)
    at = addresses(run)
    database = configuration(run).mongodb_database
    audit_database = configuration(run).audit_mongodb_database
    flink_ports = flink.Ports(port["flink"], port["flink_rpc"], port["zookeeper"])
    return [
        Step("jars", function=lambda: _have_jars(run, say), serves=True),
        Step(
            "flink settings",
            needs=("jars",),
            function=lambda: flink.prepare(run, flink_ports),
            serves=True,
        ),
        mongod.part(run, port["mongod"], database=database, audit_database=audit_database),
        valkey.part(run, port["valkey"]),
        kafka.part(run, port=port["kafka"], controller_port=port["kafka_controller"]),
        connect.part(run, port=port["connect"], kafka=at["kafka"], needs=("kafka",)),
        zookeeper.part(run, port=port["zookeeper"]),
        *flink.parts(run, flink_ports),
        *_project_steps(run),
        web.web(port["web"], needs=("prepare",)),
        web.bridge(mongodb=at["mongodb"], database=database, needs=("prepare",)),
        web.clock(mongodb=at["mongodb"], database=database, needs=("prepare",)),
        rails.gateway(port["rail_gateway"], needs=("prepare",)),
        *(rails.network(name, port[name]) for name in rails.NETWORKS),
        web.traffic(needs=("probe",)),
    ]


def _project_steps(run: RunDirectory) -> list[Step]:
    python = sys.executable
    return [
        Step(
            "migrate",
            ("mongod",),
            (python, "manage.py", "migrate", "--verbosity", "0"),
            must_finish=True,  # It is no transaction: half a migration cannot be migrated again.
        ),
        Step("prepare", ("migrate", "kafka"), (python, "-m", "streaming", "prepare")),
        Step("sandbox", ("prepare",), (python, "manage.py", "create_sandbox")),
        Step("connector", ("prepare", "connect"), function=lambda: install(configuration(run))),
        Step(
            "submit",
            ("prepare", "jobmanager", "taskmanager"),
            (python, "-m", "streaming", "submit", "all"),
        ),
        Step(
            "probe",
            ("connector", "submit", "sandbox"),
            (python, "-m", "streaming", "probe"),
            seconds=PROBE_SECONDS,
        ),
    ]


def configuration(run: RunDirectory) -> Config:
    """The configuration as every process of this stack reads it."""
    return load({**os.environ, "DPMS_DIR": str(run.path)})


def _have_jars(run: RunDirectory, say: Callable[[str], None]) -> None:
    jars.fetch(say)
    jars.link("kafka", run.settings("kafka") / "lib")
    jars.link("debezium", run.settings("connect") / "plugins" / "debezium-connector-mongodb")


def _counts_as_there(name: str, choice: Choice) -> bool:
    is_for_sandboxes = name in ("sandbox", *rails.NETWORKS) and not is_sandbox()
    return (
        is_for_sandboxes or name in choice.skip or bool(os.environ.get(REPLACED_BY.get(name, "")))
    )


def _is_chosen(node: Node, choice: Choice) -> bool:
    if node.name == "traffic":
        return choice.demo
    return isinstance(node, Step) or not choice.only or node.name in choice.only
