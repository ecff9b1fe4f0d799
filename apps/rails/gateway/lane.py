"""One network's way out: its messages one after the other, each until the network has it.

What makes it safe to repeat: the message is a document and its id goes over the wire, so a gateway that died before the
receipt sends the very same message again, and the network takes each message id once.
"""

import threading
from collections import deque
from dataclasses import replace
from typing import Any

import structlog
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from apps.kernel.clock import Clock
from apps.kernel.errors import DomainError
from apps.kernel.failpoint import failpoint
from apps.rails.documents import receipt_document
from apps.rails.gateway.letters import DURABLE
from apps.rails.gateway.numbers import ready
from apps.rails.gateway.refusals import is_never_taken, tell_order
from apps.rails.networks.adapter import Adapter, Answer, Unreachable
from streaming.contracts.codec import storable

log = structlog.get_logger(__name__)

Document = dict[str, Any]
PAUSE_SECONDS, PAUSE_SECONDS_MAX = 0.1, 3.0
_IDLE_SECONDS = 0.5
_EARLIER_SECONDS = 0.02


class _TooEarly(Exception):
    """An earlier message of the same payment or request has no receipt yet."""


class Lane:
    """Sends in a thread of its own from `start` to `stop`; a network that is away holds up no other."""

    def __init__(self, database: Database[Document], adapter: Adapter, *, clock: Clock) -> None:
        self._database = database
        self._receipts = database.get_collection("rail_receipts", write_concern=DURABLE)
        self._commands = database.get_collection("commands", write_concern=DURABLE)
        self._adapter = adapter
        self._clock = clock
        self._waiting: deque[str] = deque()
        self._known: set[str] = set()
        self._something = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"lane {adapter.network.name}")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the message that is on its way has its receipt, or will be sent again."""
        self._stopping.set()
        self._something.set()
        self._thread.join()

    def add(self, message: str) -> None:
        if message not in self._known:
            self._known.add(message)
            self._waiting.append(message)
            self._something.set()

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            if not self._waiting:
                self._something.wait(_IDLE_SECONDS)
                self._something.clear()
                continue
            failures = 0 if self._is_sent(self._waiting.popleft()) else failures + 1
            if failures:
                pause = min(PAUSE_SECONDS * 2 ** min(failures, 10), PAUSE_SECONDS_MAX)
                self._stopping.wait(pause)
        self._adapter.close()

    def _is_sent(self, message: str) -> bool:
        """False puts it to the end: one that its network or this code can't digest holds up no other."""
        try:
            self.send(message)
        except _TooEarly:
            self._stopping.wait(_EARLIER_SECONDS)
            self._waiting.append(message)
            return True
        except (Unreachable, PyMongoError) as error:
            log.warning("not_sent", message=message, error=str(error))
        except Exception:
            log.exception("not_sent", message=message)  # a defect; the lane goes on with the others
        else:
            self._known.discard(message)
            return True
        self._waiting.append(message)
        return False

    def send(self, message: str) -> None:
        """Sends it, unless it has a receipt, and keeps the receipt. Raises _TooEarly, Unreachable and PyMongoError."""
        if self._receipts.find_one({"_id": message}, {"_id": 1}):
            return
        document = self._database.rail_messages.find_one({"_id": message})
        if document is None:
            return
        self._assert_in_turn(document)
        answer = self._answer_to(document)
        if is_never_taken(document, answer):
            tell_order(self._commands, document, answer, now=self._clock())
        receipt = receipt_document(
            document,
            state="TAKEN" if answer.is_taken else "REFUSED",
            http_status=answer.http_status,
            answer=answer.text,
            made_by=f"gateway:{self._adapter.network.name}",
            now=self._clock(),
        )
        try:
            self._receipts.insert_one(storable(receipt))
        except DuplicateKeyError:
            log.info("receipt_known", message=message)  # another gateway was quicker
        failpoint("rail.after_receipt")
        log.info("sent", message=message, type=document["type"], state=receipt["state"])

    def _assert_in_turn(self, document: Document) -> None:
        """What became of a payment is asked after the payment itself went out, whatever the lane begins with: a network
        that is asked first knows nothing, says so, and executes it afterwards. Raises _TooEarly."""
        same = {name: document[name] for name in ("end_to_end_id", "network", "direction")}
        before = same | {"created_at": {"$lt": document["created_at"]}}
        earlier = [row["_id"] for row in self._database.rail_messages.find(before, {"_id": 1})]
        if earlier and self._receipts.count_documents({"_id": {"$in": earlier}}) < len(earlier):
            raise _TooEarly

    def _answer_to(self, document: Document) -> Answer:
        """The network's; or ours, for a message that nobody can send."""
        try:
            message = ready(self._database, document["xml"])
        except DomainError as error:
            log.error("not_sendable", message=document["_id"], code=error.code)
            return Answer(is_taken=False, http_status=None, text=str(error))
        failpoint("rail.before_send")
        answer = self._adapter.send(message.xml)
        failpoint("rail.after_send")
        return replace(answer, text=message.masked(answer.text))
