"""How a record of a topic becomes an element on its way to the settle stage; shared by the flows that settle. Pure."""

import base64
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from streaming.contracts.envelope import Change, Undecodable, decode_change
from streaming.sor.element import DeadElement, Element


@dataclass(frozen=True)
class Place:
    """Where a record stands in Kafka."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True)
class Routed:
    """An element on its way: `customer` keys the assess stage, `account` the settle stage."""

    customer: str
    account: str
    element: Element
    likeness: str | None = None  # equal for orders that may be duplicates of each other
    at_ms: int = 0  # when the order was accepted, in milliseconds since 1970


Route = Callable[[Change], Routed | None]


def routed(
    place: Place, key: bytes | None, value: bytes | None, *, by: Route, keeps_bad: bool = True
) -> Routed | None:
    """The element that a record asks for, or None when the flow has nothing to do with it. Never raises.

    What can't be decoded is kept by the one flow that `keeps_bad` records of its topic.
    """
    if value is None:
        return None  # a compaction tombstone
    try:
        # Of a document a few fields are looked at: only those leave Extended JSON.
        change = decode_change(key, value, with_before=False, image_of=orjson.loads)
        return None if change.operation == "d" else by(change)
    except Undecodable as error:
        if not keeps_bad:
            return None
        return Routed(place.topic, place.topic, _dead(place, key, value, error))


def _dead(place: Place, key: bytes | None, value: bytes, error: Undecodable) -> DeadElement:
    return DeadElement(
        topic=place.topic,
        partition=place.partition,
        offset=place.offset,
        key=base64.b64encode(key).decode() if key is not None else None,
        value=base64.b64encode(value[:65536]).decode(),
        reason=error.reason,
        detail=error.detail,
    )
