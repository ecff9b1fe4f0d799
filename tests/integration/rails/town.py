"""A bank's gateway and its networks, over real HTTP: servers in threads, and processes where one is to be killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from pymongo.database import Database

from apps.rails.documents import outgoing_document
from apps.rails.domain.ids import on_the_wire, outgoing_id
from apps.rails.domain.messages import Message
from apps.rails.gateway.inbox import Inbox
from apps.rails.gateway.kept import Evidence
from apps.rails.gateway.leading import Gateway
from apps.rails.networks.over_http import HttpNetwork
from apps.rails.networks.registry import NETWORKS
from apps.rails.serving import Handler, application
from apps.rails.simulators.control import Control
from apps.rails.simulators.delivery import Delivery
from apps.rails.simulators.doors import Doors
from apps.rails.simulators.far_side import FAR_SIDES
from apps.rails.simulators.network import SimulatedNetwork
from apps.rails.simulators.store import Store
from streaming.contracts.codec import storable
from tests.support.mongod import free_port
from tests.support.rails import END_TO_END, NOW, OURS, a_transfer
from tests.support.waiting import wait_until

Document = dict[str, Any]
PROJECT = Path(__file__).resolve().parents[3]
ORDER = f"ord_{END_TO_END}"
ROUTE: dict[str, str | None] = {"order": ORDER, "customer": "cus_ann", "account": "acc_ann"}


@contextmanager
def serving(handle: Handler, port: int) -> Iterator[str]:
    """The handler at a port of this machine, while the block lasts."""
    config = uvicorn.Config(
        application(handle), port=port, lifespan="off", log_level="error", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started, 10, "the server listens")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def a_gateway(database: Database[Document], urls: Mapping[str, str], port: int) -> Iterator[None]:
    """A gateway that leads and listens."""
    adapters = {name: _connecting(name, url) for name, url in urls.items()}
    gateway = Gateway(database, adapters, our_bank=OURS)
    thread = threading.Thread(target=gateway.run)
    with serving(Inbox(database, evidence=Evidence("tests")).handle, port):
        thread.start()
        try:
            yield
        finally:
            gateway.stop()
            thread.join()


def _connecting(name: str, url: str) -> Any:
    return lambda: HttpNetwork(NETWORKS[name], url)


@contextmanager
def a_network(name: str, directory: Path, port: int, inbox: str) -> Iterator[Store]:
    """A simulated network that listens and delivers; its store, to look into and to advance."""
    store = Store(directory / f"{name}.sqlite3")
    network = SimulatedNetwork(FAR_SIDES[name], store, day_seconds=1)
    delivery = Delivery(store, f"{inbox}/inbox/{name}")
    doors = Doors(network, Control(network, our_bank=OURS))
    with serving(doors.handle, port):
        delivery.start()
        try:
            yield store
        finally:
            delivery.stop()
            store.close()


def sends(
    database: Database[Document], message: Message, *, network: str = "zelle", at: datetime = NOW
) -> str:
    """What the SOR transaction does in the step that sends a message."""
    document = outgoing_document(
        message, network=network, order=ORDER, route=ROUTE, made_by="stream:send_money#1", now=at
    )
    database.rail_messages.insert_one(storable(document))
    return str(document["_id"])


def a_payment(step: str = "4", **different: Any) -> Any:
    """A credit transfer with the message id that its step has."""
    identifier = on_the_wire(outgoing_id(ORDER, step=step, kind="pacs.008"))
    return a_transfer(**({"message_id": identifier} | different))


def received(database: Database[Document], kind: str | None = None) -> list[Document]:
    """Inbound messages, oldest first."""
    wanted = {"direction": "in"} | ({"type": kind} if kind else {})
    return list(database.rail_messages.find(wanted).sort("created_at", 1))


def post(url: str, body: bytes | Document) -> tuple[int, Document]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data=content, method="POST")  # noqa: S310 - our own
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


class Process:
    """A part as the stack starts it, on the test's database and ports."""

    def __init__(self, *command: str, environment: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=PROJECT,
                env={**os.environ, **environment},
                stdout=file,
                stderr=file,
            )

    def died(self) -> bool:
        return self.process.poll() is not None

    def kill(self) -> None:
        if not self.died():
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


def ports(*names: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        while (port := free_port()) in found.values():
            continue
        found[name] = port
    return found
