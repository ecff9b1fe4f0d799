"""A quick look at trail and live documents: which of them agree beyond doubt, from one pass in any order."""

from dataclasses import dataclass, field
from typing import Any

# Collection and id of a document.
Name = tuple[str, str]


@dataclass
class Glance:
    """Feed every entry of the trail, then meet every live document; what stays is doubtful.

    A document is beyond doubt when its entries came in the order of capture, the first is its creation, each begins
    where the one before ended, none is an alarm, and the last ends at the live document. Images are bytes that equal
    documents share; only their hash is kept, so that a document costs a few dozen bytes here.
    """

    _ends: dict[Name, tuple[Any, int]] = field(default_factory=dict)
    _doubtful: set[Name] = field(default_factory=set)

    def add(
        self, name: Name, at: Any, *, before: bytes | None, after: bytes | None, is_alarm: bool
    ) -> bool:
        """Takes an entry, made `at`; True when it is the first of its document."""
        known = self._ends.get(name)
        if is_alarm or hash(before) != (known[1] if known else _NOTHING):
            self._doubtful.add(name)
        if known and at < known[0]:
            self._doubtful.add(name)
        self._ends[name] = at, hash(after)
        return known is None

    def meet(self, name: Name, image: bytes) -> None:
        """Takes a live document."""
        _, end = self._ends.pop(name, (None, _NOTHING))
        if end != hash(image):
            self._doubtful.add(name)

    def doubtful(self) -> set[Name]:
        """What does not agree at a glance, with what the trail has standing and no live document was met for."""
        unmet = {name for name, (_, end) in self._ends.items() if end != _NOTHING}
        return self._doubtful | unmet


_NOTHING = hash(None)
