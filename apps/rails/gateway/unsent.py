"""Outgoing messages without a receipt: all there are at this moment, then each new one as it is committed.

Both belong to one session, so that nothing falls between them. A stream begins behind what the database has applied,
while a reader sees only what a majority has: a message in between would come by neither. So the session's reads wait
until they see all that the stream leaves out.
"""

from collections.abc import Iterator
from typing import Any

from pymongo.change_stream import ChangeStream
from pymongo.client_session import ClientSession
from pymongo.database import Database

Document = dict[str, Any]

_BATCH = 1000
# How long MongoDB waits for a new message before it says that there is none.
AWAIT_MS = 250
_OUTGOING = [{"$match": {"operationType": "insert", "fullDocument.direction": "out"}}]


def unsent(database: Database[Document], session: ClientSession) -> Iterator[str]:
    """Ids of messages that have no receipt: the difference of two sorted walks over indexes, in constant memory."""
    receipts = database.rail_receipts.find({}, {"_id": 1}).sort("_id", 1).batch_size(_BATCH)
    outgoing = database.rail_messages.find({"direction": "out"}, {"_id": 1}, session=session)
    received = next(receipts, None)
    for message in outgoing.sort("_id", 1).hint("direction").batch_size(_BATCH):
        while received is not None and received["_id"] < message["_id"]:
            received = next(receipts, None)
        if received is None or received["_id"] != message["_id"]:
            yield message["_id"]


def arrivals(database: Database[Document], session: ClientSession) -> ChangeStream[Document]:
    """New outgoing messages, whatever order their transactions commit in. Open it before `unsent` is read."""
    stream = database.rail_messages.watch(_OUTGOING, max_await_time_ms=AWAIT_MS, session=session)
    # The newest that the database knew of when the stream began; a majority may not have it yet.
    if session.cluster_time is not None:
        session.advance_operation_time(session.cluster_time["clusterTime"])
    return stream
