"""The elements that wait in a settle batch: ids only, since the SOR transaction reads everything again."""

import json
import zlib
from dataclasses import dataclass

# The other side of holds is kept on this many internal accounts; fixed for life, as holds are freed
# where they were made.
LEDGER_SHARDS = 16


@dataclass(frozen=True)
class OrderElement:
    """An order to assess; `signals` are pairs of reason and detail."""

    id: str
    signals: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class WaitingElement:
    """An order that was seen waiting for its alias: the alias may have become active meanwhile."""

    id: str


@dataclass(frozen=True)
class CommandElement:
    """A command to carry out or refuse."""

    id: str


@dataclass(frozen=True)
class AliasElement:
    """An alias that became active: orders may wait for it; those whose id comes after `after`."""

    key: str
    after: str = ""


@dataclass(frozen=True)
class MessageElement:
    """A message of a network: what it is about happens to an order, or it begins one."""

    id: str


@dataclass(frozen=True)
class EndedElement:
    """An order that ended and was caused by another one, which is told so."""

    id: str


@dataclass(frozen=True)
class DeadElement:
    """A record that could not be decoded, with where it stands; key and value are base64."""

    topic: str
    partition: int
    offset: int
    key: str | None
    value: str
    reason: str
    detail: str
    element: str | None = (
        None  # set instead of a place in a topic when an element could not be written
    )

    @property
    def id(self) -> str:
        return self.element or f"{self.topic}:{self.partition}:{self.offset}"


Element = (
    OrderElement
    | WaitingElement
    | CommandElement
    | AliasElement
    | MessageElement
    | EndedElement
    | DeadElement
)

_KINDS: dict[str, type[Element]] = {
    "order": OrderElement,
    "waiting": WaitingElement,
    "command": CommandElement,
    "alias": AliasElement,
    "message": MessageElement,
    "ended": EndedElement,
    "dead": DeadElement,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_TEXT = json.JSONEncoder(separators=(",", ":"))


def dump(element: Element) -> str:
    return _TEXT.encode([_NAMES[type(element)], vars(element)])


def load(text: str) -> Element:
    name, fields = json.loads(text)
    if name == "order":
        fields["signals"] = tuple((reason, detail) for reason, detail in fields["signals"])
    return _KINDS[name](**fields)


def element_id(element: Element) -> str:
    """What names the element in logs and dead letters."""
    return element.key if isinstance(element, AliasElement) else element.id


def shard_of(key: str, shards: int) -> int:
    """A stable spread of accounts (or other keys) over shards, the same in every process and release."""
    return zlib.crc32(key.encode()) % shards
