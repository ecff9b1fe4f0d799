"""`python -m devstack.traffic`: customers who pay for ever, through the public API only."""

import argparse
import contextlib
import json
import random
import signal
import threading
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

from devstack.client import Unexpected
from devstack.traffic.patience import PatientClient, Stopped
from devstack.traffic.players import Players
from devstack.traffic.scenes import SCENES
from devstack.traffic.town import Town
from streaming.config import load

# Payments start as soon as this many customers know each other; the others join while they flow.
_ENOUGH_TO_START = 13
_REPORT_SECONDS = 10.0


def main() -> int:
    arguments = _arguments()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    chance = random.Random(arguments.seed)
    client = _client(arguments.dir, stopping)
    town = Town(client=client, path=arguments.dir / "traffic.json", chance=chance)
    players = Players(client=client, town=town, chance=chance)
    with contextlib.suppress(Stopped):
        _run(players, arguments, stopping)
    say("Stopped.")
    return 0


def say(line: str) -> None:
    print(f"{datetime.now().astimezone():%H:%M:%S}  {line}", flush=True)


def _run(players: Players, arguments: argparse.Namespace, stopping: threading.Event) -> None:
    town = players.town
    say(f"{len(town.customers)} customers of an earlier run; {arguments.customers} are wanted.")
    while len(town.customers) < _ENOUGH_TO_START and not stopping.is_set():
        town.enrol_one()
    sent: Counter[str] = Counter()
    report_at = time.monotonic() + _REPORT_SECONDS
    while not stopping.wait(players.chance.expovariate(arguments.rate)):
        if len(town.customers) < arguments.customers:
            town.enrol_one()
        sent[_play_one(players)] += 1
        if time.monotonic() >= report_at:
            say(_report(sent, len(town.customers)))
            sent.clear()
            report_at = time.monotonic() + _REPORT_SECONDS


def _play_one(players: Players) -> str:
    """One scene and whatever is due by now; what the API refuses is said and is no reason to stop."""
    (scene,) = players.chance.choices(list(SCENES), weights=list(SCENES.values()))
    try:
        players.do_what_is_due()
        scene(players)
    except Unexpected as refused:
        say(f"Refused: {refused}")
    return scene.__name__.replace("_", " ")


def _report(sent: Counter[str], customers: int) -> str:
    parts = ", ".join(f"{count} {name}" for name, count in sent.most_common())
    return f"{sent.total()} payments and requests of {customers} customers: {parts}"


def _client(directory: Path, stopping: threading.Event) -> PatientClient:
    credentials = json.loads((directory / "credentials.json").read_text())
    client = PatientClient(
        web=load({"DPMS_DIR": str(directory)}).web_url,
        client_id=credentials["client_id"],
        client_secret=credentials["client_secret"],
    )
    client.say, client.stopping = say, stopping
    return client


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m devstack.traffic", description=__doc__)
    parser.add_argument("--dir", type=Path, default=load().dir, help="run directory of the stack")
    parser.add_argument("--rate", type=float, default=3.0, help="payments a second (default 3)")
    parser.add_argument("--customers", type=int, default=120, help="how many customers to enrol")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same names and habits")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
