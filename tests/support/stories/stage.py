"""The stack that the stories share: its orders as they stand, its platform clock and those of its networks."""

import json
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from apps.kernel.clock import rfc3339
from apps.kernel.ids import new_id
from devstack.client import Client, Document

PLATFORM = "platform"


class Stage:
    """Looks at all orders that began since it did; `clocks` are how far each clock is ahead of the wall's."""

    def __init__(
        self, client: Client, database: Database[Document], networks: Mapping[str, str]
    ) -> None:
        self.client = client
        self.orders: dict[str, Document] = {}
        self.clocks = {name: timedelta() for name in networks}
        self._database = database
        self._networks = networks
        self._read_platform_clock()
        for name in networks:
            self._read_network_clock(name)
        self._since = rfc3339(self.now(PLATFORM) - timedelta(seconds=1))

    def now(self, clock: str) -> datetime:
        return datetime.now(UTC) + self.clocks[clock]

    def look(self) -> None:
        """All orders as they stand now."""
        found = self.client.orders(created_from=self._since)
        self.orders = {order["id"]: order for order in found}

    def advance(self, clock: str, until: datetime) -> None:
        """Moves one clock to a moment after `until`; networks have clocks of their own."""
        seconds = int((until - self.now(clock)).total_seconds()) + 2
        if clock == PLATFORM:
            self.client.advance_clock(seconds=seconds)
            self._read_platform_clock()
        else:
            body = json.dumps({"seconds": seconds}).encode()
            _answer(f"{self._networks[clock]}/sandbox/clock/advance", body)
            self._read_network_clock(clock)

    def serve(self, alias: str, network: str) -> None:
        """From now on another bank of the network serves the alias ("email:…")."""
        body = json.dumps({"bank": "999999905", "bank_name": "Other Bank"}).encode()
        _answer(f"{self._networks[network]}/sandbox/aliases/{alias}", body, method="PUT")

    def staff_command(self, order: str, type_: str, *, role: str, reason: str) -> str:
        """What bank staff ask, written as every command is; customers' programs can't ask it."""
        about = self._database["orders"].find_one({"_id": order}, {"kind": 1, "route": 1})
        assert about is not None, order
        now = self.now(PLATFORM)
        command = {
            "_id": new_id("cmd", now),
            "type": type_,
            "kind": about["kind"],
            "order": order,
            "actor": {"kind": role, "id": f"stf_{role}"},
            "reason": reason,
            "client": None,
            "request_id": None,
            "created_at": now,
            "route": about["route"],
        }
        self._database["commands"].insert_one(command)
        return str(command["_id"])

    def cases(self, order: str) -> list[str]:
        """The kinds of the cases about the order."""
        return sorted(each["kind"] for each in self._database["cases"].find({"order": order}))

    def _read_platform_clock(self) -> None:
        ahead = self.client.clock()["ahead_seconds"]
        self.clocks[PLATFORM] = timedelta(seconds=ahead)

    def _read_network_clock(self, name: str) -> None:
        told = _answer(f"{self._networks[name]}/health")["now"]
        self.clocks[name] = datetime.fromisoformat(told) - datetime.now(UTC)


@contextmanager
def stage_of(client: Client, status: Mapping[str, Any]) -> Iterator[Stage]:
    """A stage on the stack that `python -m devstack status --json` describes."""
    networks = {name: status[name] for name in ("zelle", "interfi")}
    with MongoClient[Document](status["mongodb"], tz_aware=True) as mongo:
        yield Stage(client, mongo["dpms"], networks)


def _answer(url: str, body: bytes | None = None, *, method: str | None = None) -> Document:
    request = urllib.request.Request(  # noqa: S310 - our own
        url, data=body, method=method or ("POST" if body else "GET")
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own
        found: Document = json.loads(answer.read())
        return found


def pause() -> None:
    """Between two looks: often enough for a reader, seldom enough for the stack."""
    time.sleep(0.15)
