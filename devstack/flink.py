"""Flink: one JobManager and one TaskManager from the distribution inside the wheel, started as their own JVMs."""

import importlib.util
import json
import shutil
import sys
import sysconfig
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from devstack import jars, java, zookeeper
from devstack.parts import Part
from devstack.ports import check_free
from devstack.rundir import PROJECT, RunDirectory

SLOTS = 6
# A JobManager that was killed leads until its session ends; one that stands still for so long leads no more.
SESSION_SECONDS = 6

# Megabytes. Flink's start scripts compute such numbers with a JVM of their own at each start; with
# every one of them given, none is needed. Direct memory = framework + task off-heap + network.
JOBMANAGER_HEAP, JOBMANAGER_OFF_HEAP, JOBMANAGER_METASPACE = 384, 128, 192
TASK_HEAP, FRAMEWORK_HEAP = 384, 128
TASK_OFF_HEAP, FRAMEWORK_OFF_HEAP, NETWORK = 64, 128, 128
MANAGED, METASPACE, OVERHEAD = 256, 256, 192

# The wheel's own env.java.opts.all without jdk.compiler, a module that a runtime does not have.
OPENED = (
    "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
    "--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
    *(
        f"--add-opens=java.base/{package}=ALL-UNNAMED"
        for package in (
            "java.lang",
            "java.net",
            "java.io",
            "java.nio",
            "sun.nio.ch",
            "java.lang.reflect",
            "java.text",
            "java.time",
            "java.util",
            "java.util.concurrent",
            "java.util.concurrent.atomic",
            "java.util.concurrent.locks",
        )
    ),
)


@dataclass(frozen=True)
class Ports:
    """What the cluster listens on, and where its ZooKeeper is."""

    rest: int
    rpc: int
    zookeeper: int


def parts(run: RunDirectory, port: Ports) -> list[Part]:
    return [_jobmanager(run, port), _taskmanager(run, port)]


def environment(run: RunDirectory) -> dict[str, str]:
    """What the servers and whoever submits a job must agree on."""
    return {
        "FLINK_HOME": str(_distribution()),
        "FLINK_CONF_DIR": str(run.settings("flink") / "conf"),
        "FLINK_LIB_DIR": str(run.settings("flink") / "lib"),
        "FLINK_OPT_DIR": str(_distribution() / "opt"),
        "FLINK_LOG_DIR": str(run.data("flink-log")),
        # The client's; the servers get theirs on their command lines.
        "FLINK_ENV_JAVA_OPTS": " ".join([*OPENED, "-XX:+UseSerialGC", *java.NO_OPTIMISATION]),
    }


def prepare(run: RunDirectory, port: Ports) -> None:
    """Write the configuration and collect the class path; servers and clients use the same.

    Jobs kept for a JobManager that died with the last stack are forgotten: this start submits its own.
    """
    shutil.rmtree(run.jobs, ignore_errors=True)
    _link_libraries(run.settings("flink") / "lib")
    conf = run.settings("flink") / "conf"
    conf.mkdir(exist_ok=True)
    (conf / "config.yaml").write_text(_configuration(run, port))
    for name in ("log4j-cli.properties", "log4j-console.properties", "log4j.properties"):
        (conf / name).write_text(java.LOG4J)


def _jobmanager(run: RunDirectory, port: Ports) -> Part:
    def before_start() -> None:
        check_free("jobmanager", port.rest)
        check_free("jobmanager", port.rpc)

    return Part(
        name="jobmanager",
        needs=("flink settings", "zookeeper"),
        command=_command(
            run,
            "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
            f"-Xms{JOBMANAGER_HEAP // 2}m",
            f"-Xmx{JOBMANAGER_HEAP}m",
            f"-XX:MaxMetaspaceSize={JOBMANAGER_METASPACE}m",
            *java.NO_OPTIMISATION,
        ),
        environment=environment(run),
        before_start=before_start,
        is_ready=lambda: "taskmanagers" in _overview(port.rest),
    )


def _taskmanager(run: RunDirectory, port: Ports) -> Part:
    heap = TASK_HEAP + FRAMEWORK_HEAP
    direct = TASK_OFF_HEAP + FRAMEWORK_OFF_HEAP + NETWORK
    return Part(
        name="taskmanager",
        needs=("flink settings",),
        command=_command(
            run,
            "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
            f"-Xms{heap // 2}m",
            f"-Xmx{heap}m",
            f"-XX:MaxDirectMemorySize={direct}m",
            f"-XX:MaxMetaspaceSize={METASPACE}m",
            *java.LATE_OPTIMISATION,
        ),
        environment=environment(run),
        is_ready=lambda: _overview(port.rest).get("slots-total", 0) >= SLOTS,
    )


