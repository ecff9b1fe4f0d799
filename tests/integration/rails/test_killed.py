"""Gateways and networks as processes that are killed: each payment is executed once."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from apps.rails.simulators.store import Store
from tests.integration.rails.town import Process, a_payment, ports, received, sends
from tests.support.waiting import wait_until

Document = dict[str, Any]
START_SECONDS = 40


class Machines:
    """The gateway and the Zelle-like network as processes, on one run directory."""

    def __init__(self, database: Database[Document], mongod: str, directory: Path) -> None:
        self.directory = directory
        at = ports("gateway", "zelle", "interfi")
        self._environment = {
            "DJANGO_SETTINGS_MODULE": "dpms_site.settings",
            "DPMS_DIR": str(directory),
            "DPMS_SECRET_KEY": "only-for-tests-" * 5,
            "DPMS_MONGODB_URI": mongod,
            "DPMS_MONGODB_DATABASE": database.name,
            "DPMS_RAIL_GATEWAY_URL": f"http://127.0.0.1:{at['gateway']}",
            "DPMS_ZELLE_URL": f"http://127.0.0.1:{at['zelle']}",
            "DPMS_INTERFI_URL": f"http://127.0.0.1:{at['interfi']}",
        }
        self._ends = ExitStack()

    def gateway(self, fail: str = "") -> Process:
        return self._started("manage.py", "run_rail_gateway", fail=fail)

    def network(self) -> Process:
        return self._started("-m", "apps.rails.simulators", "zelle")

    def _started(self, *command: str, fail: str = "") -> Process:
        log = self.directory / f"{command[-1]}.log"
        environment = self._environment | {"DPMS_FAIL": fail}
        process = Process(*command, environment=environment, log=log)
        self._ends.callback(process.kill)
        return process

    def close(self) -> None:
        self._ends.close()

    def known(self) -> list[Document]:
        """What the network knows, read from its file."""
        path = self.directory / "data" / "networks" / "zelle.sqlite3"
        store = Store(path)
        try:
            return store.all(
                "SELECT i.executed, r.copies FROM instructions i, received r"
                " WHERE i.message_id = r.message_id"
            )
        finally:
            store.close()


@pytest.fixture
def machines(database: Database[Document], mongod: str, tmp_path: Path) -> Iterator[Machines]:
    machines = Machines(database, mongod, tmp_path)
    yield machines
    machines.close()


def test_a_gateway_killed_between_sending_and_its_receipt_and_a_network_killed_with_an_answer_to_give(
    machines: Machines, database: Database[Document]
) -> None:
    """The next gateway sends the same message, the network knows it; the next network gives the answer that is due."""
    message = sends(database, a_payment())
    gateway, network = machines.gateway("rail.after_send:1:kill"), machines.network()

    wait_until(gateway.died, START_SECONDS, "the gateway is killed")
    assert database.rail_receipts.count_documents({}) == 0
    network.kill()
    assert machines.known() == [{"executed": 1, "copies": 1}]
    database.leases.delete_many({})
    machines.network()
    machines.gateway()

    wait_until(lambda: database.rail_receipts.find_one({"_id": message}), START_SECONDS)
    wait_until(lambda: received(database), START_SECONDS, "the answer comes")
    assert machines.known() == [{"executed": 1, "copies": 2}]
    (answer,) = received(database)
    assert answer["fields"]["status"] == "ACSC"
