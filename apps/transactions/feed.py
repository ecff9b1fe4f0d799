"""Reads the numbered feed of order changes from a position on; `apps/console/feed.py` writes it."""

import re
from dataclasses import dataclass

from pymongo import ASCENDING

from apps.kernel.errors import Gone
from dpms_site.mongodb import Document, collection

_POSITION = re.compile(r"(feed_[0-9a-z]{26})\.([0-9]{1,15})|\.0", re.ASCII)


@dataclass(frozen=True)
class Position:
    """Everything up to `seq` is known. An empty feed has no epoch yet: its position is ".0"."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.seq}"


@dataclass(frozen=True)
class FeedPage:
    """Events after a position, oldest first; `next` is the position behind them."""

    events: list[Document]
    next: Position
    has_more: bool


def position_of(text: str) -> Position:
    """The position that `next` of a page said. Raises ValueError."""
    match = _POSITION.fullmatch(text)
    if match is None:
        raise ValueError("take it from `next` of an answer before")
    return Position(match.group(1) or "", int(match.group(2) or 0))


def feed_page(
    after: Position | None, *, limit: int, client: str | None = None, row: bool = False
) -> FeedPage:
    """The next `limit` events, of one client's orders or of all; without a position from the oldest that is kept.

    Raises Gone (`feed_position_gone`) when events after the position are kept no longer, or it is of another epoch.
    """
    # Where the feed ends is read first: what comes meanwhile is beyond `next` and not lost.
    head = _head()
    start = after or Position(head.epoch, 0)
    if after is not None:
        _check_kept(after)
    query: Document = {"_id": {"$gt": start.seq, "$lte": head.seq}}
    if client is not None:
        query["client"] = client
    fields = ["epoch", "order", "version", "status", "at", *(["row"] if row else [])]
    found = collection("feed_events").find(query, fields).sort("_id", ASCENDING).limit(limit + 1)
    events = list(found)
    if len(events) > limit:
        del events[limit:]
        return FeedPage(events, Position(head.epoch, events[-1]["_id"]), has_more=True)
    return FeedPage(events, head, has_more=False)


def has_news(after: Position, *, client: str | None = None) -> bool:
    """Whether an event lies after the position; True too when the feed began anew, which the next page tells."""
    query: Document = {"_id": {"$gt": after.seq}}
    if client is not None:
        query["client"] = client
    if collection("feed_events").find_one(query, {"_id": 1}) is not None:
        return True
    return _head().epoch != after.epoch


def _head() -> Position:
    last = collection("feed_events").find_one({}, {"epoch": 1}, sort=[("_id", -1)])
    return Position(last["epoch"], last["_id"]) if last else Position("", 0)


def _check_kept(position: Position) -> None:
    """The number itself is looked for: while it is kept, so is everything after it."""
    events = collection("feed_events")
    if position.seq:
        is_kept = events.find_one({"_id": position.seq, "epoch": position.epoch}) is not None
    else:
        first = events.find_one({}, {"epoch": 1}, sort=[("_id", ASCENDING)])
        is_kept = first is None or (first["_id"] == 1 and position.epoch in ("", first["epoch"]))
    if not is_kept:
        detail = (
            "The feed does not have this position any more. Read the orders anew (GET /orders), "
            "then go on with GET /feed without `after`."
        )
        raise Gone("feed_position_gone", detail)
