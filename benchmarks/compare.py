"""`python -m benchmarks.compare`: two or more builds or settings, measured in turns in one run, as ratios.

Machines are not equally fast at all times, so single figures of different hours say little about the code. Here each
variant gets a fresh stack of its own, one after the other, for as many rounds as asked; what counts is the ratio.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import machine, measures
from benchmarks.figures import Figure
from benchmarks.run import RESULTS
from benchmarks.workload import prepare
from devstack.client import Client

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Variant:
    """A checkout with its own `.venv`, and what its stack finds in the environment beside everything else."""

    name: str
    checkout: Path
    environment: Mapping[str, str]


def variant(text: str) -> Variant:
    """`NAME=CHECKOUT[,VARIABLE=VALUE…]`. Raises ArgumentTypeError saying what is wrong."""
    named = re.fullmatch(r"(?P<name>[\w.-]+)=(?P<rest>.+)", text)
    if named is None:
        raise argparse.ArgumentTypeError(f"{text!r}: write NAME=CHECKOUT[,VARIABLE=VALUE…]")
    place, *settings = named["rest"].split(",")
    checkout = Path(place).resolve()
    if not (checkout / "devstack").is_dir() or not _python(checkout).exists():
        raise argparse.ArgumentTypeError(f"{checkout} is no checkout of the project with a .venv")
    if wrong := [each for each in settings if "=" not in each]:
        raise argparse.ArgumentTypeError(f"{wrong[0]!r}: write VARIABLE=VALUE")
    return Variant(named["name"], checkout, dict(each.split("=", 1) for each in settings))


def main() -> int:
    arguments = _arguments()
    started_at = datetime.now(UTC)
    lines: list[Figure] = []

    def tell(figure: Figure) -> None:
        lines.append(figure)
        print(json.dumps(figure), flush=True)

    at = started_at.isoformat(timespec="seconds")
    tell({"figure": "machine", "at": at, **machine.description()})
    for number in range(1, arguments.rounds + 1):
        for each in arguments.variant:
            with _stack(each) as status:
                for figure in _measured(status, arguments.seconds, warm=arguments.warm):
                    tell({"variant": each.name, "round": number, **figure})
    for figure in ratios(lines, [each.name for each in arguments.variant]):
        tell(figure)
    path = arguments.out or RESULTS / f"{started_at:%Y%m%dT%H%M%SZ}-compared.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    print(f"written to {path}", file=sys.stderr)
    return 0


def _measured(status: dict[str, Any], seconds: float, *, warm: float) -> Iterator[Figure]:
    client = Client.of(status, timeout_seconds=30)
    workload = prepare(client)
    yield measures.warming_up(client, workload, status, seconds=warm)
    yield from measures.final_latency(client, workload, per_second=50, seconds=seconds)
    for clients in (16, 64):
        yield measures.sustained_single(client, workload, status, clients=clients, seconds=seconds)
    yield measures.sustained_batches(client, workload, status, clients=4, size=100, seconds=seconds)


def ratios(lines: Sequence[Figure], names: Sequence[str]) -> list[Figure]:
    """For each figure the median of every variant's rounds, and how they stand to the first variant's.

    Of latencies the median order counts, of rates the rate, of processor time the sum of all parts.
    """
    known: dict[str, dict[str, list[float]]] = {}
    for line in lines:
        for what, value in _compared(line):
            known.setdefault(what, {}).setdefault(line["variant"], []).append(value)
    found: list[Figure] = []
    for what, values in known.items():
        medians = {name: median(values[name]) for name in names if name in values}
        first = medians.get(names[0])
        to_first = (
            {name: round(value / first, 3) for name, value in medians.items()} if first else {}
        )
        found.append({"figure": "ratio", "of": what, "medians": medians, "to_first": to_first})
    return found


def _compared(line: Figure) -> Iterator[tuple[str, float]]:
    if "variant" not in line:
        return
    about = [str(line[name]) for name in ("by", "clients", "per_second") if name in line]
    if line["figure"] == "sustained_final_per_second":
        what = " ".join([line["figure"], *about[:2]])
        yield what, line["per_second"]
        used = line["processor_ms_per_order"]
        yield f"{what} processor_ms_per_order", round(sum(used.values()), 2)
    elif "p50" in line:
        yield " ".join([line["figure"], *about, "p50"]), line["p50"]


@contextmanager
def _stack(of: Variant) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="dpms-compare-") as made:
        try:
            _devstack(of, "up", "--detach", "--dir", made)
            yield json.loads(_devstack(of, "status", "--json", "--dir", made))
        finally:
            _devstack(of, "down", "--dir", made)


def _devstack(of: Variant, *arguments: str) -> str:
    done = subprocess.run(
        [_python(of.checkout), "-m", "devstack", *arguments],
        cwd=of.checkout,
        env={**os.environ, **of.environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def _python(checkout: Path) -> Path:
    return checkout / ".venv" / "bin" / "python"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument(
        "--variant",
        type=variant,
        action="append",
        help="NAME=CHECKOUT[,VARIABLE=VALUE…], twice or more; without any: thread and process mode of this one",
    )
    parser.add_argument("--rounds", type=int, default=2, help="turns of each variant")
    parser.add_argument("--seconds", type=float, default=10, help="length of each timed part")
    parser.add_argument(
        "--warm", type=float, default=10, help="seconds of load before the first part"
    )
    parser.add_argument("--out", type=Path, help="file for the JSON lines")
    arguments = parser.parse_args()
    if arguments.variant is None:
        modes = ("thread", "process")
        arguments.variant = [Variant(each, PROJECT, {"DPMS_FLINK_MODE": each}) for each in modes]
    if len({each.name for each in arguments.variant}) < max(2, len(arguments.variant)):
        parser.error("name two or more variants, each by a name of its own")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
