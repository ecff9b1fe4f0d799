"""The gateway's inbox: messages of networks become documents before they are acknowledged.

What makes it safe to repeat: the document's id derives from network and message id, so a redelivery is the same
document; a letter's id derives from its content. No account number is stored: `kept.py`.
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
from apps.rails.gateway.kept import Evidence, kept
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
    """`message` is what could be read of it, None where nothing could."""

    code: str
    detail: str
    status: int = 422
    message: Message | None = None


class Inbox:
    """Takes what networks bring. Any number of them may run side by side."""

    def __init__(
        self, database: Database[Document], *, evidence: Evidence, clock: Clock = wall_clock
    ) -> None:
        self._database = database
        self._messages = database.get_collection("rail_messages", write_concern=DURABLE)
        self._letters = Letters(database, clock=clock)
        self._evidence = evidence
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
            return self._insert(network, message, body, bearings)
        except _Unusable as error:
            return self._put_by(network, body, error)

    def _put_by(self, network: str, body: bytes, error: _Unusable) -> Response:
        """As a dead letter, with tokens too as far as it could be read."""
        value = body
        if error.message is not None:
            xml = body.decode("utf-8-sig")
            value = kept(self._database, error.message, xml, now=self._clock()).xml.encode()
        letter = self._letters.keep(
            network,
            value,
            digest=self._evidence.of(body),
            reason=error.code,
            detail=error.detail,
        )
        answer = problem(error.status, error.code, error.detail)
        return Response(answer.status, answer.content | {"dead_letter": letter})

    def _understood(self, network: str, body: bytes) -> tuple[Message, Bearings]:
        try:
            message = from_xml(body)
        except RefusedXml as error:
            raise _Unusable(error.code, error.detail) from error
        if message.TYPE not in NETWORKS[network].brings:
            detail = f"{network} brings no {message.TYPE}."
            raise _Unusable("message_unexpected", detail, message=message)
        bearings = bearings_of(self._database, message, network)
        if bearings is None:
            detail = f"{message.TYPE} is about a message that was never exchanged here."
            raise _Unusable("original_unknown", detail, message=message)
        return message, bearings

    def _insert(self, network: str, message: Message, body: bytes, bearings: Bearings) -> Response:
        now = self._clock()
        stored = kept(self._database, message, body.decode("utf-8-sig"), now=now)
        document = inbound_document(
            stored.message,
            stored.xml,
            network=network,
            order=bearings.order,
            route=bearings.route,
            made_by=f"gateway:{network}",
            now=now,
            digest=self._evidence.of(body),
        )
        failpoint("inbox.before_insert")
        try:
            self._messages.insert_one(storable(document))
        except DuplicateKeyError:
            return self._again(document, message, body)
        failpoint("inbox.after_insert")
        log.info("rail_message", message=document["_id"], type=message.TYPE, network=network)
        return Response(202, {"message": document["_id"]})

    def _again(self, document: Document, message: Message, body: bytes) -> Response:
        """The same bytes; the same words where an earlier build, or one with another key, kept it."""
        known = self._messages.find_one({"_id": document["_id"]}, {"xml": 1, "digest": 1}) or {}
        is_same = self._evidence.is_same(known.get("digest"), document["digest"])
        if is_same is None:
            is_same = known.get("xml") in (document["xml"], body.decode("utf-8-sig"))
        if not is_same:
            detail = "Another message came under this id."
            raise _Unusable("message_id_reused", detail, 409, message)
        return Response(200, {"message": document["_id"]})
