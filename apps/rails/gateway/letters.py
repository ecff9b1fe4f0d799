"""What a network sent and nobody can use is kept whole, with the reason: nothing that arrived is lost."""

from typing import Any

import structlog
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from apps.kernel.clock import Clock
from apps.kernel.failpoint import failpoint

log = structlog.get_logger(__name__)

Document = dict[str, Any]
DURABLE = WriteConcern("majority", j=True)
FLOW = "rail_gateway"


class Letters:
    """Keeps dead letters of networks in `dead_letters`."""

    def __init__(self, database: Database[Document], *, clock: Clock) -> None:
        self._letters = database.get_collection("dead_letters", write_concern=DURABLE)
        self._clock = clock

    def keep(self, network: str, body: bytes, *, digest: str, reason: str, detail: str) -> str:
        """The letter's id. It derives from the digest of what came, so what is delivered again stays one letter."""
        identifier = f"rail:{network}:{digest.rpartition(':')[2][:32]}"
        letter = {
            "topic": None,
            "partition": None,
            "offset": None,
            "key": network,
            "value": body,
            "digest": digest,
            "reason": reason,
            "detail": detail,
            "flow": FLOW,
            "at": self._clock(),
        }
        failpoint("inbox.before_keep")
        self._letters.update_one({"_id": identifier}, {"$setOnInsert": letter}, upsert=True)
        failpoint("inbox.after_keep")
        log.error("dead_letter", place=identifier, reason=reason)
        return identifier
