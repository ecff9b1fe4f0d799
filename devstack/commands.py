"""What each subcommand of `python -m devstack` does; the return value is the exit code."""

import argparse
import json
import subprocess
import time

import psutil

from devstack import control, derived, jars, plan, process
from devstack import status as statuses
from devstack.detached import start_detached, wait_ready
from devstack.environment import child_environment
from devstack.exits import DONE, FAILED, INTERRUPTED, NOT_RUNNING
from devstack.foreground import supervise, welcome
from devstack.rundir import RunDirectory, holder

DOWN_SECONDS = 90.0
LOG_LINES_SHOWN = 200


def up(run: RunDirectory, options: argparse.Namespace) -> int:
    if holder(run) is not None:
        print(f"a stack runs in {run.path} already")
        return wait_ready(run)
    if options.detach:
        code = start_detached(run, options)
        if code == DONE:
            welcome(run, demo=options.demo)
        return code
    choice = plan.Choice(only=_names(options.only), skip=_names(options.skip), demo=options.demo)
    return supervise(run, choice, in_terminal=not options.parent_shows)


def _names(text: str) -> frozenset[str]:
    return frozenset(name for name in text.split(",") if name)


def down(run: RunDirectory, _options: argparse.Namespace) -> int:
    pid = holder(run)
    if pid is None:
        killed = process.end_leftovers(run.path)
        suffix = f"; ended {len(killed)} processes that one left behind" if killed else ""
        print(f"no stack runs in {run.path}{suffix}")
        return DONE
    try:
        supervisor = psutil.Process(pid)
        supervisor.terminate()
        supervisor.wait(DOWN_SECONDS)
    except psutil.NoSuchProcess:
        pid = None
    except psutil.TimeoutExpired:
        print(f"the supervisor (pid {pid}) did not end in {DOWN_SECONDS:g} s: killing it")
        supervisor.kill()
    process.end_leftovers(run.path)
    print(f"ended the stack in {run.path}")
    return DONE


def rebuild(run: RunDirectory, options: argparse.Namespace) -> int:
    """End the stack if it runs, discard what Kafka and Flink keep, and start: MongoDB is read anew from its beginning.

    Safe to repeat, also after it was interrupted at any point.
    """
    if outside := derived.outside():
        print(f"{outside} names a cluster that is not this stack's: see docs/runbooks/rebuild.md")
        return FAILED
    if not derived.has_truth(run):
        print(f"there is no MongoDB data in {run.path}: nothing to rebuild from")
        return FAILED
    down(run, options)
    for folder in derived.discard(run):
        print(f"discarded {folder}")
    started = argparse.Namespace(**{**vars(options), "only": "", "skip": "", "demo": False})
    return start_detached(run, started)


def status(run: RunDirectory, options: argparse.Namespace) -> int:
    found = statuses.read(run)
    print(json.dumps(found, indent=2) if options.json else statuses.as_text(found))
    return NOT_RUNNING if found["phase"] == "stopped" else DONE


def logs(run: RunDirectory, options: argparse.Namespace) -> int:
    path = run.log(options.name)
    if not path.exists():
        known = ", ".join(sorted(log.stem for log in path.parent.glob("*.log")))
        print(f"there is no log of {options.name!r}; there are: {known or 'none yet'}")
        return FAILED
    with path.open(errors="replace") as log:
        print("".join(log.readlines()[-LOG_LINES_SHOWN:]), end="", flush=True)
        try:
            while options.follow:
                print(log.read(), end="", flush=True)
                time.sleep(0.3)
        except KeyboardInterrupt:
            return INTERRUPTED
    return DONE


def restart(run: RunDirectory, options: argparse.Namespace) -> int:
    try:
        reply = control.ask(run, {"do": "restart", "name": options.name})
    except OSError:
        print(f"no stack runs in {run.path}")
        return NOT_RUNNING
    print(reply.get("error") or f"{options.name} is being restarted")
    return FAILED if "error" in reply else DONE


def run(run: RunDirectory, options: argparse.Namespace) -> int:
    return subprocess.call(options.program, env=child_environment(run))


def lock_jars(_run: RunDirectory, _options: argparse.Namespace) -> int:
    jars.write_lock(print)
    return DONE
