"""Plays histories and tells what is wrong with them: `python -m tests.simulator --seed 4711 --trace`."""

import argparse
import os
import random
import sys
import time
from collections import Counter

import django


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this one history")
    parser.add_argument("--trace", action="store_true", help="print the steps of each history")
    parser.add_argument("--from", type=int, dest="first", help="the first seed (default: drawn)")
    parser.add_argument("--count", type=int, default=1_000, help="how many (default %(default)s)")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.simulator.history import play

    first = given.first if given.first is not None else random.randrange(10**9)
    seeds = [given.seed] if given.seed is not None else range(first, first + given.count)
    began, struck, failed = time.monotonic(), Counter[str](), 0
    for seed in seeds:
        result = play(seed, trace=given.trace)
        struck.update(result.struck)
        for line in result.trace:
            _say(line)
        for problem in result.problems:
            _say(f"{problem.id}: {problem.rule}: {problem.detail}")
        if result.problems:
            failed += 1
            _say(f"replay: python -m tests.simulator --seed {seed} --trace")
    seconds = time.monotonic() - began
    _say(f"{len(seeds)} histories, {failed} wrong, {1000 * seconds / len(seeds):.1f} ms each")
    _say(", ".join(f"{name} {number}" for name, number in sorted(struck.items())))
    return 1 if failed else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
