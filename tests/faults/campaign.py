"""Plays fault scenarios in a seeded order, again and again until the time is up.

Each line of the record is one scenario with its seed: `--only NAME --seed SEED` plays that one again.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.faults.scenario import Scenario, TooSlow, play
from tests.faults.scenarios import SCENARIOS
from tests.faults.stages import NotOffered, settings_for
from tests.support.stack import PROJECT, RUNNING_STACK, Stack, running_stack

RECORD = PROJECT / ".faults.jsonl"


def main(arguments: Sequence[str] | None = None) -> int:
    """0: everything held; 1: something did not; 2: bad usage."""
    options = _parser().parse_args(arguments)
    deadline = time.monotonic() + options.hours * 3600
    failed = 0
    with Stages() as stages:
        for number, scenario in enumerate(_in_order(options)):
            if number >= len(_chosen(options)) and time.monotonic() > deadline:
                break
            line = _played(scenario, stages, seed=options.seed + number, options=options)
            failed += line["result"] in ("FAILED", "SLOW")
            with options.record.open("a") as file:
                file.write(json.dumps(line) + "\n")
    print(f"{failed} scenarios failed or were slow; the record is {options.record}")
    return 1 if failed else 0


class Stages:
    """The stacks that scenarios are played on: one for most, and one for each kind of need. Only one runs at a time."""

    def __init__(self) -> None:
        self._running = ExitStack()
        self._now: tuple[frozenset[str], Stack] | None = None

    def __enter__(self) -> "Stages":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def stack_for(self, needs: frozenset[str]) -> Stack:
        """Raises NotOffered when this machine cannot offer what is needed."""
        known = os.environ.get(RUNNING_STACK)
        if known and not needs:
            return Stack(Path(known))
        if self._now is None or self._now[0] != needs:
            self.end()
            directory = Path(tempfile.mkdtemp(prefix="dpms-faults-"))
            settings = self._running.enter_context(settings_for(needs, directory))
            self._now = (needs, self._running.enter_context(running_stack(directory, **settings)))
        return self._now[1]

    def end(self, *, keep: bool = False) -> None:
        """The next scenario gets a stack of its own; the directory of this one may stay for who looks into it."""
        self._running.close()
        if self._now is not None and not keep:
            shutil.rmtree(self._now[1].directory, ignore_errors=True)
        self._now = None


def _played(
    scenario: Scenario, stages: Stages, *, seed: int, options: argparse.Namespace
) -> dict[str, Any]:
    print(f"{time.strftime('%H:%M:%S')} {scenario.name} (seed {seed}) ...", flush=True)
    line: dict[str, Any] = {"scenario": scenario.name, "seed": seed, "began": time.time()}
    try:
        result = play(
            replace(scenario, orders=options.orders or scenario.orders),
            stages.stack_for(scenario.needs),
            seed=seed,
            slack=options.slack,
        )
        print(f"  held  {result}", flush=True)
        return {**line, **result.as_json()}
    except TooSlow as slow:
        print(f"  SLOW  {slow}", flush=True)
        return {**line, **slow.result.as_json()}
    except NotOffered as reason:
        print(f"  SKIPPED  {reason}", flush=True)
        return {**line, "result": "skipped", "reason": str(reason)}
    except Exception as error:  # Whatever went wrong is a finding; the next scenario starts afresh.
        print(f"  FAILED  {error}\n{traceback.format_exc()}", flush=True)
        stages.end(keep=True)
        return {**line, "result": "FAILED", "reason": f"{type(error).__name__}: {error}"}


def _chosen(options: argparse.Namespace) -> list[Scenario]:
    return [SCENARIOS[name] for name in options.only or SCENARIOS]


def _in_order(options: argparse.Namespace) -> Iterator[Scenario]:
    """Round after round, each in another order; those that share a stack come together, since each costs a start."""
    shuffled = random.Random(options.seed)
    while True:
        chosen = _chosen(options)
        shuffled.shuffle(chosen)
        yield from sorted(chosen, key=lambda scenario: sorted(scenario.needs))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.campaign", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(100_000))
    parser.add_argument(
        "--hours", type=float, default=0.0, help="more rounds until then (default: one)"
    )
    parser.add_argument("--only", action="append", choices=[*SCENARIOS], metavar="NAME")
    parser.add_argument("--orders", type=int, help="instead of each scenario's own number")
    parser.add_argument("--slack", type=float, default=1.0, help="recovery targets times this")
    parser.add_argument("--record", type=Path, default=RECORD, help=f"default {RECORD.name}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
