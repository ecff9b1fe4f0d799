"""`python -m benchmarks.run`: every figure of a running stack, or of one started for this, as JSON lines."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import glass, machine, measures, trail
from benchmarks.figures import Figure
from benchmarks.workload import heated, prepare
from devstack.client import Client

RESULTS = Path(__file__).resolve().parent / "results"
Status = dict[str, Any]


def main() -> int:
    arguments = _arguments()
    started_at = datetime.now(UTC)
    lines: list[Figure] = []

    def tell(figure: Figure) -> None:
        lines.append(figure)
        print(json.dumps(figure), flush=True)

    tell(
        {
            "figure": "machine",
            "at": started_at.isoformat(timespec="seconds"),
            **machine.description(),
        }
    )
    with _stack(arguments.dir, tell) as status:
        _measure(status, arguments.seconds, tell, warm=arguments.warm)
    path = arguments.out or RESULTS / f"{started_at:%Y%m%dT%H%M%SZ}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    print(f"written to {path}", file=sys.stderr)
    return 0


def _measure(status: Status, seconds: float, tell: Any, *, warm: float) -> None:
    client = Client.of(status, timeout_seconds=30)
    workload = prepare(client)
    tell(measures.memory(_status(status["dir"])))
    tell(measures.warming_up(client, workload, status, seconds=warm))
    tell(measures.accept_latency(client, workload, count=500))
    for per_second in (50, 200):
        latencies = measures.final_latency(client, workload, per_second=per_second, seconds=seconds)
        for figure in latencies:
            tell(figure)
    for figure in trail.entry_written(client, workload, status, per_second=50, seconds=seconds):
        tell(figure)
    tell(glass.row_visible(client, workload, status, per_second=50, seconds=seconds))
    for accounts in (workload, heated(client, workload)):
        for clients in (16, 64):
            tell(
                measures.sustained_single(
                    client, accounts, status, clients=clients, seconds=seconds
                )
            )
        tell(
            measures.sustained_batches(
                client, accounts, status, clients=4, size=100, seconds=seconds
            )
        )
    tell(measures.feed_catch_up(client, workload, status))
    tell(measures.memory(_status(status["dir"])))


@contextmanager
def _stack(directory: Path | None, tell: Any) -> Iterator[Status]:
    """The stack of `directory`, left running; without one, a fresh stack whose two starts are measured too."""
    if directory is not None:
        yield _status(str(directory))
        return
    with tempfile.TemporaryDirectory(prefix="dpms-bench-") as made:
        try:
            fresh = _up(made)
            _devstack("down", "--dir", made)
            tell({"figure": "start_seconds", "fresh": fresh, "again": _up(made)})
            yield _status(made)
        finally:
            _devstack("down", "--dir", made)


def _up(directory: str) -> float:
    started = time.monotonic()
    _devstack("up", "--detach", "--dir", directory)
    return round(time.monotonic() - started, 1)


def _status(directory: str) -> Status:
    status: Status = json.loads(_devstack("status", "--json", "--dir", directory))
    return status


def _devstack(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "devstack", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--dir", type=Path, help="run directory of a running stack to measure")
    parser.add_argument("--seconds", type=float, default=30, help="length of each timed part")
    parser.add_argument(
        "--warm", type=float, default=10, help="seconds of load before the first latency"
    )
    parser.add_argument("--out", type=Path, help="file for the JSON lines")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
