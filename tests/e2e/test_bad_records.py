"""A record that nobody can read: it is put aside with its place and reason, and payments go on."""

from typing import Any

import pytest
from pymongo import MongoClient

from devstack.client import Client
from tests.support.api_client import a_pair
from tests.support.stack import Stack
from tests.support.topics import Place, produce, read
from tests.support.waiting import wait_until

BAD_VALUES = {
    "no_json": b"\xff\xfe\x00 no json",
    "no_event": b'{"neither": "an event"}',
    "no_document": b'{"payload": {"op": "c", "after": "{\\"_id\\": 7, \\"status\\": [1]}"}}',
}


@pytest.mark.parametrize(
    "topic", ["dpms.cdc.orders", "dpms.cdc.commands", "dpms.cdc.aliases", "dpms.cdc.rail_messages"]
)
@pytest.mark.parametrize("value", BAD_VALUES.values(), ids=BAD_VALUES.keys())
def test_is_put_aside_and_the_job_goes_on(
    stack: Stack, client: Client, topic: str, value: bytes
) -> None:
    status = stack.status()
    pair = a_pair(client)

    place = produce(status["kafka"], topic, key=b"bad", value=value)
    letter = wait_until(lambda: _letter(status, place), 30, f"a dead letter of {place}")
    order = client.wait_final(client.send(pair.order())["id"])

    assert (letter["topic"], letter["partition"], letter["offset"]) == (
        place.topic,
        place.partition,
        place.offset,
    )
    assert letter["reason"]
    assert order["status"] == "COMPLETED"
    wait_until(lambda: _letters_in_topic(status, place), 30, "the same in the topic")


def _letter(status: dict[str, Any], place: Place) -> dict[str, Any] | None:
    with MongoClient[dict[str, Any]](status["mongodb"]) as mongo:
        return mongo["dpms"]["dead_letters"].find_one({"_id": str(place)})


def _letters_in_topic(status: dict[str, Any], place: Place) -> bool:
    parts = (place.topic.encode(), str(place.offset).encode())
    found = read(
        status["kafka"],
        "dpms.dead_letters",
        lambda message: all(part in (message.value() or b"") for part in parts),
    )
    return bool(found)
