"""What one subscription of a socket wants, and the frame that brings it from its number to the ring's head."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.console.ring import Event, Ring
from apps.console.rows import ShownRow, StoredRow, shown_row

# No table in a browser holds more rows than this.
ROWS_MAX = 500
ROWS_DEFAULT = 200
SID_CHARACTERS_MAX = 64
ID_CHARACTERS_MAX = 64


class Refused(Exception):
    """A subscription that is not given; `code` is stable, the text is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass
class Subscription:
    """`order` is None for the whole feed.

    `seq` is up to where the ring was looked through, `told` what the last frame said: between them lies nothing wanted.
    """

    sid: str
    order: str | None
    limit: int
    epoch: str = ""
    seq: int = 0
    told: int = 0
    owes_delta: bool = False

    def begin(self, epoch: str, seq: int) -> None:
        """The browser has everything up to `seq`."""
        self.epoch, self.seq, self.told = epoch, seq, seq

    def wants(self, row: StoredRow) -> bool:
        return self.order is None or row["id"] == self.order

    def next_frame(self, ring: Ring) -> dict[str, Any] | None:
        """A delta up to the head, a reset when no way leads there, None when nothing is owed; moves the number on."""
        if self.epoch == "" and self.seq == 0:
            self.epoch = (
                ring.epoch
            )  # the feed was empty at the snapshot, and its first event named the epoch
        events = ring.since(self.seq) if self.epoch == ring.epoch else None
        rows = folded(events, self) if events is not None else []
        if events is None or len(rows) > ROWS_MAX:
            return {"type": "reset", "sid": self.sid}
        self.seq = ring.head
        if not rows and not self.owes_delta:
            return None
        previous, self.told = self.told, self.seq
        self.owes_delta = False
        return {
            "type": "delta",
            "sid": self.sid,
            "epoch": self.epoch,
            "prev": previous,
            "seq": self.seq,
            "upserts": rows,
            "n_events": sum(1 for event in events if self.wants(event.row)),
        }


def folded(events: Sequence[Event], subscription: Subscription) -> list[ShownRow]:
    """Each wanted order once, at its highest version: when capture reads all anew, an older one may follow a newer."""
    latest: dict[str, StoredRow] = {}
    for event in events:
        row = event.row
        if not subscription.wants(row):
            continue
        known = latest.get(row["id"])
        if known is None or row["version"] >= known["version"]:
            latest[row["id"]] = row
    return [shown_row(row) for row in latest.values()]


def asked_subscription(message: Mapping[str, Any]) -> Subscription:
    """The subscription that a `sub` message asks for. Raises Refused."""
    sid, topic = message.get("sid"), message.get("topic")
    if not isinstance(sid, str) or not 0 < len(sid) <= SID_CHARACTERS_MAX:
        raise Refused("sid_malformed", "Name the subscription with 1 to 64 characters.")
    if not isinstance(topic, str):
        raise Refused("topic_unknown", "Ask for the topic feed or order:<id>.")
    kind, _, order = topic.partition(":")
    if topic != "feed" and (kind != "order" or not 0 < len(order) <= ID_CHARACTERS_MAX):
        raise Refused("topic_unknown", "Ask for the topic feed or order:<id>.")
    limit = message.get("limit", ROWS_DEFAULT)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 < limit <= ROWS_MAX:
        raise Refused("limit_malformed", f"Ask for 1 to {ROWS_MAX} rows.")
    return Subscription(sid=sid, order=order or None, limit=limit)
