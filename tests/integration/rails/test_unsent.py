"""Where the gateway begins: of what is there and what comes, no message falls between the two."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import WriteConcern
from pymongo.database import Database

from apps.rails.gateway.unsent import arrivals, unsent

Document = dict[str, Any]


@contextmanager
def majority_behind(database: Database[Document]) -> Iterator[threading.Event]:
    """What is written is applied, and no majority has it until the event is set."""
    admin, caught_up = database.client.admin, threading.Event()

    def catch_up() -> None:
        caught_up.wait(10)
        admin.command("configureFailPoint", "disableSnapshotting", mode="off")
        # A majority learns where it is from the next write.
        database["others"].insert_one({})

    admin.command("configureFailPoint", "disableSnapshotting", mode="alwaysOn")
    behind = threading.Thread(target=catch_up)
    behind.start()
    try:
        yield caught_up
    finally:
        caught_up.set()
        behind.join()
        database.drop_collection("others")


def test_a_message_that_no_majority_had_when_the_stream_began_is_found(
    database: Database[Document],
) -> None:
    """The stream begins behind it, and without waiting the reader would not see it: it would lie there until a gateway
    leads anew."""
    at_once = database.get_collection("rail_messages", write_concern=WriteConcern(1))
    with majority_behind(database) as caught_up:
        at_once.insert_one({"_id": "msg_1", "direction": "out", "network": "zelle"})
        with (
            database.client.start_session(causal_consistency=True) as session,
            arrivals(database, session) as stream,
        ):
            assert list(database.rail_messages.find()) == []
            caught_up.set()

            found = list(unsent(database, session))

            assert found == ["msg_1"]
            assert stream.try_next() is None
