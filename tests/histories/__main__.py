"""Plays histories and tells what is wrong with them: `python -m tests.histories --seed 4711 --trace`."""

import argparse
import os
import random
import sys
import time
from collections import Counter

import django


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.histories", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this one history")
    parser.add_argument("--trace", action="store_true", help="print the steps of each history")
    parser.add_argument("--from", type=int, dest="first", help="the first seed (default: drawn)")
    parser.add_argument("--count", type=int, default=1_000, help="how many (default %(default)s)")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.histories.history import play

    first = given.first if given.first is not None else random.randrange(10**9)
    seeds = [given.seed] if given.seed is not None else range(first, first + given.count)
    began, struck, broken, failed = time.process_time(), Counter[str](), Counter[str](), 0
    for seed in seeds:
        result = play(seed, trace=given.trace)
        struck.update(result.struck)
        for line in result.trace:
            _say(line)
        for problem in result.problems:
            _say(f"{problem.id}: {problem.rule}: {problem.detail}")
        if result.problems:
            failed += 1
            broken.update({problem.rule for problem in result.problems})
            _say(f"replay: python -m tests.histories --seed {seed} --trace")
    seconds = time.process_time() - began
    _say(", ".join(f"{name} {number}" for name, number in sorted(struck.items())))
    _say(f"{len(seeds)} histories, {failed} wrong, {1000 * seconds / len(seeds):.1f} ms each")
    if broken:
        _say(", ".join(f"{rule} {number}" for rule, number in broken.most_common()))
    return 1 if failed else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
