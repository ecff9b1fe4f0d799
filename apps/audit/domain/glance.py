"""A quick look at trail and live documents: which of them agree beyond doubt, from one pass in any order."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Image = Mapping[str, Any]
# Collection and id of a document.
Name = tuple[str, str]
# What an entry of one document is later by.
LATER = ("recorded_at", "n")


@dataclass
class Glance:
    """Feed every entry of the trail, then meet every live document; what stays is doubtful.

    A document is beyond doubt when its entries came in the order of capture, the first is its creation, each begins
    where the one before ended, none is an alarm, and the last ends at the live document. Images are compared by a
    number that equal ones share, so that a document costs a few dozen bytes here.
    """

    _ends: dict[Name, tuple[Any, int]] = field(default_factory=dict)
    _doubtful: set[Name] = field(default_factory=set)

    def add(self, entry: Image) -> bool:
        """Takes an entry; True when it is the first of its document."""
        name = str(entry["collection"]), str(entry["entity"])
        at = (entry["recorded_at"], entry["n"])
        known = self._ends.get(name)
        before = number_of(entry["before"])
        if entry["is_alarm"] or before != (known[1] if known else _NOTHING):
            self._doubtful.add(name)
        if known and at < known[0]:
            self._doubtful.add(name)
        self._ends[name] = at, number_of(entry["after"])
        return known is None

    def meet(self, collection: str, document: Image) -> None:
        """Takes a live document."""
        name = collection, str(document["_id"])
        _, end = self._ends.pop(name, (None, _NOTHING))
        if end != number_of(document):
            self._doubtful.add(name)

    def doubtful(self) -> set[Name]:
        """What does not agree at a glance, with what the trail has standing and no live document was met for."""
        unmet = {name for name, (_, end) in self._ends.items() if end != _NOTHING}
        return self._doubtful | unmet


def number_of(image: Image | None) -> int:
    """The same for images that are equal in kind and value; 32 and 64 bits are of no one's concern."""
    return hash(_encoder.encode(image))


def _told(value: Any) -> str:
    # No text of ours begins so; what is no JSON tells its kind.
    return f"\0{type(value).__name__} {value}"


_encoder = json.JSONEncoder(default=_told, check_circular=False, separators=(",", ":"))
_NOTHING = number_of(None)