def _command(run: RunDirectory, main_class: str, *options: str) -> list[str]:
    conf = str(run.settings("flink") / "conf")
    return java.command(
        main_class,
        "--configDir",
        conf,
        run=run,
        classpath=str(run.settings("flink") / "lib" / "*"),
        options=(*options, *OPENED),
    )


def _distribution() -> Path:
    package = importlib.util.find_spec("pyflink")
    if package is None or package.origin is None:
        raise FileNotFoundError("apache-flink is not installed in this environment")
    return Path(package.origin).parent


def _link_libraries(folder: Path) -> None:
    """Links to the wheel's own archives and our connector, so that nothing inside the wheel is edited."""
    jars.link("flink", folder)
    distribution = _distribution()
    for source in [*distribution.glob("lib/*.jar"), *distribution.glob("opt/flink-python-*.jar")]:
        target = folder / source.name
        if not target.is_symlink():
            target.symlink_to(source)


def _configuration(run: RunDirectory, port: Ports) -> str:
    python = sys.executable
    settings = {
        "env.java.opts.all": " ".join(OPENED),
        "env.log.dir": str(run.data("flink-log")),
        "jobmanager.bind-host": "127.0.0.1",
        "jobmanager.rpc.address": "127.0.0.1",
        **_recovery(run, port),
        "jobmanager.memory.heap.size": f"{JOBMANAGER_HEAP}m",
        "jobmanager.memory.off-heap.size": f"{JOBMANAGER_OFF_HEAP}m",
        "jobmanager.memory.jvm-metaspace.size": f"{JOBMANAGER_METASPACE}m",
        "taskmanager.bind-host": "127.0.0.1",
        "taskmanager.host": "127.0.0.1",
        "taskmanager.numberOfTaskSlots": SLOTS,
        **_taskmanager_memory(),
        "rest.address": "127.0.0.1",
        "rest.bind-address": "127.0.0.1",
        "rest.port": port.rest,
        "rest.bind-port": port.rest,
        "web.submit.enable": False,
        "io.tmp.dirs": str(run.data("flink-tmp")),
        "execution.checkpointing.dir": run.checkpoints.as_uri(),
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        "execution.checkpointing.num-retained": 3,
        "execution.checkpointing.timeout": "60 s",
        "restart-strategy.type": "exponential-delay",
        "restart-strategy.exponential-delay.initial-backoff": "500 ms",
        "restart-strategy.exponential-delay.max-backoff": "10 s",
        # A TaskManager that was killed is noticed by its closed connection; this is for one that hangs.
        "heartbeat.interval": "3 s",
        "heartbeat.timeout": "15 s",
        "python.executable": python,
        "python.client.executable": python,
        # Thread mode runs Python inside the TaskManager, which knows nothing of this environment.
        "python.pythonpath": f"{PROJECT}:{sysconfig.get_path('purelib')}",
    }
    # A flat YAML file; a JSON value is a YAML value.
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items())


def _recovery(run: RunDirectory, port: Ports) -> dict[str, object]:
    """What lets a new JobManager take up the jobs of one that died, each from its newest checkpoint."""
    client = "high-availability.zookeeper.client"
    return {
        "high-availability.type": "zookeeper",
        "high-availability.storageDir": run.jobs.as_uri(),
        "high-availability.cluster-id": "/dpms",
        # Takes the place of jobmanager.rpc.port, whose default would be any free one.
        "high-availability.jobmanager.port": port.rpc,
        "high-availability.zookeeper.quorum": zookeeper.address(port.zookeeper),
        f"{client}.session-timeout": f"{SESSION_SECONDS} s",
        f"{client}.connection-timeout": "3 s",
        f"{client}.retry-wait": "500 ms",
        f"{client}.max-retry-attempts": 10,
        # A ZooKeeper that is back before the session ends has interrupted no job.
        f"{client}.tolerate-suspended-connections": True,
    }


def _taskmanager_memory() -> dict[str, object]:
    return {
        "taskmanager.cpu.cores": SLOTS,
        "taskmanager.memory.task.heap.size": f"{TASK_HEAP}m",
        "taskmanager.memory.task.off-heap.size": f"{TASK_OFF_HEAP}m",
        "taskmanager.memory.framework.heap.size": f"{FRAMEWORK_HEAP}m",
        "taskmanager.memory.framework.off-heap.size": f"{FRAMEWORK_OFF_HEAP}m",
        "taskmanager.memory.network.min": f"{NETWORK}m",
        "taskmanager.memory.network.max": f"{NETWORK}m",
        "taskmanager.memory.managed.size": f"{MANAGED}m",
        "taskmanager.memory.jvm-metaspace.size": f"{METASPACE}m",
        "taskmanager.memory.jvm-overhead.min": f"{OVERHEAD}m",
        "taskmanager.memory.jvm-overhead.max": f"{OVERHEAD}m",
    }


def _overview(rest_port: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{rest_port}/overview", timeout=2) as answer:
        loaded: dict[str, int] = json.load(answer)
        return loaded
