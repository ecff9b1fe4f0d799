"""The environment every process of a stack starts with, and commands that want to talk to it."""

import os
import sys
from pathlib import Path

from devstack import credentials, flink, java, process
from devstack.rundir import PROJECT, RunDirectory


def child_environment(run: RunDirectory) -> dict[str, str]:
    """Ours, with the stack's directory, this interpreter and this Java first, and the project importable."""
    tools = [str(Path(sys.executable).parent), str(java.home() / "bin")]
    environment = {
        **os.environ,
        **flink.environment(run),
        process.MARK: str(run.path),
        "DPMS_DIR": str(run.path),
        "JAVA_HOME": str(java.home()),
        "PATH": os.pathsep.join([*tools, os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": str(PROJECT),
        "PYTHONUNBUFFERED": "1",
        # Empty is "not forbidden". Without compiled files on disk a part that died compiles all that it imports before
        # it is back: the web process took 6.7 s of processor time for it instead of 1.5.
        "PYTHONDONTWRITEBYTECODE": "",
    }
    if is_sandbox():
        environment.setdefault("DPMS_SECRET_KEY", credentials.ensure(run)["secret_key"])
    return environment


def is_sandbox() -> bool:
    return os.environ.get("DPMS_PROFILE", "sandbox") != "production"
