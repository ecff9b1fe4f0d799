"""The gateway's inbox: messages of networks become documents before they are acknowledged.

What makes it safe to repeat: the document's id derives from network and message id, so a redelivery is the same
document; a letter's id derives from its content.
"""

from dataclasses import dataclass
from typing import Any

import structlog
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from apps.kernel.clock import Clock, wall_clock
from apps.kernel.failpoint import failpoint
from apps.rails.documents import inbound_document
from apps.rails.domain.messages import Message
from apps.rails.gateway.bearings import Bearings, bearings_of
from apps.rails.gateway.letters import DURABLE, Letters
from apps.rails.iso20022.codec import from_xml
from apps.rails.iso20022.refused import RefusedXml
from apps.rails.networks.registry import NETWORKS
from apps.rails.serving import Request, Response, problem
from streaming.contracts.codec import storable

log = structlog.get_logger(__name__)

Document = dict[str, Any]


@dataclass
class _Unusable(Exception):
    code: str
    detail: str
    status: int = 422


class Inbox:
    """Takes what networks bring. Any number of them may run side by side."""

    def __init__(self, database: Database[Document], *, clock: Clock = wall_clock) -> None:
        self._database = database
        self._messages = database.get_collection("rail_messages", write_concern=DURABLE)
        self._letters = Letters(database, clock=clock)
        self._clock = clock

    def handle(self, request: Request) -> Response:
        """202 taken (200 again), 4xx kept as a dead letter and not to be sent again, 503 send it again."""
        if request.path == ("health",):
            return Response(200, {"status": "ok"})
        if len(request.path) != 2 or request.path[0] != "inbox" or request.path[1] not in NETWORKS:
            return problem(404, "not_found", f"Send to /inbox/ and one of {', '.join(NETWORKS)}.")
        if request.method != "POST":
            return problem(405, "method_not_allowed", "Send messages by POST.")
        try:
            return self._take(request.path[1], request.body)
        except PyMongoError as error:
            log.warning("inbox_interrupted", error=repr(error))
            return problem(503, "unavailable", "It is not kept; send it again.")

    def _take(self, network: str, body: bytes) -> Response:
        try:
            message, bearings = self._understood(network, body)
            return self._insert(network, message, body.decode("utf-8-sig"), bearings)
        except _Unusable as error:
            kept = self._letters.keep(network, body, reason=error.code, detail=error.detail)
            answer = problem(error.status, error.code, error.detail)
            return Response(answer.status, answer.content | {"dead_letter": kept})

    def _understood(self, network: str, body: bytes) -> tuple[Message, Bearings]:
        try:
            message = from_xml(body)
        except RefusedXml as error:
            raise _Unusable(error.code, error.detail) from error
        if message.TYPE not in NETWORKS[network].brings:
            raise _Unusable("message_unexpected", f"{network} brings no {message.TYPE}.")
        bearings = bearings_of(self._database, message, network)
        if bearings is None:
            detail = f"{message.TYPE} is about a message that was never exchanged here."
            raise _Unusable("original_unknown", detail)
        return message, bearings

    def _insert(self, network: str, message: Message, xml: str, bearings: Bearings) -> Response:
        document = inbound_document(
            message,
            xml,
            network=network,
            order=bearings.order,
            route=bearings.route,
            made_by=f"gateway:{network}",
            now=self._clock(),
        )
        failpoint("inbox.before_insert")
        try:
            self._messages.insert_one(storable(document))
        except DuplicateKeyError:
            return self._again(document)
        failpoint("inbox.after_insert")
        log.info("rail_message", message=document["_id"], type=message.TYPE, network=network)
        return Response(202, {"message": document["_id"]})

    def _again(self, document: Document) -> Response:
        known = self._messages.find_one({"_id": document["_id"]}, {"xml": 1})
        if known is None or known["xml"] != document["xml"]:
            raise _Unusable("message_id_reused", "Another message came under this id.", 409)
        return Response(200, {"message": document["_id"]})
