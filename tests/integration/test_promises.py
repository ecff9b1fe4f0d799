"""What is asked of mongod when something is called durable: a majority that has it in its journal, of one snapshot."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from apps.transactions.domain.limits import PROFILES
from apps.transactions.domain.order import Actor
from devstack.client import Document
from streaming.config import Config
from streaming.flows.runtime import mongo_client
from streaming.sor.element import CommandElement
from streaming.sor.transaction import SystemOfRecord
from tests.support.api_client import a_pair
from tests.support.builders import an_api_client
from tests.support.core import NOW

DURABLE = {"w": "majority", "j": True}


@pytest.fixture
def profiled(database: Database[Document]) -> Iterator[Callable[[str], list[Document]]]:
    """The commands of a kind that mongod was sent since, as mongod itself wrote them down."""
    database.command("profile", 2)
    yield lambda kind: [
        entry["command"] for entry in database["system.profile"].find({f"command.{kind}": "orders"})
    ]
    database.command("profile", 0)
    database["system.profile"].drop()


def test_an_order_is_accepted_by_a_majority_and_its_journal(
    profiled: Callable[[str], list[Document]],
) -> None:
    api = an_api_client()
    pair = a_pair(api)

    api.send(pair.order())
    api.call("POST", "/api/v1/orders/batch", {"orders": [{"idempotency_key": "b", **pair.order()}]})

    concerns = [command["writeConcern"] for command in profiled("insert")]
    assert [{name: each[name] for name in DURABLE} for each in concerns] == [DURABLE] * 2


class Commands(CommandListener):
    """The commands that a client sends."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.sent.append(event.command)

    def succeeded(self, _event: CommandSucceededEvent) -> None:
        return None

    def failed(self, _event: CommandFailedEvent) -> None:
        return None


def test_a_batch_is_final_by_a_majority_and_its_journal_on_one_snapshot(
    database: Database[Document], mongod: str
) -> None:
    probe = {"_id": "cmd_1", "type": "probe", "order": None, "actor": {"kind": "system", "id": "x"}}
    database["commands"].insert_one(probe)
    commands = Commands()
    with MongoClient[Document](mongod, tz_aware=True, event_listeners=[commands]) as client:
        sor = SystemOfRecord(
            client=client,
            database=database.name,
            flow="send_money",
            actor=Actor(kind="stream", id="send_money#1"),
            limits=PROFILES["sandbox"],
            clock=lambda: NOW,
        )
        sor.settle([CommandElement("cmd_1")])

    begins = [command for command in commands.sent if command.get("startTransaction")]
    commits = [command for command in commands.sent if "commitTransaction" in command]
    assert [command["readConcern"]["level"] for command in begins] == ["snapshot"]
    assert [dict(command["writeConcern"]) for command in commits] == [DURABLE]


def test_a_flow_s_other_writes_are_durable_too(mongod: str) -> None:
    with mongo_client(Config(mongodb_uri=mongod)) as client:
        assert client.write_concern.document == DURABLE
        assert client.read_concern.level == "majority"
