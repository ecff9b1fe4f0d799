"""A stack in the background: started as a process of its own, watched until it is ready."""

import argparse
import subprocess
import sys
import time
from typing import IO

from devstack import control
from devstack.exits import DONE, FAILED, INTERRUPTED
from devstack.rundir import PROJECT, RunDirectory, holder

LOOK_SECONDS = 0.2


def start_detached(run: RunDirectory, options: argparse.Namespace) -> int:
    """Start the supervisor, show what it says, and return when it is ready or gone."""
    command = [sys.executable, "-m", "devstack", "up", "--parent-shows", "--dir", str(run.path)]
    command += ["--only", options.only, "--skip", options.skip]
    command += ["--demo"] if options.demo else []
    with run.open_log("stack") as log:
        beginning = log.tell()
        supervisor = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    with run.log("stack").open(errors="replace") as said:
        said.seek(beginning)
        try:
            return _follow(run, supervisor, said)
        except KeyboardInterrupt:
            supervisor.terminate()
            supervisor.wait()
            return INTERRUPTED


def _follow(run: RunDirectory, supervisor: subprocess.Popen[bytes], said: IO[str]) -> int:
    while True:
        is_over = supervisor.poll() is not None
        is_ready = _phase(run) == "ready"
        print(said.read(), end="", flush=True)
        if is_over:
            return FAILED if supervisor.returncode < 0 else supervisor.returncode
        if is_ready:
            return DONE
        time.sleep(LOOK_SECONDS)


def wait_ready(run: RunDirectory) -> int:
    """Wait for a stack that somebody else starts; whoever started it sees its words."""
    while (phase := _phase(run)) != "ready":
        if phase in ("failed", "stopping") or holder(run) is None:
            print(f"it did not become ready; see the log `stack` in {run.path}")
            return FAILED
        time.sleep(LOOK_SECONDS)
    print("and is ready")
    return DONE


def _phase(run: RunDirectory) -> str | None:
    try:
        phase: str = control.ask(run, {"do": "phase"})["phase"]
    except OSError:
        return None
    return phase
