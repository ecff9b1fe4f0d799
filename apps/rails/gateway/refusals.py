"""A payment that its network refused on the wire: its order is told at once, where nobody can have taken it.

Told are refusals of the very bytes, and messages that were never sent. The same bytes are refused whenever they come,
so that no earlier try can have been taken. Whatever else is refused (the way there, who we are, another message under
the id) is asked about when the order's deadline comes: a payment that may have been taken is never given up.

Safe to repeat: the command's id derives from the message's, and it is written before the receipt: who finds no receipt
sends again, is refused again, and finds the command.
"""

from datetime import datetime
from typing import Any

import structlog
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from apps.kernel.failpoint import failpoint
from apps.kernel.ids import derived_id
from apps.rails.networks.adapter import Answer
from apps.transactions.domain.lifecycle import Driver

log = structlog.get_logger(__name__)

Document = dict[str, Any]
COMMAND = "not_taken"
# RFC 9110: malformed, too long, of another kind, not to be processed. Not 401, 403, 404, 409 and others.
_OF_THE_BYTES = frozenset({400, 413, 415, 422})
_REASON_LENGTH_MAX = 200


def is_never_taken(message: Document, answer: Answer) -> bool:
    """Whether it is a payment that the network has not taken by any try."""
    if answer.is_taken or message["type"] != "pacs.008" or message["order"] is None:
        return False
    return answer.http_status is None or answer.http_status in _OF_THE_BYTES


def tell_order(
    commands: Collection[Document], message: Document, answer: Answer, *, now: datetime
) -> None:
    """Asks its order to end: REJECTED, unless it ended otherwise."""
    command: Document = {
        "_id": derived_id("cmd", COMMAND, message["_id"]),
        "type": COMMAND,
        "kind": "send",
        "order": message["order"],
        "actor": {"kind": Driver.NETWORK.value, "id": message["network"]},
        "reason": f"not taken by the network: {answer.text}"[:_REASON_LENGTH_MAX],
        # Without a status it is the account number that can't be sent (ISO 20022: incorrect account number).
        "iso_reason": "AC01" if answer.http_status is None else "NARR",
        "client": None,
        "request_id": None,
        "created_at": now,
        "route": message["route"],
    }
    failpoint("rail.before_tell")
    try:
        commands.insert_one(command)
    except DuplicateKeyError:
        log.info("order_told_before", message=message["_id"])
    failpoint("rail.after_tell")
