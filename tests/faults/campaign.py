"""Plays fault scenarios in a seeded order, again and again until the time is up.

Each line of the record is one scenario with its seed: `--only NAME --seed SEED` plays that one again. A campaign that
was broken off goes on with `--seed SEED --after COUNT`, as it says at its end.

Exit code 0: everything held; 1: something did not; 2: bad usage; 3: all held, but a recovery was slower than promised;
130: broken off by Ctrl-C or SIGTERM.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.faults.scenario import Scenario, TooSlow, play
from tests.faults.scenarios import SCENARIOS, shortened
from tests.faults.stages import NotOffered, settings_for
from tests.faults.table import table
from tests.support.stack import PROJECT, RUNNING_STACK, Stack, running_stack

RECORD = PROJECT / ".faults.jsonl"


def main(arguments: Sequence[str] | None = None) -> int:
    """Answers the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # No stack stays behind.
    options = _parser().parse_args(arguments)
    began = time.monotonic()
    lines: list[dict[str, Any]] = []
    is_broken_off = False
    with Stages() as stages:
        try:
            for number, scenario in _asked_for(options, began):
                line = _played(scenario, stages, seed=options.seed + number, options=options)
                lines.append(line)
                with options.out.open("a") as file:
                    file.write(json.dumps(line, default=str) + "\n")
        except KeyboardInterrupt:
            is_broken_off = True
    minutes = (time.monotonic() - began) / 60
    print(
        f"\n{table(lines)}\n\n{len(lines)} scenarios in {minutes:.1f} minutes; the record is",
        end=" ",
    )
    print(f"{options.out}; to go on: --seed {options.seed} --after {options.after + len(lines)}")
    return 130 if is_broken_off else exit_code(line["result"] for line in lines)


def exit_code(results: Iterable[str]) -> int:
    seen = set(results)
    return 1 if "FAILED" in seen else 3 if "SLOW" in seen else 0


def _asked_for(options: argparse.Namespace, began: float) -> Iterator[tuple[int, Scenario]]:
    """One round, or with a time as many as begin within it; each with its number in the seeded order."""
    seconds = options.hours * 3600 + options.minutes * 60
    for number, scenario in enumerate(_in_order(options)):
        is_over = (
            time.monotonic() - began >= seconds if seconds else number >= len(_chosen(options))
        )
        if is_over:
            return
        if number >= options.after:
            yield number, scenario


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

    def give_up(self) -> None:
        """After a failure: the next scenario starts afresh, also when this stack does not end as it should."""
        directory = self._now[1].directory if self._now else None
        try:
            self.end(keep=True)
        except Exception as error:  # It is one more finding about this stack, told here.
            print(f"  it did not end well: {error!r}", flush=True)
            self._running, self._now = ExitStack(), None
        print(f"  its directory stays: {directory}", flush=True)


def _played(
    scenario: Scenario, stages: Stages, *, seed: int, options: argparse.Namespace
) -> dict[str, Any]:
    print(f"{time.strftime('%H:%M:%S')} {scenario.name} (seed {seed}) ...", flush=True)
    line: dict[str, Any] = {"scenario": scenario.name, "seed": seed, "began": time.time()}
    try:
        result = play(
            _as_asked(scenario, options),
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
        stages.give_up()
        return {**line, "result": "FAILED", "reason": f"{type(error).__name__}: {error}"}


def _as_asked(scenario: Scenario, options: argparse.Namespace) -> Scenario:
    asked = shortened(scenario) if options.short else scenario
    return replace(asked, orders=options.orders or asked.orders)


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
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.campaign",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, default=random.randrange(100_000))
    parser.add_argument(
        "--hours", type=float, default=0.0, help="begin scenarios for so long (default: one round)"
    )
    parser.add_argument(
        "--minutes", type=float, default=0.0, help="the same, or added to the hours"
    )
    parser.add_argument(
        "--only", type=_names, metavar="NAME[,NAME]", help="as the record names them"
    )
    parser.add_argument(
        "--after", type=int, default=0, help="leave out so many of the seed's order"
    )
    parser.add_argument("--short", action="store_true", help="shorter faults and fewer orders")
    parser.add_argument("--orders", type=int, help="instead of each scenario's own number")
    parser.add_argument("--slack", type=float, default=1.0, help="recovery targets times this")
    parser.add_argument("--out", type=Path, default=RECORD, help=f"default {RECORD.name}")
    return parser


def _names(listed: str) -> list[str]:
    names = [name.strip() for name in listed.split(",")]
    if unknown := [name for name in names if name not in SCENARIOS]:
        raise argparse.ArgumentTypeError(f"unknown {unknown}; there are {', '.join(SCENARIOS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
